namespace FiberLink.EventStore.Subscriptions;

/// <summary>Which events somebody wants; what is null does not matter.</summary>
public sealed record LogFilter
{
    public static LogFilter Everything { get; } = new();

    /// <summary>The stored names of the events, such as <c>tip.settled.v1</c>. An old event keeps its old name.</summary>
    public IReadOnlySet<string>? Names { get; init; }

    /// <summary>The tenant of the stream.</summary>
    public string? Tenant { get; init; }

    /// <summary>What the stream's key begins with.</summary>
    public string? StreamPrefix { get; init; }

    public bool Admits(RecordedEvent @event) =>
        (Names is null || Names.Contains(@event.Name))
        && (Tenant is null || @event.Stream.Tenant == Tenant)
        && (StreamPrefix is null || @event.Stream.Key.StartsWith(StreamPrefix, StringComparison.Ordinal));
}
