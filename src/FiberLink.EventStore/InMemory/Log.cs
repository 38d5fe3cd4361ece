namespace FiberLink.EventStore.InMemory;

/// <summary>What the store in memory holds. Events are kept with their stored form as the body: JSON.</summary>
internal sealed class Log
{
    private readonly List<RecordedEvent> _events = [];
    private readonly Dictionary<StreamId, List<RecordedEvent>> _streams = [];

    private readonly HashSet<StreamId> _archived = [];

    /// <summary>Held by whoever looks or writes; an append holds it from its first look to its last write.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Read and replaced under the gate.</summary>
    public ClaimBook Claims { get; private set; } = new();

    /// <summary>Read and written under the gate.</summary>
    public ChangeNames Changes { get; } = new();

    public bool IsArchived(StreamId stream)
    {
        lock (Gate)
        {
            return _archived.Contains(stream);
        }
    }

    public bool SetArchived(StreamId stream, bool isArchived)
    {
        lock (Gate)
        {
            if (!_streams.ContainsKey(stream))
            {
                return false;
            }

            _ = isArchived ? _archived.Add(stream) : _archived.Remove(stream);
            return true;
        }
    }

    public long Head()
    {
        lock (Gate)
        {
            return _events.Count;
        }
    }

    public long Version(StreamId stream)
    {
        lock (Gate)
        {
            return _streams.TryGetValue(stream, out var events) ? events.Count : 0;
        }
    }

    public IReadOnlyList<RecordedEvent> Of(StreamId stream)
    {
        lock (Gate)
        {
            return _streams.TryGetValue(stream, out var events) ? [.. events] : [];
        }
    }

    public IReadOnlyList<RecordedEvent> After(long position, int limit)
    {
        lock (Gate)
        {
            var from = (int)Math.Min(position, _events.Count);
            return _events.GetRange(from, Math.Min(limit, _events.Count - from));
        }
    }

    public void Write(IEnumerable<RecordedEvent> events, ClaimBook claims)
    {
        lock (Gate)
        {
            Claims = claims;
            foreach (var @event in events)
            {
                _events.Add(@event);
                if (!_streams.TryGetValue(@event.Stream, out var stream))
                {
                    _streams.Add(@event.Stream, stream = []);
                }

                stream.Add(@event);
            }
        }
    }
}
