using FiberLink.Domain.Tips;
using FiberLink.Events.Tips;
using static FiberLink.Domain.Tests.Tips.TipExamples;

namespace FiberLink.Domain.Tests.Tips;

/// <summary>The specification of a tip, command by command: what follows in each state.</summary>
internal static class TipTable
{
    private static readonly string[] Known = [.. States.Keys.Except([When.Unknown])];

    /// <summary>No invoice is on record that people were shown.</summary>
    private static readonly string[] CancelledUnissued = [When.CancelledAsDiffering, When.CancelledAsRefused];

    /// <summary>Where the money is known to be: nothing the node says later changes it.</summary>
    private static readonly string[] Final =
        [When.Settled, When.SettledWithin, When.PaidTwice, When.Suspended, When.SuspendedUnissued];

    // A payment within the hub is another one than a payment at the node.
    private static readonly string[] PaidAtTheNode = [.. Final.Except([When.SettledWithin])];

    public static IReadOnlyList<Cell> Cells { get; } =
    [
        .. Asked(Ask.Request)
            .In(When.Unknown).Gives(Requested)
            .In(Known).GivesNothing(),

        .. Asked(Ask.RequestOtherwise)
            .In(When.Unknown).Gives(((TipEvent.Requested)Requested) with { To = "carol" })
            .In(Known).IsRefused(TipRefusal.TipExistsWithOtherTerms),

        .. Asked(Ask.RequestNothing)
            .In(When.Unknown).IsRefused(TipRefusal.AmountIsOutOfRange)
            .In(Known).IsRefused(TipRefusal.TipExistsWithOtherTerms),

        .. Asked(Ask.GiveUp)
            .In(When.Unknown).IsRefused(TipRefusal.TipIsUnknown)
            .In(When.Requested).Gives(CancelledAsRefused)
            .In([.. Known.Except([When.Requested])]).GivesNothing(),

        .. Asked(Ask.Reject)
            .In(When.Unknown).IsRefused(TipRefusal.TipIsUnknown)
            .In(When.Requested).Gives(CancelledAsDiffering)
            .In([.. Known.Except([When.Requested])]).GivesNothing(),

        .. Asked(Ask.Issue)
            .In(When.Unknown).IsRefused(TipRefusal.TipIsUnknown)
            .In([When.Requested, .. CancelledUnissued]).Gives(Issued)
            .In(When.Awaiting, When.AwaitingAgain, When.Received, When.ReceivedLate).GivesNothing()
            .In(When.Expired, When.CancelledByNode).GivesNothing()
            .In(Final).GivesNothing(),

        .. Asked(Ask.IssueOther)
            .In(When.Unknown).IsRefused(TipRefusal.TipIsUnknown)
            .In(When.Requested).Gives(CancelledAsDiffering)
            .In([.. Known.Except([When.Requested])]).GivesNothing(),

        .. Asked(Ask.Receive)
            .In(When.Unknown).IsRefused(TipRefusal.TipIsUnknown)
            .In([When.Requested, .. CancelledUnissued]).Gives(Issued, Received)
            .In(When.Awaiting, When.AwaitingAgain, When.Expired, When.CancelledByNode).Gives(Received)
            .In(When.Received, When.ReceivedLate).GivesNothing()
            .In(Final).GivesNothing(),

        .. Asked(Ask.ReceiveOther)
            .In(When.Unknown).IsRefused(TipRefusal.TipIsUnknown)
            .In(When.Requested).Gives(CancelledAsDiffering)
            .In(CancelledUnissued).GivesNothing()
            .In(When.Awaiting, When.AwaitingAgain, When.Expired, When.CancelledByNode).Gives(Received)
            .In(When.Received, When.ReceivedLate).GivesNothing()
            .In(Final).GivesNothing(),

        .. Asked(Ask.Pay)
            .In(When.Unknown).IsRefused(TipRefusal.TipIsUnknown)
            .In(When.Requested).Gives(Issued, Settled)
            .In(When.Awaiting, When.Received).Gives(Settled)
            .In(When.AwaitingAgain, When.ReceivedLate, When.Expired, When.CancelledByNode).Gives(SettledLate)
            .In(CancelledUnissued).Gives(Issued, SettledLate)
            .In(When.SettledWithin).Gives(PaidTwice)
            .In(PaidAtTheNode).GivesNothing(),

        .. Asked(Ask.PayOther)
            .In(When.Unknown).IsRefused(TipRefusal.TipIsUnknown)
            .In([.. Known.Except(Final)]).Gives(Suspended)
            .In(When.SettledWithin).Gives(PaidTwiceDiffering)
            .In(PaidAtTheNode).GivesNothing(),

        .. Asked(Ask.SettleWithin)
            .In(When.Unknown).IsRefused(TipRefusal.TipIsUnknown)
            .In(When.Awaiting).GivesOnce(TipRefusal.IsPaid, SettledWithin)
            .In([When.Requested, When.AwaitingAgain, .. CancelledUnissued]).IsRefused(TipRefusal.CannotBePaid)
            .In(When.Expired, When.CancelledByNode).IsRefused(TipRefusal.CannotBePaid)
            .In([When.Received, When.ReceivedLate, .. Final]).IsRefused(TipRefusal.IsPaid),

        .. Asked(Ask.SettleWithinOther)
            .In(When.Unknown).IsRefused(TipRefusal.TipIsUnknown)
            .In([When.Requested, .. CancelledUnissued]).IsRefused(TipRefusal.CannotBePaid)
            .In(When.Awaiting, When.AwaitingAgain, When.Expired, When.CancelledByNode).IsRefused(TipRefusal.InvoiceDiffers)
            .In([When.Received, When.ReceivedLate, .. Final]).IsRefused(TipRefusal.IsPaid),

        .. Asked(Ask.SettleWithinOneself)
            .In(When.Unknown).IsRefused(TipRefusal.TipIsUnknown)
            .In([When.Received, When.ReceivedLate, .. Final]).IsRefused(TipRefusal.IsPaid)
            .In([.. Known.Except([When.Received, When.ReceivedLate, .. Final])]).IsRefused(TipRefusal.PayerIsRecipient),

        .. Asked(Ask.Expire)
            .In(When.Unknown).IsRefused(TipRefusal.TipIsUnknown)
            .In([When.Requested, .. CancelledUnissued]).Gives(Issued, Expired)
            .In(When.Awaiting, When.AwaitingAgain, When.Received, When.ReceivedLate).Gives(Expired)
            .In(When.Expired, When.CancelledByNode).GivesNothing()
            .In(Final).GivesNothing(),

        .. Asked(Ask.ExpireOther)
            .In(When.Unknown).IsRefused(TipRefusal.TipIsUnknown)
            .In(When.Requested).Gives(CancelledAsDiffering)
            .In(CancelledUnissued).GivesNothing()
            .In(When.Awaiting, When.AwaitingAgain, When.Received, When.ReceivedLate).Gives(Expired)
            .In(When.Expired, When.CancelledByNode).GivesNothing()
            .In(Final).GivesNothing(),

        .. Asked(Ask.Cancel)
            .In(When.Unknown).IsRefused(TipRefusal.TipIsUnknown)
            .In([When.Requested, .. CancelledUnissued]).Gives(Issued, CancelledByNode)
            .In(When.Awaiting, When.AwaitingAgain, When.Received, When.ReceivedLate, When.Expired).Gives(CancelledByNode)
            .In(When.CancelledByNode).GivesNothing()
            .In(Final).GivesNothing(),

        .. Asked(Ask.CancelOther)
            .In(When.Unknown).IsRefused(TipRefusal.TipIsUnknown)
            .In(When.Requested).Gives(CancelledAsDiffering)
            .In(CancelledUnissued).GivesNothing()
            .In(When.Awaiting, When.AwaitingAgain, When.Received, When.ReceivedLate, When.Expired).Gives(CancelledByNode)
            .In(When.CancelledByNode).GivesNothing()
            .In(Final).GivesNothing(),
    ];

    private static Row Asked(string command) => new(command, []);

    /// <summary>One command in one state: the events that follow, or the refusal.</summary>
    internal sealed record Cell(string Command, string State, IReadOnlyList<TipEvent> Events, TipRefusal? Refusal)
    {
        /// <summary>What whoever asks a second time is told; null where that is nothing new.</summary>
        public TipRefusal? Again { get; init; }
    }

    private sealed class Row(string command, IReadOnlyList<Cell> cells) : IEnumerable<Cell>
    {
        public Place In(params string[] states) => new(this, states);

        public IEnumerator<Cell> GetEnumerator() => cells.GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();

        private Row With(string[] states, TipEvent[] events, TipRefusal? refusal, TipRefusal? again = null) =>
            new(command, [.. cells, .. states.Select(s => new Cell(command, s, events, refusal) { Again = again })]);

        internal sealed class Place(Row row, string[] states)
        {
            public Row Gives(params TipEvent[] events) => row.With(states, events, null);

            public Row GivesOnce(TipRefusal again, params TipEvent[] events) => row.With(states, events, null, again);

            public Row GivesNothing() => row.With(states, [], null);

            public Row IsRefused(TipRefusal reason) => row.With(states, [], reason);
        }
    }
}
