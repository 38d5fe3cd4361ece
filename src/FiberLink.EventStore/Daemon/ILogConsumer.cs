using FiberLink.EventStore.Projections;
using FiberLink.EventStore.Subscriptions;
using Npgsql;

namespace FiberLink.EventStore.Daemon;

/// <summary>What the daemon brings events to: a projection or a subscription.</summary>
internal interface ILogConsumer
{
    string Name { get; }

    /// <summary>How it is called in telemetry: the operation.</summary>
    string Operation { get; }

    /// <summary>The most events it is given at once.</summary>
    int PageEventsMax { get; }

    /// <summary>Where it begins when it has never run.</summary>
    SubscriptionStart Start { get; }

    /// <summary>
    /// Whether seeing events may have effects that are not undone with the page, so that before each page it is asked whether it is paused.
    /// </summary>
    bool HasEffects { get; }

    /// <summary>Sees the events of a part of the streams, and adds the statements that they call for.</summary>
    Task ConsumeAsync(IReadOnlyList<RecordedEvent> events, StreamShard part, NpgsqlBatch batch, CancellationToken ct);
}

internal sealed class ConsumingProjection(IProjection projection) : ILogConsumer
{
    public string Name => projection.Name;

    public string Operation => "project";

    public int PageEventsMax => int.MaxValue;

    public SubscriptionStart Start => SubscriptionStart.Beginning;

    public bool HasEffects => false;

    public Task ConsumeAsync(IReadOnlyList<RecordedEvent> events, StreamShard part, NpgsqlBatch batch, CancellationToken ct)
    {
        var own = part.Count == 1 ? events : [.. events.Where(e => part.Has(e.Stream))];
        if (own.Count > 0)
        {
            projection.Project(own, batch);
        }

        return Task.CompletedTask;
    }
}

internal sealed class ConsumingSubscription(ISubscription subscription) : ILogConsumer
{
    public string Name => subscription.Name;

    public string Operation => "handle";

    public int PageEventsMax => subscription.PageEventsMax;

    public SubscriptionStart Start => subscription.Start;

    public bool HasEffects => true;

    public async Task ConsumeAsync(IReadOnlyList<RecordedEvent> events, StreamShard part, NpgsqlBatch batch, CancellationToken ct)
    {
        var wanted = events.Where(subscription.Filter.Admits).ToArray();
        if (wanted.Length > 0)
        {
            await subscription.HandleAsync(wanted, batch, ct);
        }
    }
}
