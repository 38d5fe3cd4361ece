namespace FiberLink.EventStore;

/// <summary>Which part of a stream is read.</summary>
public sealed record StreamRange
{
    /// <summary>All of it, oldest first.</summary>
    public static StreamRange Whole { get; } = new();

    /// <summary>The version of the first event that is read. Null for the oldest, or when read backwards the latest.</summary>
    public long? From { get; init; }

    /// <summary>Latest first.</summary>
    public bool IsBackwards { get; init; }

    /// <summary>
    /// How many events are read: 1 to <see cref="EventStoreLimits.StreamEventsMax"/>. Null for as many as there are; more than that
    /// limit is then an error, never a silent cut.
    /// </summary>
    public int? AtMost { get; init; }

    /// <summary>The stream as it was then. Null for now.</summary>
    public LogPoint? AsOf { get; init; }

    /// <exception cref="ArgumentOutOfRangeException">The range is none; the message says which field, its limit and what to do.</exception>
    internal StreamRange Checked()
    {
        if (From < 1)
        {
            throw new ArgumentOutOfRangeException(
                nameof(From), From, "A stream's versions begin with 1: give that or more, or nothing to begin with its first event.");
        }

        if (AtMost is < 1 or > EventStoreLimits.StreamEventsMax)
        {
            throw new ArgumentOutOfRangeException(
                nameof(AtMost),
                AtMost,
                $"1 to {EventStoreLimits.StreamEventsMax} events of a stream are read at once: give as many, or nothing for all.");
        }

        if (AsOf is LogPoint.Position { Value: < 0 } point)
        {
            throw new ArgumentOutOfRangeException(
                nameof(AsOf), point.Value, "Positions of the log begin with 1, and 0 is before the first: give one of them.");
        }

        return this;
    }
}

/// <summary>A point in the log's past.</summary>
public abstract record LogPoint
{
    private LogPoint()
    {
    }

    /// <summary>When the event at this position was the last; 0 is before the first.</summary>
    public sealed record Position(long Value) : LogPoint;

    /// <summary>
    /// At this time. What a stream was then is everything up to its last event whose timestamp is not later. Timestamps are the clocks
    /// of those who gave the commands: an event that another follows on is part of it even when its own clock ran ahead.
    /// </summary>
    public sealed record Time(DateTimeOffset Value) : LogPoint;
}
