using FiberLink.Events.Tips;

namespace FiberLink.Projections;

/// <summary>Where a tip stands, as it is shown.</summary>
public enum TipStage
{
    Requested = 1,
    AwaitingPayment = 2,
    Received = 3,
    Settled = 4,
    Expired = 5,
    Cancelled = 6,

    /// <summary>Paid, but not as ordered: an operator decides.</summary>
    Suspended = 7,
}

/// <summary>What a tip's events say about where it stands.</summary>
public static class TipStages
{
    /// <summary>The stage after an event; null when it is not about a tip.</summary>
    public static TipStage? After(object @event) =>
        @event switch
        {
            TipEvent.Requested => TipStage.Requested,
            TipEvent.InvoiceIssued => TipStage.AwaitingPayment,
            TipEvent.PaymentReceived => TipStage.Received,
            TipEvent.Settled or TipEvent.PaidTwice => TipStage.Settled,
            TipEvent.Expired => TipStage.Expired,
            TipEvent.Cancelled => TipStage.Cancelled,
            TipEvent.Suspended => TipStage.Suspended,
            _ => null,
        };
}
