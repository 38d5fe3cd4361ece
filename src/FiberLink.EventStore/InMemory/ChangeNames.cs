namespace FiberLink.EventStore.InMemory;

/// <summary>Every change by its id.</summary>
internal sealed class ChangeNames
{
    private readonly Dictionary<Guid, KnownChange> _known = [];

    public KnownChange? Find(Guid id) => _known.GetValueOrDefault(id);

    public void Add(Guid id, long? lastPosition, int eventCount)
    {
        if (id != Guid.Empty)
        {
            _known.Add(id, new(lastPosition, eventCount, false));
        }
    }

    public ChangeFate Settle(Guid id)
    {
        if (_known.TryAdd(id, new(null, 0, true)) || _known[id].IsVoid)
        {
            return ChangeFate.NeverCommitted;
        }

        var known = _known[id];
        return new(true, known.LastPosition, known.EventCount);
    }
}
