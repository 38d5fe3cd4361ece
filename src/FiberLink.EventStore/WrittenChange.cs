namespace FiberLink.EventStore;

/// <summary>A change that was checked, with its events in their stored form.</summary>
internal sealed record WrittenChange(Change Change, IReadOnlyList<WrittenAppend> Appends, int EventCount)
{
    /// <summary>The claims in the one order in which everybody takes them.</summary>
    public IReadOnlyList<Claim> Claims { get; } =
    [
        .. Change.Claims.OrderBy(c => c.Tenant, StringComparer.Ordinal)
            .ThenBy(c => c.Scope, StringComparer.Ordinal)
            .ThenBy(c => c.Key, StringComparer.Ordinal),
    ];

    /// <exception cref="ArgumentException">The change is malformed; the message says how.</exception>
    public static WrittenChange Check(Change change, EventCatalogue catalogue)
    {
        if (change.Appends.Select(a => a.Stream).Distinct().Count() != change.Appends.Count)
        {
            throw new ArgumentException("A stream appears once in a change.", nameof(change));
        }

        foreach (var stream in change.Appends.Select(a => a.Stream))
        {
            if (!StoredText.IsName(stream.Tenant, StreamId.LengthMax) || !StoredText.IsName(stream.Key, StreamId.LengthMax))
            {
                throw new ArgumentException(
                    $"Tenant and key of a stream have 1 to {StreamId.LengthMax} characters: {stream}.", nameof(change));
            }
        }

        CheckNames(change);
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
            .Select(a => new WrittenAppend(a, [.. a.Events.Select(e => Stored(e, catalogue))]));
        return new(change with { At = ToMicroseconds(change.At) }, [.. appends], count);
    }

    private static void CheckNames(Change change)
    {
        var names = change.Claims.SelectMany(c => new[] { c.Tenant, c.Scope, c.Key, c.Holder })
            .Concat(change.Releases.SelectMany(r => new[] { r.Tenant, r.Scope, r.Holder }));
        if (!names.All(n => StoredText.IsName(n, Claim.LengthMax)))
        {
            throw new ArgumentException($"What is claimed or given back is named in 1 to {Claim.LengthMax} characters.", nameof(change));
        }

        var (correlation, causation, actor, trace) = change.Metadata;
        if (!new[] { correlation, causation, actor, trace }.All(t => t is null || StoredText.IsText(t)))
        {
            throw new ArgumentException("The metadata has a character that cannot be stored.", nameof(change));
        }
    }

    private static (string Name, string Body) Stored(NewEvent @event, EventCatalogue catalogue)
    {
        var stored = catalogue.Write(@event.Body);
        return StoredText.HasNul(stored.Body)
            ? throw new ArgumentException($"A text in {stored.Name} has a character that cannot be stored: U+0000.", nameof(@event))
            : stored;
    }

    /// <summary>What is answered now must be what is read later, and PostgreSQL keeps microseconds.</summary>
    public static DateTimeOffset ToMicroseconds(DateTimeOffset at)
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
