using FiberLink.Domain.Withdrawals;
using FiberLink.Events.Withdrawals;
using static FiberLink.Domain.Tests.Withdrawals.WithdrawalCommands;
using static FiberLink.Domain.Tests.Withdrawals.WithdrawalExamples;
using static FiberLink.Domain.Tests.Withdrawals.WithdrawalStates;

namespace FiberLink.Domain.Tests.Withdrawals;

/// <summary>The specification of a withdrawal, command by command: what follows in each state. The rest gives nothing new.</summary>
internal static partial class WithdrawalTable
{
    private static readonly string[] QueuedOnChain =
        [When.Queued, When.NeedingApproval, When.Approved, When.CoolingOff, When.HeldBack, When.AwaitingLiquidity, When.Retrying];

    private static readonly string[] QueuedInvoices = [When.InvoiceQueued, When.InvoiceRetrying];

    private static readonly string[] Queued = [.. QueuedOnChain, .. QueuedInvoices, When.TipQueued];

    private static readonly string[] UnderWayOnChain =
    [
        When.Prepared, When.Sent, When.Replaced, When.ReplacedSent, When.InBlock, When.ReplacedInBlock, When.Second, When.DeadInBlock,
    ];

    private static readonly string[] PaymentsUnderWay = [When.InvoicePrepared, When.InvoiceSent, When.InvoiceSecond];

    private static readonly string[] UnderWay = [.. UnderWayOnChain, .. PaymentsUnderWay];

    private static readonly string[] Over = [.. States.Keys.Except([When.Unknown, .. Queued, .. UnderWay])];

    private static readonly string[] Invoices =
        [.. QueuedInvoices, .. PaymentsUnderWay, When.InvoicePaid, When.InvoiceFailed, When.InvoicePaidAfterFailure];

    private static readonly string[] WithinHub = [When.TipQueued, When.TipPaid];

    private static readonly string[] OnChain = [.. States.Keys.Except([When.Unknown, .. Invoices, .. WithinHub])];

    private static readonly string[] NeverTried =
        [.. Queued.Except([When.Retrying, When.InvoiceRetrying]), When.GivenUp, When.Cancelled, When.TipPaid];

    private static readonly string[] TriedTwice =
    [
        When.Replaced, When.ReplacedSent, When.ReplacedInBlock, When.Second, When.DeadInBlock, When.CompletedByReplacement,
        When.ReplacementTakenBack, When.CompletedByDead, When.LostReplacement, When.LostSecond, When.PaidTwice, When.InvoiceSecond,
    ];

    private static readonly string[] TriedOnce = [.. States.Keys.Except([When.Unknown, .. NeverTried, .. TriedTwice])];

    // Whether a block has it or not is all the same to these.
    private static readonly string[] InBlock = [When.InBlock, When.ReplacedInBlock, When.DeadInBlock];

    public static IReadOnlyList<Cell> Cells { get; } =
    [
        .. Requests(),
        .. Decisions(),
        .. Preparing(),
        .. Sightings(),
    ];

    private static IEnumerable<Cell> Requests() =>
    [
        .. Asked(Ask.Request).In(When.Unknown).Gives(Requested)
            .In([.. Invoices, .. WithinHub]).IsRefused(WithdrawalRefusal.ExistsWithOtherTerms).Rest(),
        .. Asked(Ask.RequestInvoice).In(When.Unknown).Gives(InvoiceRequested)
            .In([.. OnChain, .. WithinHub]).IsRefused(WithdrawalRefusal.ExistsWithOtherTerms).Rest(),
        .. Asked(Ask.RequestTip).In(When.Unknown).Gives(TipRequested)
            .In([.. OnChain, .. Invoices]).IsRefused(WithdrawalRefusal.ExistsWithOtherTerms).Rest(),
        .. Asked(Ask.RequestOtherwise)
            .In(When.Unknown).Gives(Requested with
            {
                Amount = Ckb(99),
                Pays = Shannon(98_99999000),
                Hold = Ckb(99),
                Entry = Hold(Ckb(99)),
            })
            .In(OnChain).IsRefused(WithdrawalRefusal.ExistsWithOtherTerms)
            .In([.. Invoices, .. WithinHub]).IsRefused(WithdrawalRefusal.ExistsWithOtherTerms).Rest(),
        .. Asked(Ask.RequestTooMuch).In(When.Unknown).IsRefused(WithdrawalRefusal.RuleIsBroken)
            .In([.. Invoices, .. WithinHub]).IsRefused(WithdrawalRefusal.ExistsWithOtherTerms).Rest(),
    ];

