namespace FiberLink.EventStore;

/// <summary>What one transaction is to write: the changes of a group that fit on each other, with their places.</summary>
/// <remarks>
/// A change that another one of the group has overtaken on its stream is not written; it is refused once the group has committed,
/// because only then it is certain that the other one did overtake it.
/// </remarks>
internal sealed class BatchPlan
{
    private readonly List<Planned> _writes = [];
    private readonly Dictionary<StreamId, Span> _streams = [];

    private BatchPlan(long head) => HeadBefore = head;

    /// <summary>The log's last position before the group.</summary>
    public long HeadBefore { get; }

    /// <summary>What is written, in log order.</summary>
    public IReadOnlyList<Planned> Writes => _writes;

    /// <summary>What is not, and why.</summary>
    public List<(PendingAppend Pending, AppendResult Refusal)> Refused { get; } = [];

    /// <summary>What is known already, by its id.</summary>
    public List<(PendingAppend Pending, KnownChange Known)> Repeated { get; } = [];

    /// <summary>All events of the group, in log order.</summary>
    public List<RecordedEvent> Events { get; } = [];

    /// <summary>The streams that the group appends to.</summary>
    public IReadOnlyDictionary<StreamId, Span> Streams => _streams;

    /// <summary>Whether something must be looked up: a version that nothing is presumed about, a change that another builds on.</summary>
    /// <param name="group">The changes.</param>
    /// <param name="previous">What was written last.</param>
    public static bool NeedsLook(IReadOnlyList<PendingAppend> group, BatchPlan? previous)
    {
        for (var i = 0; i < group.Count; i++)
        {
            var written = group[i].Written;
            foreach (var (append, _, _) in written.Appends)
            {
                if (append.Expected.Version is null)
                {
                    return true;
                }
            }

            if (written.Change.BuiltOn is var on && on != Guid.Empty
                && !group.Take(i).Any(p => p.Written.Change.Id == on) && previous?.HasWritten(on) != true)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Plans on what the changes themselves presume, where nothing must be looked up.</summary>
    /// <inheritdoc cref="NeedsLook"/>
    public static BatchPlan Presuming(IReadOnlyList<PendingAppend> group, BatchPlan? previous, long head)
    {
        var plan = new BatchPlan(head);
        foreach (var pending in group)
        {
            plan.Add(pending, null, id => previous?.HasWritten(id) == true);
        }

        return plan;
    }

    /// <summary>Plans on what was looked up, under locks that are still held.</summary>
    public static BatchPlan Knowing(IReadOnlyList<PendingAppend> group, LookedUp known)
    {
        var plan = new BatchPlan(known.Head);
        foreach (var pending in group)
        {
            if (known.Changes.TryGetValue(pending.Written.Change.Id, out var change))
            {
                plan.Repeated.Add((pending, change));
            }
            else if (known.Refusal(pending.Written) is { } refusal)
            {
                plan.Refused.Add((pending, refusal));
            }
            else
            {
                plan.Add(pending, known, known.HasCommitted);
            }
        }

        return plan;
    }

    private bool HasWritten(Guid id)
    {
        // What is built on stands close to what builds on it.
        for (var i = _writes.Count - 1; i >= 0; i--)
        {
            if (_writes[i].Pending.Written.Change.Id == id)
            {
                return true;
            }
        }

        return false;
    }

    private void Add(PendingAppend pending, LookedUp? known, Func<Guid, bool> hasCommitted)
    {
        var appends = pending.Written.Appends;
        if (pending.Written.Change.BuiltOn is var on && on != Guid.Empty && !HasWritten(on) && !hasCommitted(on))
        {
            var (stream, expected, _) = appends[0].Append;
            Refused.Add((pending, new AppendResult.VersionMoved(stream, expected)));
            return;
        }

        var before = appends.Count == 0 ? [] : new long[appends.Count];
        for (var i = 0; i < before.Length; i++)
        {
            var (stream, expected, _) = appends[i].Append;
            before[i] = _streams.TryGetValue(stream, out var span)
                ? span.To
                : known?.Version(stream) ?? expected.Version!.Value;
            if (!expected.Admits(before[i]))
            {
                Refused.Add((pending, new AppendResult.VersionMoved(stream, expected)));
                return;
            }
        }

        for (var i = 0; i < before.Length; i++)
        {
            var to = before[i] + appends[i].Stored.Length;
            var stream = appends[i].Append.Stream;
            _streams[stream] = _streams.TryGetValue(stream, out var span)
                ? span with { To = to, At = pending.Written.Change.At }
                : new(before[i], to, pending.Written.Change.At, pending.Written.Change.At);
        }

        var recorded = pending.Written.Record(before, HeadBefore + Events.Count);
        Events.AddRange(recorded);
        _writes.Add(new(pending, recorded));
    }

    /// <param name="Pending">The change.</param>
    /// <param name="Events">What it appends, with places.</param>
    public readonly record struct Planned(PendingAppend Pending, RecordedEvent[] Events)
    {
        /// <summary>Whether the log has it where it was planned, and not from before.</summary>
        public bool IsAsIn(IReadOnlyDictionary<Guid, KnownChange> log) =>
            log[Pending.Written.Change.Id] is { IsVoid: false } known
            && known.EventCount == Events.Length
            && known.LastPosition == (Events is [.., var last] ? last.Position : null);
    }

    /// <summary>From which version to which a stream moves.</summary>
    /// <param name="From">0 makes the stream.</param>
    /// <param name="To">The version afterwards.</param>
    /// <param name="Since">The time of the first change.</param>
    /// <param name="At">The time of the last change.</param>
    public readonly record struct Span(long From, long To, DateTimeOffset Since, DateTimeOffset At);
}
