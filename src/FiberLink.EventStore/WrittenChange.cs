namespace FiberLink.EventStore;

/// <summary>A change that was checked, with its events in their stored form.</summary>
internal sealed record WrittenChange(Change Change, IReadOnlyList<WrittenAppend> Appends, int EventCount)
{
    /// <exception cref="ArgumentException">The change is malformed; the message says how.</exception>
    public static WrittenChange Check(Change change, EventCatalogue catalogue)
    {
        if (change.Appends.Select(a => a.Stream).Distinct().Count() != change.Appends.Count)
        {
            throw new ArgumentException("A stream appears once in a change.", nameof(change));
        }

        foreach (var stream in change.Appends.Select(a => a.Stream))
        {
            if (stream.Tenant is not { Length: > 0 and <= StreamId.LengthMax } || stream.Key is not { Length: > 0 and <= StreamId.LengthMax })
            {
                throw new ArgumentException($"Tenant and key of a stream have 1 to {StreamId.LengthMax} characters: {stream}", nameof(change));
            }
        }

        if (change.Appends.Any(a => a.Events.Count == 0))
        {
            throw new ArgumentException("An append has at least one event.", nameof(change));
        }

        var count = change.Appends.Sum(a => a.Events.Count);
        if (count > Change.EventsMax)
        {
            throw new ArgumentException($"A change has at most {Change.EventsMax} events, not {count}.", nameof(change));
        }

        // One order for everybody who locks several streams, so that two changes never wait for each other.
        var appends = change.Appends
            .OrderBy(a => a.Stream.Tenant, StringComparer.Ordinal).ThenBy(a => a.Stream.Key, StringComparer.Ordinal)
            .Select(a => new WrittenAppend(a, [.. a.Events.Select(e => catalogue.Write(e.Body))]));
        return new(change with { At = ToMicroseconds(change.At) }, [.. appends], count);
    }

    // What is answered now must be what is read later, and PostgreSQL keeps microseconds.
    private static DateTimeOffset ToMicroseconds(DateTimeOffset at)
    {
        var utc = at.ToUniversalTime();
        return utc.AddTicks(-(utc.Ticks % TimeSpan.TicksPerMicrosecond));
    }

    /// <summary>The events with their places: <paramref name="head"/> is the last position of this change.</summary>
    public IReadOnlyList<RecordedEvent> Record(IReadOnlyDictionary<StreamId, long> versions, long head)
    {
        var recorded = new List<RecordedEvent>(EventCount);
        var position = head - EventCount;
        foreach (var (append, stored) in Appends)
        {
            var version = versions.GetValueOrDefault(append.Stream);
            for (var i = 0; i < append.Events.Count; i++)
            {
                var @event = append.Events[i];
                recorded.Add(new(
                    ++position, append.Stream, ++version, @event.Id, stored[i].Name, @event.Body, Change.At, Change.Metadata));
            }
        }

        return recorded;
    }
}

internal sealed record WrittenAppend(StreamAppend Append, IReadOnlyList<(string Name, string Body)> Stored);
