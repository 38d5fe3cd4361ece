using FiberLink.Domain.Tips;
using FiberLink.Events.Tips;
using FiberLink.EventStore;
using FiberLink.Projections;
using FiberLink.Projections.TipActivity;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Startup;

namespace FiberLink.Service.Tips.Administration;

/// <summary>All that is known of a tip, but for what was written with it.</summary>
/// <param name="Tenant">The community.</param>
/// <param name="Terms">What was agreed.</param>
/// <param name="Stage">Where it stands.</param>
/// <param name="Invoice">What people were shown; null when there was none.</param>
/// <param name="Standing">Where it stands, in words.</param>
/// <param name="Events">All that has happened.</param>
internal sealed record TipReport(
    string Tenant, TipTerms Terms, TipStage Stage, string? Invoice, TipStanding Standing, IReadOnlyList<RecordedEvent> Events)
{
    /// <summary>Until when the invoice could be paid; null when there was none.</summary>
    public DateTimeOffset? ExpiresAt => Events.Select(e => e.Body).OfType<TipEvent.InvoiceIssued>().LastOrDefault()?.ExpiresAt;
}

/// <summary>Tells operators about single tips.</summary>
internal sealed class TipReports(TipsQuery tips, IEventStore store, AssetSettings assets, TimeProvider time)
{
    /// <summary>The tips that are meant: one, or one in each of several communities; none when there is no such tip.</summary>
    /// <param name="app">Null for all communities.</param>
    /// <param name="text">A tip's id, its stream's name, its invoice or its payment hash.</param>
    /// <param name="ct">Stops the search.</param>
    public Task<IReadOnlyList<(string Tenant, Guid TipId)>> FindAsync(string? app, string text, CancellationToken ct) =>
        Ids.Read("tip", text) is { } id ? tips.FindAsync(app, id, ct) : tips.FindAsync(app, text, ct);

    /// <summary>One that there is.</summary>
    public async Task<TipReport> ReadAsync(string tenant, Guid tipId, CancellationToken ct)
    {
        var events = (await store.ReadStreamAsync(TipCommands.StreamOf(tenant, tipId), ct)).Events;
        var state = (TipState.Known)events.Aggregate(TipState.Initial, (s, e) => TipState.Evolve(s, (TipEvent)e.Body));
        return new(
            tenant,
            state.Terms,
            TipStages.After(events[^1].Body)!.Value,
            TipState.InvoiceIn(state),
            TipStanding.Of(tenant, state.Terms, events, assets, time.GetUtcNow()),
            events);
    }
}
