using Npgsql;

namespace FiberLink.EventStore;

/// <summary>Reads whole streams, one or several in a statement.</summary>
internal sealed class StreamReader(NpgsqlDataSource database, EventCatalogue catalogue)
{
    public async Task<EventStream> ReadAsync(StreamId stream, CancellationToken ct)
    {
        await using var command = ReadSql.ReadStream(database, stream);
        await using var reader = await command.ExecuteReaderAsync(ct);
        using var rows = new EventRows(reader, catalogue);
        var events = new List<RecordedEvent>();
        while (await reader.ReadAsync(ct))
        {
            Add(events, rows, stream);
        }

        return new EventStream(stream, events.Count, events);
    }

    /// <summary>Reads several streams. Each is answered as soon as it is read, in their order.</summary>
    /// <param name="streams">Each once.</param>
    /// <param name="answer">Called once for each, with its place in the list: with the stream, or with why it cannot be read.</param>
    /// <param name="ct">Stops the read.</param>
    public async Task ReadAsync(IReadOnlyList<StreamId> streams, Action<int, EventStream?, Exception?> answer, CancellationToken ct)
    {
        await using var command = ReadSql.ReadStreams(database, streams);
        await using var reader = await command.ExecuteReaderAsync(ct);
        using var rows = new EventRows(reader, catalogue);
        var events = new List<RecordedEvent>();
        Exception? unread = null;
        var at = 0;
        while (await reader.ReadAsync(ct))
        {
            for (var next = (int)reader.GetInt64(EventRows.NextColumn) - 1; at < next; at++)
            {
                answer(at, new(streams[at], events.Count, events), unread);
                (events, unread) = ([], null);
            }

            // What is wrong with one stream is for those who asked for it; the rest of its rows is passed over.
            unread ??= TryAdd(events, rows, streams[at]);
        }

        for (; at < streams.Count; at++)
        {
            answer(at, new(streams[at], events.Count, events), unread);
            (events, unread) = ([], null);
        }
    }

    private static Exception? TryAdd(List<RecordedEvent> events, EventRows rows, StreamId stream)
    {
        try
        {
            Add(events, rows, stream);
            return null;
        }
        catch (Exception unread) when (unread is UnreadableEventException or InvalidOperationException)
        {
            return unread;
        }
    }

    /// <param name="events">What was read so far, to which the event is added.</param>
    /// <param name="rows">At the event's row.</param>
    /// <param name="stream">The stream that is read.</param>
    /// <param name="after">The version before the first of the events.</param>
    public static void Add(List<RecordedEvent> events, EventRows rows, StreamId stream, long after = 0)
    {
        if (events.Count == EventStoreLimits.StreamEventsMax)
        {
            throw EventStoreLimits.TooLong(stream);
        }

        var @event = rows.Event(stream);
        var version = after + events.Count + 1;
        events.Add(
            @event.Version == version
                ? @event
                : throw new InvalidOperationException(
                    $"{stream} has version {@event.Version} where {version} should be: events are missing in the log."));
    }
}
