using FiberLink.Events;
using FiberLink.Events.Money;
using FiberLink.Events.Tips;
using FiberLink.EventStore;

namespace FiberLink.Projections.Tests;

/// <summary>One tip, and the events that can have happened to it.</summary>
public sealed record Tip(string From, string To, UInt128 Units)
{
    public static DateTimeOffset Noon { get; } = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    public Guid Id { get; init; } = Guid.CreateVersion7();

    public string Tenant { get; init; } = "demo";

    public Asset Asset { get; init; } = Asset.Ckb;

    /// <summary>When it was requested; what follows is a minute apart.</summary>
    public DateTimeOffset At { get; init; } = Noon;

    public SealedText? Message { get; init; }

    public StreamId Stream => new(Tenant, $"tip-{Id:N}");

    public string Invoice => $"fibt1{Id:N}";

    public string PaymentHash => $"0x{Id:N}{Id:N}";

    public Amount Amount => new(Asset, Units);

    public TipEvent Requested => new TipEvent.Requested(
        Id, $"post-{Id:N}", From, To, Amount, Message, new(PaymentHash, HashAlgorithm.CkbHash, "k1", "Fibt", 3_600), At);

    public TipEvent Issued => new TipEvent.InvoiceIssued(Id, Invoice, At.AddMinutes(1), At.AddHours(1));

    public TipEvent Received => new TipEvent.PaymentReceived(Id, At.AddMinutes(2));

    public TipEvent Settled => SettledAt(At.AddMinutes(3));

    public TipEvent Expired => new TipEvent.Expired(Id, At.AddHours(1));

    public TipEvent Cancelled => new TipEvent.Cancelled(Id, CancelReason.NodeReported, At.AddMinutes(4));

    public TipEvent Refused => new TipEvent.Cancelled(Id, CancelReason.NodeRefused, At.AddMinutes(1));

    public TipEvent Suspended => new TipEvent.Suspended(
        Id,
        InvoiceDifference.Amount,
        new(PaymentHash, Asset.Code, "1"),
        JournalEntry.Move(Amount, (Account.HubChannels, null), (Account.Suspense, null)),
        At.AddMinutes(3));

    public TipEvent SettledAt(DateTimeOffset at, bool late = false) => new TipEvent.Settled(
        Id, To, Amount, late, JournalEntry.Move(Amount, (Account.HubChannels, null), (Account.MemberAvailable, To)), at);

    /// <summary>An entry of any kind, on an event that may carry one.</summary>
    public TipEvent Moving(JournalEntry entry) =>
        new TipEvent.Suspended(Id, InvoiceDifference.Amount, new(PaymentHash, Asset.Code, "1"), entry, At.AddMinutes(5));

    public Happening Happens(params TipEvent[] events) => new(Stream, At, events);
}
