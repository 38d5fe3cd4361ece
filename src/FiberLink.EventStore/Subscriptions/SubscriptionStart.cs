namespace FiberLink.EventStore.Subscriptions;

/// <summary>Where a subscription begins when it runs for the first time; afterwards it goes on from where it was.</summary>
public abstract record SubscriptionStart
{
    private SubscriptionStart()
    {
    }

    /// <summary>With the log's first event.</summary>
    public static SubscriptionStart Beginning { get; } = new After(0);

    /// <summary>With the first event that is appended after the subscription was first seen.</summary>
    public static SubscriptionStart Now { get; } = new AtHead();

    /// <summary>With the event after a position.</summary>
    public sealed record After(long Position) : SubscriptionStart;

    /// <summary>See <see cref="Now"/>.</summary>
    public sealed record AtHead : SubscriptionStart;
}
