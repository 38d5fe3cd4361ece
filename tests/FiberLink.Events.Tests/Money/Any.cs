using FiberLink.Events.Money;
using FsCheck;
using FsCheck.Fluent;

namespace FiberLink.Events.Tests.Money;

/// <summary>Random money: as often near the limits, where mistakes live, as anywhere.</summary>
internal static class Any
{
    private static readonly UInt128[] Limits =
        [0, 1, long.MaxValue, ulong.MaxValue, (UInt128)ulong.MaxValue + 1, Amount.UnitsMax, Amount.UnitsMax + 1, UInt128.MaxValue];

    public static Gen<Asset> Asset { get; } =
        Gen.OneOf(
            Gen.Elements(Events.Money.Asset.Ckb, new Asset("USDI"), new Asset("RUSD")),
            from first in Letter
            from rest in Gen.OneOf(Letter, Gen.Choose('0', '9').Select(c => (char)c)).NonEmptyListOf()
            select new Asset(first + string.Concat(rest.Take(Events.Money.Asset.CodeLengthMax - 1))));

    public static Gen<UInt128> Units { get; } =
        Gen.OneOf(
            from high in Word from low in Word select new UInt128(high, low),
            from low in Word select (UInt128)low,
            Gen.Elements(Limits),
            from limit in Gen.Elements(Limits) from near in Gen.Choose(0, 3) select unchecked(limit - (UInt128)near));

    /// <summary>Units that a journal can post: 1 to <see cref="Amount.UnitsMax"/>.</summary>
    public static Gen<UInt128> PostableUnits { get; } = Units.Where(u => u > 0 && u <= Amount.UnitsMax);

    public static Gen<(Account Account, string? Member)> Place { get; } =
        from account in Gen.Elements(Enum.GetValues<Account>())
        from member in Gen.Elements("alice", "bob", "carol")
        select (account, Posting.BelongsToMember(account) ? member : null);

    private static Gen<char> Letter => Gen.Choose('A', 'Z').Select(c => (char)c);

    private static Gen<ulong> Word => ArbMap.Default.GeneratorFor<DoNotSize<ulong>>().Select(w => w.Item);
}