    private static IEnumerable<Cell> Decisions() =>
    [
        .. Decided(Ask.Approve)
            .In(When.NeedingApproval).Gives(Approved)
            .In(When.Approved).GivesNothing()
            .In([.. Queued.Except([When.NeedingApproval, When.Approved])]).IsRefused(WithdrawalRefusal.NothingToApprove)
            .In(Over).IsRefused(WithdrawalRefusal.IsOver).Rest(),
        .. Decided(Ask.ApproveOneself)
            .In(When.NeedingApproval, When.Approved).IsRefused(WithdrawalRefusal.ApproverIsRequester)
            .In([.. Queued.Except([When.NeedingApproval, When.Approved])]).IsRefused(WithdrawalRefusal.NothingToApprove)
            .In(Over).IsRefused(WithdrawalRefusal.IsOver).Rest(),
        .. Decided(Ask.HoldBack)
            .In([.. Queued.Except([When.HeldBack])]).Gives(HeldBack)
            .In(Over).IsRefused(WithdrawalRefusal.IsOver).Rest(),
        .. Decided(Ask.Release)
            .In(When.CoolingOff, When.HeldBack, When.Retrying, When.InvoiceRetrying).Gives(Released)
            .In(Over).IsRefused(WithdrawalRefusal.IsOver).Rest(),
        .. Decided(Ask.Cancel)
            .In([.. QueuedOnChain, When.TipQueued]).Gives(Cancelled)
            .In(QueuedInvoices).Gives(InvoiceCancelled)
            .In([.. Over.Except([When.Cancelled])]).IsRefused(WithdrawalRefusal.IsOver).Rest(),
        .. Decided(Ask.GiveUp)
            .In([.. QueuedOnChain, When.TipQueued]).Gives(Failed)
            .In(QueuedInvoices).Gives(InvoiceFailed).Rest(),
        .. Decided(Ask.GiveUpUnapproved).In(When.NeedingApproval).Gives(NotApproved).Rest(),
        .. Decided(Ask.GiveUpUnreleased).In(When.HeldBack).Gives(NotReleased).Rest(),
        .. Known(Ask.AwaitLiquidity).In([.. Queued.Except([When.AwaitingLiquidity])]).Gives(Awaited).Rest(),
        .. Known(Ask.ReportCovered).In(When.AwaitingLiquidity).Gives(Covered).Rest(),
        .. Known(Ask.QuoteUsd)
            .In(When.Completed, When.CompletedTakenBack, When.CompletedByReplacement, When.CompletedByDead, When.Final)
            .Gives(UsdQuoted)
            .In(When.ReplacementTakenBack, When.InvoicePaid, When.TipPaid).Gives(UsdQuoted).Rest(),
    ];

    private static Row Known(string command) => Asked(command).In(When.Unknown).IsRefused(WithdrawalRefusal.WithdrawalIsUnknown);

    /// <summary>Nobody can call back what may have been sent.</summary>
    private static Row Decided(string command) => Known(command).In(UnderWay).IsRefused(WithdrawalRefusal.IsOnItsWay);

    private static Row Asked(string command) => new(command, []);

    /// <summary>One command in one state: the events that follow, or the refusal.</summary>
    internal sealed record Cell(string Command, string State, IReadOnlyList<WithdrawalEvent> Events, WithdrawalRefusal? Refusal);

    private sealed class Row(string command, IReadOnlyList<Cell> cells)
    {
        public Place In(params string[] states) => new(this, states);

        public IEnumerable<Cell> Rest() =>
            With([.. States.Keys.Except(cells.Select(c => c.State))], [], null).Cells;

        private IReadOnlyList<Cell> Cells => cells;

        private Row With(string[] states, WithdrawalEvent[] events, WithdrawalRefusal? refusal) =>
            new(command, [.. cells, .. states.Select(s => new Cell(command, s, events, refusal))]);

        internal sealed class Place(Row row, string[] states)
        {
            public Row Gives(params WithdrawalEvent[] events) => row.With(states, events, null);

            public Row GivesNothing() => row.With(states, [], null);

            public Row IsRefused(WithdrawalRefusal reason) => row.With(states, [], reason);
        }
    }
}
