using System.Diagnostics;

namespace FiberLink.EventStore.InMemory;

/// <summary>The reading half of the log in memory.</summary>
internal sealed class LogReader(Log log, EventCatalogue catalogue)
{
    public EventStream ReadStream(StreamId stream, StreamRange range)
    {
        range.Checked();
        var stored = AsOf(log.Of(stream), range.AsOf);
        var asked = range.IsBackwards
            ? stored.Where(e => e.Version <= (range.From ?? long.MaxValue)).Reverse()
            : stored.Where(e => e.Version >= (range.From ?? 1));
        var read = asked.Take(range.AtMost ?? EventStoreLimits.StreamEventsMax + 1).ToArray();
        return read.Length <= EventStoreLimits.StreamEventsMax
            ? new EventStream(stream, stored.Count, [.. read.Select(Read)])
            : throw EventStoreLimits.TooLong(stream);
    }

    public IReadOnlyList<RecordedEvent> ReadLog(long after, int limit)
    {
        EventStoreLimits.CheckPage(after, limit);
        return [.. log.After(after, limit).Select(Read)];
    }

    public LogPage ReadLog(LogQuery query, int limit)
    {
        EventStoreLimits.CheckPage(query.Checked().After, limit);
        var scan = LogScan.Of(query, limit);
        var names = query.Names is { } asked ? catalogue.StoredNames(asked) : null;
        var head = log.Head();
        var found = log.After(query.After, scan.PositionsMax)
            .Where(e => e.Position <= head
                && names?.Contains(e.Name) != false
                && (query.Tenant ?? e.Stream.Tenant) == e.Stream.Tenant
                && e.Stream.Key.StartsWith(query.StreamPrefix ?? "", StringComparison.Ordinal))
            .Take(limit);
        return scan.Page([.. found.Select(Read)], head);
    }

    private static IReadOnlyList<RecordedEvent> AsOf(IReadOnlyList<RecordedEvent> stored, LogPoint? point) =>
        point switch
        {
            null => stored,
            LogPoint.Position(var position) => UpToLast(stored, e => e.Position <= position),
            LogPoint.Time(var time) => UpToLast(stored, e => e.At <= time),
            _ => throw new UnreachableException($"{point} is no point of the log."),
        };

    private static IReadOnlyList<RecordedEvent> UpToLast(IReadOnlyList<RecordedEvent> stored, Func<RecordedEvent, bool> isWithin) =>
        [.. stored.Take((int)(stored.LastOrDefault(isWithin)?.Version ?? 0))];

    private RecordedEvent Read(RecordedEvent stored) =>
        stored with { Body = catalogue.Read(stored.Name, (string)stored.Body, stored.Position) };
}
