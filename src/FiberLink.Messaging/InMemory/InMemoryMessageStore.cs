namespace FiberLink.Messaging.InMemory;

/// <summary>Messages in memory, held to what PostgreSQL does by the same tests. Nothing of it outlives the process.</summary>
/// <param name="time">What counts as due; leases and heartbeats go by its timestamps.</param>
public sealed partial class InMemoryMessageStore(TimeProvider time) : IMessageStore
{
    private readonly Lock _gate = new();
    private readonly long _start = time.GetTimestamp();
    private readonly Dictionary<Guid, Waiting> _waiting = [];
    private readonly Dictionary<Guid, DateTimeOffset> _handled = [];
    private readonly Dictionary<Guid, DeadLetter> _dead = [];
    private readonly Dictionary<long, TimeSpan> _heartbeats = [];
    private readonly Dictionary<(string Tenant, string Key), Guid> _stopped = [];
    private string _lastTenant = "";
    private long _position;
    private long _fence;
    private long _node;

    private enum State
    {
        Scheduled = 1,
        Ready = 2,
        Behind = 3,
        Taken = 4,
    }

    private DateTimeOffset Now => time.GetUtcNow();

    // Leases and heartbeats go by a clock that nobody sets.
    private TimeSpan Elapsed => time.GetElapsedTime(_start);

    public Task<ServiceNode> JoinAsync(string name, CancellationToken ct)
    {
        lock (_gate)
        {
            _heartbeats.Add(++_node, Elapsed);
            return Task.FromResult(new ServiceNode(_node, name));
        }
    }

    public Task<bool> BeatAsync(ServiceNode node, CancellationToken ct)
    {
        lock (_gate)
        {
            var lives = _heartbeats.ContainsKey(node.Id);
            if (lives)
            {
                _heartbeats[node.Id] = Elapsed;
            }

            return Task.FromResult(lives);
        }
    }

    public Task LeaveAsync(ServiceNode node, CancellationToken ct)
    {
        lock (_gate)
        {
            _heartbeats.Remove(node.Id);
            foreach (var waiting in _waiting.Values.Where(w => w.TakenBy == node.Id))
            {
                waiting.Attempts--;
                waiting.GiveBack(State.Ready);
            }

            return Task.CompletedTask;
        }
    }

    public Task<IReadOnlyList<WaitingMessage>> TakeAsync(ServiceNode node, Demand demand, CancellationToken ct)
    {
        lock (_gate)
        {
            foreach (var due in _waiting.Values.Where(w => w.State is State.Scheduled && w.DueAt <= Now))
            {
                due.State = State.Ready;
            }

            var chosen = _heartbeats.ContainsKey(node.Id) ? Choose(demand) : [];
            _lastTenant = chosen.Count == 0 ? "" : chosen[^1].Message.Tenant;
            return Task.FromResult<IReadOnlyList<WaitingMessage>>(
                [.. chosen.Select(w => w.Take(node.Id, ++_fence, Elapsed + demand.Lease, Now))]);
        }
    }

    public Task<IReadOnlyList<Guid>> RenewAsync(IReadOnlyList<WaitingMessage> taken, TimeSpan lease, CancellationToken ct)
    {
        lock (_gate)
        {
            foreach (var held in taken.Select(Held).OfType<Waiting>())
            {
                held.LeasedUntil = Elapsed + lease;
            }

            return Task.FromResult<IReadOnlyList<Guid>>([.. taken.Where(t => Held(t) is null).Select(t => t.Id)]);
        }
    }

    public Task<int> ReleaseAsync(TimeSpan silence, CancellationToken ct)
    {
        lock (_gate)
        {
            foreach (var dead in _heartbeats.Where(h => h.Value < Elapsed - silence).Select(h => h.Key).ToArray())
            {
                _heartbeats.Remove(dead);
            }

            var lost = _waiting.Values
                .Where(w => w.State is State.Taken && (w.LeasedUntil < Elapsed || !_heartbeats.ContainsKey(w.TakenBy))).ToArray();
            Array.ForEach(lost, w => w.GiveBack(State.Ready));
            return Task.FromResult(lost.Length);
        }
    }

    public Task PutOffAsync(WaitingMessage taken, DateTimeOffset dueAt, AttemptFailure failure, bool counts, CancellationToken ct)
    {
        lock (_gate)
        {
            if (Held(taken) is { } held)
            {
                held.DueAt = held.Message.ExpiresAt < dueAt ? held.Message.ExpiresAt.Value : dueAt;
                held.Attempts -= counts ? 0 : 1;
                held.GiveBack(held.DueAt > Now ? State.Scheduled : State.Ready);
            }

            return Task.CompletedTask;
        }
    }

