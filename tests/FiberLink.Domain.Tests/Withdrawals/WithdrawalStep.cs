using System.Globalization;
using FiberLink.Domain.Withdrawals;
using FiberLink.Events.Money;
using FiberLink.Events.Withdrawals;
using FsCheck;
using FsCheck.Fluent;
using static FiberLink.Domain.Tests.Withdrawals.WithdrawalCommands;
using static FiberLink.Domain.Tests.Withdrawals.WithdrawalExamples;

namespace FiberLink.Domain.Tests.Withdrawals;

/// <summary>Something that is asked or seen next, whatever came before. It prints as what it is.</summary>
internal sealed record WithdrawalStep(string Name, Func<WithdrawalState, IReadOnlyList<WithdrawalCommand>, WithdrawalCommand?> Command)
{
    private const int AttemptsTried = 6;

    private static readonly UInt128[] Fees =
        [0, 1, 50_000_000, 50_000_001, Amount.UnitsMax - Ckb(100).Units, Amount.UnitsMax, Amount.UnitsMax + 1, UInt128.MaxValue];

    private static readonly string[] Blocks = [BlockA, BlockB, "0xcc"];

    private static readonly WithdrawalStep[] Requests =
    [
        .. from request in (WithdrawalCommand.Request[])
           [
               Request,
               Request with { Destination = Invoice, Facts = InvoiceFacts },
               Request with { Destination = TipInvoice, Facts = OnChainFacts with { Minimum = 0, Fee = 0 } },
               Request with
               {
                   Amount = new(Usdi, 5_000),
                   Facts = OnChainFacts with { Minimum = 0, Fee = 0, Available = 5_000 },
               },
           ]
           from limits in (PayoutLimits[])
           [
               Limits, Limits with { ApprovalAbove = Shannon(0) }, Limits with { NewDestinationWaitSeconds = 3_600 },
           ]
           select new WithdrawalStep(
               $"Request {request.Amount} to {request.Destination.Kind}, {limits}",
               (_, _) => request with { Facts = request.Facts with { Limits = limits } }),
    ];

    /// <summary>What leads on, so that sequences get somewhere.</summary>
    private static readonly WithdrawalStep[] Attempts =
    [
        new("Lose what was paid", (s, _) =>
            s is WithdrawalState.Completed c ? new WithdrawalCommand.ReportLost(c.Attempt, "gone", Now) : null),
        new("Transfer within the hub", (_, _) => new WithdrawalCommand.Transfer(Usd, Later)),
        .. from cells in (string[][])[["a"], ["b"], ["a", "b"], ["c", "d"]]
           select new WithdrawalStep($"Prepare over {string.Join('+', cells)}", (s, _) => Prepare(s, cells, null)),
        .. from extra in (string[])["", "e", "f"]
           select new WithdrawalStep($"Replace, spending {extra} too", (s, _) => Replace(s, inputs => [extra, .. inputs])),
        new("Replace, leaving out a cell", (s, _) => Replace(s, inputs => inputs.Skip(1))),
        .. from fee in (UInt128[])[0, 1, 50_000_000, 50_000_001, UInt128.MaxValue]
           select new WithdrawalStep(
               $"Prepare a payment for {fee}", (s, _) => new WithdrawalCommand.PreparePayment(Number(s) + 1, Shannon(fee), Later)),
    ];

    private static readonly WithdrawalStep[] Seen =
    [
        .. from back in Enumerable.Range(0, 3)
           from step in (WithdrawalStep[])
           [
               Of("sent", back, k => new WithdrawalCommand.ReportSent(k, Now)),
               .. Blocks.Select(b => Of($"in {b}", back, k => new WithdrawalCommand.ReportInBlock(k, 7, b, Now))),
               .. Blocks.Select(b => Of($"gone with {b}", back, k => new WithdrawalCommand.ReportTakenBack(k, b, Now))),
               .. Fees.Select(f => Of($"paid for {f}", back, k => new WithdrawalCommand.ReportPaid(k, Shannon(f), Usd, Now))),
               Of("paid for tokens", back, k => new WithdrawalCommand.ReportPaid(k, new(Usdi, UInt128.MaxValue), null, Now)),
               Of("failed", back, k => new WithdrawalCommand.ReportFailed(k, "dead", RetryAt, null, Now)),
               Of("lost", back, k => new WithdrawalCommand.ReportLost(k, "gone", Now)),
               Of("final", back, k => new WithdrawalCommand.ReportFinal(k, Now)),
           ]
           select step,
        .. from k in Enumerable.Range(-1, AttemptsTried)
           select new WithdrawalStep($"Report attempt {k} paid", (_, _) => new WithdrawalCommand.ReportPaid(k, null, null, Now)),
    ];

    private static readonly WithdrawalStep[] Said =
        [.. Commands.Select(c => new WithdrawalStep(c.Key, (_, _) => c.Value))];

    // News that comes a second time, late.
    private static readonly WithdrawalStep[] Again =
    [
        .. from back in Enumerable.Range(1, 12)
           select new WithdrawalStep($"The {back}th last once more", (_, asked) => asked.Count < back ? null : asked[^back]),
    ];

    public static Arbitrary<WithdrawalStep[]> Sequences { get; } = Arb.From(
        from first in Gen.Frequency((19, Gen.Elements(Requests)), (1, Gen.Elements(Said)))
        from rest in Gen.Frequency(
            (4, Gen.Elements(Attempts)), (5, Gen.Elements(Seen)), (2, Gen.Elements(Said)), (1, Gen.Elements(Again))).ListOf()
        select (WithdrawalStep[])[first, .. rest],
        steps => steps.Select((_, i) => (WithdrawalStep[])[.. steps[..i], .. steps[(i + 1)..]]));

    public override string ToString() => Name;

    private static WithdrawalStep Of(string what, int back, Func<int, WithdrawalCommand> command) =>
        new($"The last attempt but {back} {what}", (s, _) => command(Number(s) - back));

    private static int Number(WithdrawalState state) => state is WithdrawalState.Known known ? known.Attempts.Length : 0;

    private static WithdrawalCommand.PrepareTransaction? Replace(
        WithdrawalState state, Func<IReadOnlyList<string>, IEnumerable<string>> cells) =>
        state is WithdrawalState.Known { Last.Transaction: { } last }
            ? Prepare(state, [.. cells(last.Inputs).Where(c => c.Length > 0).Distinct()], last.Hash)
            : null;

    /// <summary>Of the hash nothing counts but that other words have another one.</summary>
    private static WithdrawalCommand.PrepareTransaction Prepare(WithdrawalState state, string[] cells, string? replaces)
    {
        var number = Number(state) + 1;
        var isToken = state is WithdrawalState.Known { Terms.Pays: var pays } && pays.Asset != Asset.Ckb;
        var hash = string.Create(CultureInfo.InvariantCulture, $"0x{string.Join('+', cells)}:{replaces}");

        // One that takes another's place costs more than the member pays.
        var fee = Shannon(replaces is null ? 777u : 3_777u);
        return new(number, Spending(hash, cells, replaces) with { Fee = fee, Capacity = Ckb(isToken ? 142u : 0) }, Later);
    }
}
