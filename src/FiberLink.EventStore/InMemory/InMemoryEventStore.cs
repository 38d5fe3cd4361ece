using System.Text;

namespace FiberLink.EventStore.InMemory;

/// <summary>
/// The log in memory, for two purposes: tests that need a store but no server, and a simulation that runs under a virtual clock
/// and a seeded scheduler. It has no clock, no randomness and no threads of its own, and nothing of it outlives the process.
/// </summary>
/// <remarks>
/// Held to PostgreSQL by the same contract suite. Bodies are kept as PostgreSQL would keep them and are read back through the
/// catalogue, so an event that cannot be read back there cannot be read back here.
/// </remarks>
public sealed class InMemoryEventStore : IEventStore
{
    private readonly EventCatalogue _catalogue;
    private readonly ICommitSink _sink;
    private readonly Log _log;
    private readonly LogReader _reader;

    /// <param name="catalogue">Every event type.</param>
    /// <param name="sink">Takes what commits with the events; without it, a change that carries rows is malformed.</param>
    public InMemoryEventStore(EventCatalogue catalogue, ICommitSink? sink = null)
        : this(catalogue, sink ?? new NoRows(), new Log())
    {
    }

    private InMemoryEventStore(EventCatalogue catalogue, ICommitSink sink, Log log)
    {
        _catalogue = catalogue;
        _sink = sink;
        _log = log;
        _reader = new(log, catalogue);
    }

    /// <summary>The same log as another program sees it: after a restart, or with another version's catalogue.</summary>
    public InMemoryEventStore Reopen(EventCatalogue catalogue, ICommitSink? sink = null) => new(catalogue, sink ?? _sink, _log);

    public Task<EventStream> ReadStreamAsync(StreamId stream, CancellationToken ct) =>
        Answer(() => _reader.ReadStream(stream, StreamRange.Whole), ct);

    public Task<EventStream> ReadStreamAsync(StreamId stream, StreamRange range, CancellationToken ct) =>
        Answer(() => _reader.ReadStream(stream, range), ct);

    public Task<AppendResult> AppendAsync(Change change, CancellationToken ct) => Answer(() => Append(change), ct);

    public Task<IReadOnlyList<RecordedEvent>> ReadLogAsync(long after, int limit, CancellationToken ct) =>
        Answer(() => _reader.ReadLog(after, limit), ct);

    public Task<LogPage> ReadLogAsync(LogQuery query, int limit, CancellationToken ct) =>
        Answer(() => _reader.ReadLog(query, limit), ct);

    public Task<long> ReadHeadAsync(CancellationToken ct) => Answer(() => _log.Head(), ct);

    public Task<ChangeFate> SettleAsync(Guid changeId, CancellationToken ct) => Answer(() => Settle(changeId), ct);

    public Task<bool> SetArchivedAsync(StreamId stream, bool isArchived, CancellationToken ct) =>
        Answer(() => _log.SetArchived(stream, isArchived), ct);

    private AppendResult Append(Change change)
    {
        var written = WrittenChange.Check(change, _catalogue);
        lock (_log.Gate)
        {
            if (_log.Changes.Find(change.Id) is { } known)
            {
                return Repeat(written, known);
            }

            if (Claim(written, out var claims) is { } taken)
            {
                return taken;
            }

            if (written.Appends.FirstOrDefault(a => _log.IsArchived(a.Append.Stream)) is { } archived)
            {
                return new AppendResult.StreamArchived(archived.Append.Stream);
            }

            var versions = written.Appends.ToDictionary(a => a.Append.Stream, a => _log.Version(a.Append.Stream));
            if (written.Appends.FirstOrDefault(a => !a.Append.Expected.Admits(versions[a.Append.Stream])) is { } moved)
            {
                return new AppendResult.VersionMoved(moved.Append.Stream, moved.Append.Expected);
            }

            var recorded = written.Record([.. written.Appends.Select(a => versions[a.Append.Stream])], _log.Head());
            if (_sink.Take(recorded, written.Change.Rows) is { } constraint)
            {
                return new AppendResult.ConstraintBroken(constraint);
            }

            var stored = written.Appends.SelectMany(a => a.Stored).Select(s => JsonbForm.Of(Encoding.UTF8.GetString(s.Body)));
            _log.Write([.. recorded.Zip(stored, (e, body) => e with { Body = body })], claims);
            _log.Changes.Add(change.Id, recorded is [.., var last] ? last.Position : null, recorded.Length);
            return new AppendResult.Appended(recorded);
        }
    }

    private AppendResult Repeat(WrittenChange written, KnownChange known)
    {
        if (known.IsVoid)
        {
            return new AppendResult.Void(written.Change.Id);
        }

        var events = known.LastPosition is { } last ? _reader.ReadLog(last - known.EventCount, known.EventCount) : [];
        var asked = written.Appends.SelectMany(a => a.Append.Events).Select(e => e.Id);
        return events.Select(e => e.Id).SequenceEqual(asked)
            ? new AppendResult.Appended(events)
            : throw new ArgumentException($"Another change was appended under the id {written.Change.Id}: its events are others.");
    }

    private ChangeFate Settle(Guid changeId)
    {
        if (changeId == Guid.Empty)
        {
            throw new ArgumentException("A change without an id cannot be asked about.", nameof(changeId));
        }

        lock (_log.Gate)
        {
            return _log.Changes.Settle(changeId);
        }
    }

    private AppendResult.ClaimTaken? Claim(WrittenChange written, out ClaimBook claims)
    {
        AppendResult.ClaimTaken? taken = null;
        claims = _log.Claims;
        foreach (var claim in written.Change.Claims)
        {
            claims = claims.With(claim, written.Change.At, out var holder);
            taken ??= holder == claim.Holder ? null : new AppendResult.ClaimTaken(claim, holder);
        }

        claims = written.Change.Releases.Aggregate(claims, (book, release) => book.Without(release));
        return taken;
    }

    // Runs here and now, and gives what it throws to whoever awaits, as a store that has to wait does.
    private static Task<T> Answer<T>(Func<T> act, CancellationToken ct)
    {
        if (ct.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(ct);
        }

        var answer = new Task<T>(act);
        answer.RunSynchronously(TaskScheduler.Default);
        return answer;
    }
}
