namespace FiberLink.Sandbox.Control;

/// <summary>The node's own idea of the time, which may be wrong.</summary>
internal sealed class NodeClock(TimeProvider time) : TimeProvider
{
    private long _skewTicks;

    /// <summary>How far it is ahead; behind where less than zero.</summary>
    public TimeSpan Skew
    {
        get => TimeSpan.FromTicks(Interlocked.Read(ref _skewTicks));
        set => Interlocked.Exchange(ref _skewTicks, value.Ticks);
    }

    public override DateTimeOffset GetUtcNow() => time.GetUtcNow() + Skew;
}
