using FiberLink.Postgres;

namespace FiberLink.Messaging.InMemory;

public sealed partial class InMemoryMessageStore
{
    /// <summary>Takes the messages and markers of one change: all of them, or none. To be called as the last step of a commit.</summary>
    /// <returns>Null when they were taken; else the constraint that refused them.</returns>
    public string? Commit(IReadOnlyList<CommitRow> rows)
    {
        lock (_gate)
        {
            var markers = rows.OfType<HandledMarker>().ToArray();
            var ids = markers.Select(m => m.MessageId).ToHashSet();
            if (ids.Count < markers.Length || ids.Any(_handled.ContainsKey))
            {
                return HandledMarker.Constraint;
            }

            if (markers.Any(m => m.Fence is { } fence && _waiting.GetValueOrDefault(m.MessageId)?.Fence != fence))
            {
                return HandledMarker.LostConstraint;
            }

            foreach (var id in ids)
            {
                _handled.Add(id, Now);
                if (_waiting.Remove(id, out var finished))
                {
                    Promote(finished.Key);
                }
            }

            Enqueue(rows.OfType<OutgoingMessage>());
            return null;
        }
    }

    private int Enqueue(IEnumerable<OutgoingMessage> messages)
    {
        var before = _waiting.Count;
        foreach (var message in messages)
        {
            if (!_handled.ContainsKey(message.Id) && !_dead.ContainsKey(message.Id) && !_waiting.ContainsKey(message.Id))
            {
                var waiting = new Waiting(message, ++_position, message.DueAt > Now ? State.Scheduled : State.Ready, Now);
                if (waiting.Key is { } key && IsKeyBusy(key))
                {
                    waiting.State = State.Behind;
                }

                _waiting.Add(message.Id, waiting);
            }
        }

        return _waiting.Count - before;
    }

    /// <summary>Tenants in turn, onward from where the last taking ended; of each its share, the longest due first.</summary>
    private List<Waiting> Choose(Demand demand)
    {
        var types = demand.Rooms.ToDictionary(r => r.Name, r => r.Type, StringComparer.Ordinal);
        var rooms = demand.Rooms.DistinctBy(r => r.Type).ToDictionary(r => r.Type, r => r.Free, StringComparer.Ordinal);
        var open = _waiting.Values.Where(w => w.State is State.Ready && RoomOf(w) > 0);
        var tenants = open.GroupBy(w => w.Message.Tenant, StringComparer.Ordinal)
            .OrderBy(t => string.CompareOrdinal(t.Key, _lastTenant) <= 0).ThenBy(t => t.Key, StringComparer.Ordinal)
            .Take(demand.Messages).ToArray();
        var share = tenants.Length == 0 ? 0 : (demand.Messages + tenants.Length - 1) / tenants.Length;
        var chosen = new List<Waiting>();
        var bytes = 0L;
        foreach (var waiting in tenants.SelectMany(t => t.OrderBy(w => w.DueAt).ThenBy(w => w.Position)
            .Where(Enter).Take(share)).Take(demand.Messages))
        {
            bytes += waiting.Message.Body.Length;
            if (chosen.Count > 0 && bytes > demand.Bytes)
            {
                break;
            }

            chosen.Add(waiting);
        }

        return chosen;

        int RoomOf(Waiting waiting) => types.TryGetValue(waiting.Message.Name, out var type) ? rooms[type] : int.MaxValue;

        bool Enter(Waiting waiting) => !types.TryGetValue(waiting.Message.Name, out var type) || --rooms[type] >= 0;
    }

    private Waiting? Held(WaitingMessage taken) =>
        _waiting.GetValueOrDefault(taken.Id) is { State: State.Taken } waiting && waiting.Fence == taken.Fence ? waiting : null;

    private bool IsKeyBusy((string Tenant, string Key) key) =>
        _stopped.ContainsKey(key) || _waiting.Values.Any(w => w.Key == key);

    private bool Lift((string Tenant, string Key)? key, Guid id) =>
        key is { } stopped && _stopped.GetValueOrDefault(stopped) == id && _stopped.Remove(stopped);

    private void Promote((string Tenant, string Key)? key)
    {
        if (key is { } freed && !_stopped.ContainsKey(freed)
            && _waiting.Values.Where(w => w.Key == freed).MinBy(w => w.Position) is { State: State.Behind } next)
        {
            next.State = next.DueAt > Now ? State.Scheduled : State.Ready;
        }
    }

    private MessageFate? FateOf(Guid id) =>
        _handled.ContainsKey(id) ? MessageFate.Handled
        : _dead.TryGetValue(id, out var dead) ? dead.IsExpired ? MessageFate.Expired : MessageFate.DeadLetter
        : _waiting.GetValueOrDefault(id) is not { } waiting ? null
        : waiting.Attempts > 0 ? MessageFate.Tried
        : MessageFate.Untouched;

    private sealed record DeadLetter(Waiting Message, DateTimeOffset FailedAt)
    {
        public bool IsDiscarded { get; init; }

        public bool IsExpired { get; init; }
    }

    private sealed class Waiting(OutgoingMessage message, long position, State state, DateTimeOffset now)
    {
        public OutgoingMessage Message => message;

        public long Position => position;

        public (string Tenant, string Key)? Key => message.OrderingKey is { } key ? (message.Tenant, key) : null;

        public State State { get; set; } = state;

        public DateTimeOffset DueAt { get; set; } = message.DueAt;

        /// <summary>When it was to be handled first.</summary>
        public DateTimeOffset WantedAt { get; } = message.DueAt > now ? message.DueAt : now;

        public int Attempts { get; set; }

        public long TakenBy { get; private set; }

        public long Fence { get; private set; }

        public TimeSpan LeasedUntil { get; set; }

        public WaitingMessage Take(long node, long fence, TimeSpan until, DateTimeOffset now)
        {
            (State, TakenBy, Fence, LeasedUntil) = (State.Taken, node, fence, until);
            Attempts++;
            return new(message.Id, message.Name, message.Tenant, message.Body, Attempts, message.CorrelationId, message.TraceParent)
            {
                OrderingKey = message.OrderingKey,
                ExpiresAt = message.ExpiresAt,
                Fence = fence,
                Waited = now > WantedAt ? now - WantedAt : TimeSpan.Zero,
            };
        }

        public void GiveBack(State to) => (State, TakenBy, Fence) = (to, 0, 0);
    }
}
