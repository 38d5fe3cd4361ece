using FiberLink.EventStore.Projections;
using FiberLink.Postgres;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace FiberLink.EventStore;

/// <summary>The log on PostgreSQL. The changes of concurrent callers are one transaction, of one round trip where it can be.</summary>
/// <remarks>
/// Locks are taken in one order: streams in key order, then the log's head, then everything else. Decisions are made before the
/// first, so no lock waits for them.
/// </remarks>
public sealed class PostgresEventStore : IEventStore, IAsyncDisposable
{
    /// <summary>The channel that is notified after commits with events.</summary>
    public const string Channel = "fiberlink_log";

    private readonly TimeProvider _time;
    private readonly NpgsqlDataSource _database;
    private readonly EventCatalogue _catalogue;
    private readonly PostgresLogReader _reader;
    private readonly ChangeBook _book;
    private readonly CommitStatements _statements;
    private readonly CommitNotices _notices;
    private readonly GroupCommit _group;

    /// <param name="database">Where.</param>
    /// <param name="catalogue">Every event type.</param>
    /// <param name="inline">Projections kept in the appending transaction, in the order they are written.</param>
    /// <param name="rowWriters">One for each type of row that a change may carry.</param>
    /// <param name="options">Limits; the defaults when null.</param>
    /// <param name="time">Drives the waits; the system's when null.</param>
    /// <param name="logger">Told of what goes wrong beside the appends.</param>
    public PostgresEventStore(
        NpgsqlDataSource database,
        EventCatalogue catalogue,
        IEnumerable<IProjection> inline,
        IEnumerable<ICommitRowWriter> rowWriters,
        EventStoreOptions? options = null,
        TimeProvider? time = null,
        ILogger<PostgresEventStore>? logger = null)
    {
        options ??= new();
        _time = time ?? TimeProvider.System;
        _database = database;
        _catalogue = catalogue;
        _reader = new(database, catalogue);
        _book = new(database, _reader);
        _notices = new(database, logger ?? Microsoft.Extensions.Logging.Abstractions.NullLogger<PostgresEventStore>.Instance);
        _statements = new([.. inline], rowWriters.ToDictionary(w => w.RowType), _notices);
        var writer = new BatchWriter(database, _statements, _book, options, _time);
        _group = new(writer.WriteAsync, options);
    }

    public async Task<AppendResult> AppendAsync(Change change, CancellationToken ct)
    {
        var written = WrittenChange.Check(change, _catalogue);
        _statements.Check(change);
        if (written.EventCount == 0 && change is { Claims: [], Releases: [], Rows: [] })
        {
            return new AppendResult.Appended([]);
        }

        using var activity = EventStoreTelemetry.StartAppend(written.EventCount);
        using var timing = EventStoreTelemetry.TimeAppend(_time);
        return await _group.AppendAsync(written, ct);
    }

    public Task<ChangeFate> SettleAsync(Guid changeId, CancellationToken ct) => _book.SettleAsync(changeId, ct);

    public Task<bool> SetArchivedAsync(StreamId stream, bool isArchived, CancellationToken ct) =>
        ArchiveSql.SetAsync(_database, stream, isArchived, ct);

    public Task<EventStream> ReadStreamAsync(StreamId stream, CancellationToken ct) => _reader.ReadStreamAsync(stream, ct);

    public Task<EventStream> ReadStreamAsync(StreamId stream, StreamRange range, CancellationToken ct) =>
        _reader.ReadStreamAsync(stream, range, ct);

    public Task<IReadOnlyList<RecordedEvent>> ReadLogAsync(long after, int limit, CancellationToken ct) =>
        _reader.ReadLogAsync(after, limit, ct);

    public Task<LogPage> ReadLogAsync(LogQuery query, int limit, CancellationToken ct) => _reader.ReadLogAsync(query, limit, ct);

    public Task<long> ReadHeadAsync(CancellationToken ct) => _reader.ReadHeadAsync(ct);

    /// <summary>Comes back when every change that was taken has its answer.</summary>
    public async ValueTask DisposeAsync()
    {
        await _group.DisposeAsync();
        await _notices.DisposeAsync();
    }
}
