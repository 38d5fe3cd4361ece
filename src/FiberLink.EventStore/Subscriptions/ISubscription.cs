using Npgsql;

namespace FiberLink.EventStore.Subscriptions;

/// <summary>Does something with events as they come: calls a webhook, sends a message, keeps a table that is no read model.</summary>
/// <remarks>
/// The daemon runs it as it runs an async projection, on one service node at a time. It is given each event at least once, in order.
/// What it adds to the batch is written in one transaction with its position: exactly once. What it does elsewhere is repeated
/// when that transaction fails, so it must be safe to do twice.
/// </remarks>
public interface ISubscription
{
    /// <summary>The name its position is kept under; no projection may have the same.</summary>
    string Name { get; }

    /// <summary>Which events it is given.</summary>
    LogFilter Filter => LogFilter.Everything;

    /// <summary>Where it begins when it runs for the first time.</summary>
    SubscriptionStart Start => SubscriptionStart.Beginning;

    /// <summary>The most events it is given at once; 1 when repeating one of them is dear.</summary>
    int PageEventsMax => int.MaxValue;

    /// <summary>Sees one or more events, in log order. When it throws, it is given them again, one by one, with growing pauses.</summary>
    /// <param name="events">At least one.</param>
    /// <param name="batch">Statements added here commit with the position, after this method has returned.</param>
    /// <param name="ct">The daemon stops.</param>
    Task HandleAsync(IReadOnlyList<RecordedEvent> events, NpgsqlBatch batch, CancellationToken ct);
}
