using FiberLink.Domain.Tips;
using FiberLink.Events;
using FiberLink.Events.Money;
using FiberLink.Events.Tips;
using FiberLink.EventStore;
using FiberLink.Projections;
using FiberLink.Projections.InvoiceWatch;

namespace FiberLink.Service.Reconciliation;

/// <summary>A tip as the log has it, and no read model between.</summary>
/// <param name="Tenant">The community.</param>
/// <param name="Terms">What was agreed.</param>
/// <param name="Stage">Where it stands.</param>
/// <param name="Invoice">The text that people were shown; null when none was recorded.</param>
/// <param name="Booked">What the books say the node was paid: credited, or in suspense; null for nothing.</param>
/// <param name="IsPaidWithin">A member has paid it within the hub; the node need not have been paid.</param>
/// <param name="ExpiresAt">Until when its invoice can be paid; null when none was recorded.</param>
/// <param name="TraceParent">The trace of the request that asked for it.</param>
internal sealed record LoggedTip(
    string Tenant, TipTerms Terms, TipStage Stage, string? Invoice, Amount? Booked, bool IsPaidWithin, DateTimeOffset? ExpiresAt,
    string? TraceParent)
{
    /// <summary>The stored name of the event that every tip begins with.</summary>
    public static string FirstEvent { get; } = EventContracts.All.Single(c => c.Json.Type == typeof(TipEvent.Requested)).Name;

    /// <summary>When the last thing happened to it; null where nobody has said.</summary>
    public DateTimeOffset? LastAt { get; init; }

    /// <summary>The books have what the node was paid. Of what a member has paid within the hub they need not.</summary>
    public bool IsPlaced => Stage is TipStage.Suspended || (Stage is TipStage.Settled && !(IsPaidWithin && Booked is null));

    /// <summary>What there is to ask the node.</summary>
    public WatchedInvoice Watched =>
        new(Tenant, Terms.TipId, Terms.Order.PaymentHash, Stage, Terms.RequestedAt, ExpiresAt ?? Terms.RequestedAt, TraceParent);

    /// <param name="stream">A tip's, whole.</param>
    public static LoggedTip Of(EventStream stream)
    {
        var events = stream.Events.Select(e => (TipEvent)e.Body).ToArray();
        var state = (TipState.Known)events.Aggregate(TipState.Initial, TipState.Evolve);
        var entry = events.OfType<IMovesMoney>().LastOrDefault(e => e is not TipEvent.Settled settled || !settled.WasPaidWithin())?.Entry;
        return new(
            stream.Id.Tenant,
            state.Terms,
            TipStages.After(events[^1])!.Value,
            TipState.InvoiceIn(state),
            entry?.Postings.Where(p => p.Units > 0).Select(p => (Amount?)new Amount(p.Asset, (UInt128)p.Units)).First(),
            state is TipState.Settled { IsPaidWithin: true },
            events.OfType<TipEvent.InvoiceIssued>().LastOrDefault()?.ExpiresAt,
            stream.Events[0].Metadata.TraceParent)
        {
            LastAt = stream.Events[^1].At,
        };
    }
}
