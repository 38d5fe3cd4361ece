namespace FiberLink.EventStore;

/// <summary>Which of the waiting changes are written together.</summary>
internal static class Gathering
{
    /// <summary>
    /// Takes as many as one transaction should carry, in their order. A change that claims a name, or has an id, that one before it
    /// has already waits for the next group, so that it can be told what became of the other; so does all that follows on its streams.
    /// </summary>
    public static List<PendingAppend> Take(LinkedList<PendingAppend> waiting, EventStoreOptions options)
    {
        if (waiting is { Count: 1, First: { } only })
        {
            waiting.RemoveFirst();
            return only.Value.Begin() ? [only.Value] : [];
        }

        var group = new List<PendingAppend>();
        var taken = new Taken();
        var (events, bytes) = (0, 0);
        for (var node = waiting.First; node is not null && group.Count < options.GroupChangesMax;)
        {
            var (pending, next) = (node.Value, node.Next);
            var written = pending.Written;
            if (group.Count > 0
                && (events + written.EventCount > options.GroupEventsMax || bytes + written.ByteCount > options.GroupBytesMax))
            {
                break;
            }

            if (pending.Answer.IsCompleted)
            {
                waiting.Remove(node);
            }
            else if (taken.TryTake(written) && pending.Begin())
            {
                waiting.Remove(node);
                group.Add(pending);
                events += written.EventCount;
                bytes += written.ByteCount;
            }

            node = next;
        }

        return group;
    }

    private sealed class Taken
    {
        private readonly HashSet<Guid> _ids = [];
        private HashSet<(string Tenant, string Scope, string Key)>? _claims;
        private HashSet<StreamId>? _put;

        public bool TryTake(WrittenChange written)
        {
            var change = written.Change;
            if (IsPutOff(written) || (change.Id != Guid.Empty && !_ids.Add(change.Id)) || IsClaimed(change))
            {
                PutOff(written);
                return false;
            }

            foreach (var claim in change.Claims)
            {
                (_claims ??= []).Add((claim.Tenant, claim.Scope, claim.Key));
            }

            return true;
        }

        private bool IsClaimed(Change change) =>
            _claims is { } claims && change.Claims.Any(c => claims.Contains((c.Tenant, c.Scope, c.Key)));

        private bool IsPutOff(WrittenChange written) => _put is { } put && written.Appends.Any(a => put.Contains(a.Append.Stream));

        private void PutOff(WrittenChange written) => (_put ??= []).UnionWith(written.Appends.Select(a => a.Append.Stream));
    }
}
