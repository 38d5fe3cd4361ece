namespace FiberLink.EventStore.Rebuilding;

/// <summary>Tells whoever wants to know how far a rebuild is; one caller at a time, though several parts are built at once.</summary>
internal sealed class RebuildReport(string readModel, IProgress<RebuildProgress>? listener, TimeProvider time)
{
    private readonly Lock _one = new();
    private readonly long _started = time.GetTimestamp();
    private long _events;

    public long Events => Interlocked.Read(ref _events);

    public TimeSpan Elapsed => time.GetElapsedTime(_started);

    public void CountRead(int events)
    {
        Interlocked.Add(ref _events, events);
        RebuildTelemetry.CountRead(readModel, events);
    }

    public void Say(RebuildStep step, long position, long target)
    {
        lock (_one)
        {
            listener?.Report(new(readModel, step, position, Math.Max(position, target), Events, Elapsed));
        }
    }
}