    public Task GiveUpAsync(WaitingMessage taken, AttemptFailure failure, bool stopsKey, CancellationToken ct) =>
        BuryAsync(taken, stopsKey, isExpired: false);

    public Task ExpireAsync(WaitingMessage taken, AttemptFailure failure, CancellationToken ct) =>
        BuryAsync(taken, stopsKey: false, isExpired: true);

    public Task<string?> FinishAsync(HandledMarker marker, IReadOnlyList<OutgoingMessage> messages, CancellationToken ct) =>
        Task.FromResult(Commit([marker, .. messages]));

    public Task<int> ReceiveAsync(IReadOnlyList<OutgoingMessage> messages, CancellationToken ct)
    {
        lock (_gate)
        {
            return Task.FromResult(Enqueue(messages));
        }
    }

    public Task<IReadOnlyDictionary<Guid, MessageFate>> FindAsync(IReadOnlyCollection<Guid> ids, CancellationToken ct)
    {
        lock (_gate)
        {
            return Task.FromResult<IReadOnlyDictionary<Guid, MessageFate>>(
                ids.Distinct().Select(id => (id, FateOf(id))).Where(f => f.Item2 is not null).ToDictionary(f => f.id, f => f.Item2!.Value));
        }
    }

    public Task<IReadOnlyList<Backlog>> BacklogAsync(int limit, CancellationToken ct)
    {
        lock (_gate)
        {
            var all = _waiting.Values.Select(w => (w, State: Enum.GetName(w.State)!.ToLowerInvariant(), Since: w.DueAt))
                .Concat(_dead.Values.Where(d => !d.IsDiscarded)
                    .Select(d => (w: d.Message, State: d.IsExpired ? "expired" : "dead", Since: d.FailedAt)));
            return Task.FromResult(Backlog.Largest(
                all.GroupBy(m => (m.w.Message.Name, m.w.Message.Tenant, m.State))
                    .Select(g => new Backlog(g.Key.Name, g.Key.Tenant, g.Key.State, g.Count(), g.Min(m => m.Since))),
                limit));
        }
    }

    public Task<bool> ReplayAsync(Guid id, OperatorReason reason, CancellationToken ct)
    {
        lock (_gate)
        {
            if (!_dead.Remove(id, out var dead))
            {
                return Task.FromResult(false);
            }

            var (message, key) = (dead.Message.Message with { ExpiresAt = null }, dead.Message.Key);
            var keepsPlace = Lift(key, id);
            var state = key is null || keepsPlace || !IsKeyBusy(key.Value) ? State.Ready : State.Behind;
            _waiting.TryAdd(id, new(message, keepsPlace ? dead.Message.Position : ++_position, state, Now) { DueAt = Now });
            return Task.FromResult(true);
        }
    }

    public Task<bool> DiscardAsync(Guid id, OperatorReason reason, CancellationToken ct)
    {
        lock (_gate)
        {
            if (!_dead.TryGetValue(id, out var dead) || dead.IsDiscarded || dead.IsExpired)
            {
                return Task.FromResult(false);
            }

            _dead[id] = dead with { IsDiscarded = true };
            if (Lift(dead.Message.Key, id))
            {
                Promote(dead.Message.Key);
            }

            return Task.FromResult(true);
        }
    }

    public Task<int> PruneAsync(TimeSpan age, int limit, CancellationToken ct)
    {
        lock (_gate)
        {
            var expired = _dead.Where(d => d.Value.IsExpired && d.Value.FailedAt < Now - age).Take(limit).Select(d => d.Key).ToArray();
            Array.ForEach(expired, id => _dead.Remove(id));
            var old = _handled.Where(h => h.Value < Now - age).OrderBy(h => h.Value).Take(limit).Select(h => h.Key).ToArray();
            Array.ForEach(old, id => _handled.Remove(id));
            return Task.FromResult(old.Length);
        }
    }

    private Task BuryAsync(WaitingMessage taken, bool stopsKey, bool isExpired)
    {
        lock (_gate)
        {
            if (Held(taken) is { } held)
            {
                _waiting.Remove(taken.Id);
                _dead[taken.Id] = new(held, Now) { IsExpired = isExpired };
                if (held.Key is { } key && stopsKey)
                {
                    _stopped[key] = taken.Id;
                }

                Promote(held.Key);
            }

            return Task.CompletedTask;
        }
    }
}
