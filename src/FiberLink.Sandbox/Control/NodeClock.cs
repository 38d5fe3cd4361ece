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

    public override long TimestampFrequency => time.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => time.GetUtcNow() + Skew;

    public override long GetTimestamp() => time.GetTimestamp();

    // A clock that is set wrong still counts seconds.
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        time.CreateTimer(callback, state, dueTime, period);
}
