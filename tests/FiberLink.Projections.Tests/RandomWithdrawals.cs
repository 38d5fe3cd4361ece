using FiberLink.Events;
using FiberLink.Events.Money;
using FiberLink.Events.Withdrawals;
using FiberLink.EventStore;

namespace FiberLink.Projections.Tests;

/// <summary>Withdrawals that may have happened, drawn from a seed. Who comes later takes the cell or the invoice of one before.</summary>
internal static class RandomWithdrawals
{
    private const string Member = "walt";

    private static readonly string[] Endings =
    [
        "Requested Prepared AttemptFailed Failed",
        "Requested Prepared Replaced ReplacementFailed Failed",
        "Requested Prepared AttemptFailed PreparedAgain ReplacementFailed Failed PaidAfterFailure",
        "Requested HeldBack Released Cancelled",
        "Requested Awaited Covered Prepared Sent AttemptFailed Cancelled",
    ];

    private static readonly string[] Lives =
    [
        "Requested Awaited Prepared Sent InBlock Completed TakenBack InOtherBlock UsdQuoted MadeFinal",
        "Requested Prepared Sent InBlock TakenBack InBlock CompletedWorth MadeFinal",
        "Requested HeldBack Released Prepared Replaced Sent Completed UsdQuoted TakenBack InBlock",
        "Requested Prepared AttemptFailed InBlock Completed",
        "Requested Prepared AttemptFailed PreparedAgain Completed PaidAfterFailure",
        "Requested Prepared InBlock Completed TakenBack Lost",
        "Requested Prepared InBlock CompletedWorth TakenBack Lost PaidAfterFailure",
    ];

    private static readonly string[] Payments =
    [
        "Requested Prepared Sent Completed UsdQuoted",
        "Requested Prepared AttemptFailed PreparedAgain CompletedWorth",
        "Requested Awaited HeldBack Released Prepared",
    ];

    private static readonly string[] PaymentEndings = ["Requested Prepared AttemptFailed Failed", "Requested Cancelled"];

    public static IEnumerable<Happening> Funds() =>
        from tenant in (string[])["demo", "other"]
        from asset in (Asset[])[Asset.Ckb, new("USDI")]
        select Withdrawal.Funds(tenant, Member, asset, long.MaxValue);

    /// <summary>Operators change their minds.</summary>
    public static IEnumerable<Happening> Rules()
    {
        var limits = new PayoutLimits(
            true, new(Asset.Ckb, 1), new(Asset.Ckb, 2), new(Asset.Ckb, UInt128.MaxValue), null, 60, new(Asset.Ckb, 0), 0);
        var rounds = from round in Enumerable.Range(0, 3) from tenant in (string[])["demo", Tenants.Hub] select (tenant, round);
        foreach (var (tenant, round) in rounds)
        {
            PayoutControlEvent[] stops =
            [
                new PayoutControlEvent.Paused(null, "olga", $"incident {round}", Tip.Noon),
                new PayoutControlEvent.Paused(Asset.Ckb, "olga", "coins", Tip.Noon),
                new PayoutControlEvent.Denied(DenialKind.Member, "walt", "olga", $"{round}", Tip.Noon),
                new PayoutControlEvent.Denied(DenialKind.Destination, "ckt1qthief", "olga", "thief", Tip.Noon),
                new PayoutControlEvent.Readmitted(DenialKind.Destination, "ckt1qthief", "olga", "no thief", Tip.Noon),
                new PayoutControlEvent.Resumed(round == 1 ? Asset.Ckb : null, "olga", "over", Tip.Noon),
            ];
            yield return new(new(tenant, "payout-control"), Tip.Noon, stops[..(3 + round)]);
            yield return new(new(tenant, "payout-control"), Tip.Noon, stops[(3 + round)..]);
            yield return new(
                new(tenant, "payout-policy-CKB"),
                Tip.Noon,
                [new PayoutPolicyEvent.Changed(Asset.Ckb, limits with { CooldownSeconds = round }, "olga", "why", Tip.Noon)]);
        }
    }

#pragma warning disable CA5394 // A seed that is printed is worth more here than one that nobody can guess.
    public static IEnumerable<(StreamId Stream, object Event)> Draw(Random random, string tenant, Asset asset, int index)
    {
        var isPayment = random.Next(3) == 0;
        var first = new Withdrawal(Member, (UInt128)random.Next(100, 10_000))
        {
            Tenant = tenant,
            Asset = asset,
            At = Tip.Noon.AddSeconds(index),
            PaymentHash = isPayment ? $"0x{Guid.CreateVersion7():N}" : null,
            Cell = $"0x{Guid.CreateVersion7():N}:0",
        };
        var (endings, lives) = isPayment ? (PaymentEndings, Payments) : (Endings, Lives);
        for (var before = random.Next(3); before > 0; before--)
        {
            var ended = first with { Id = Guid.CreateVersion7() };
            foreach (var @event in ended.Life(endings[random.Next(endings.Length)]))
            {
                yield return (ended.Stream, @event);
            }
        }

        var life = first.Life(lives[random.Next(lives.Length)]).ToArray();
        foreach (var @event in life.Take(random.Next(1, life.Length + 3)))
        {
            yield return (first.Stream, @event);
        }
    }
#pragma warning restore CA5394
}
