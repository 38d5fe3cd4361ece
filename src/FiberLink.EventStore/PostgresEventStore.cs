using FiberLink.EventStore.Projections;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.EventStore;

/// <summary>The log on PostgreSQL. One change is one transaction of two round trips.</summary>
/// <remarks>
/// The first round trip takes the locks: claims and releases, then the streams in key order, then the log's head. The second
/// writes events, inline projections and rows, and commits. Decisions are made before the first, so no lock waits for them.
/// </remarks>
public sealed class PostgresEventStore : IEventStore
{
    /// <summary>The channel that is notified of every commit with events.</summary>
    public const string Channel = "fiberlink_log";

    private const int AttemptsMax = 5;

    private readonly NpgsqlDataSource _database;
    private readonly EventCatalogue _catalogue;
    private readonly PostgresLogReader _reader;
    private readonly IReadOnlyList<IProjection> _inline;
    private readonly Dictionary<Type, ICommitRowWriter> _rowWriters;

    /// <param name="database">Where.</param>
    /// <param name="catalogue">Every event type.</param>
    /// <param name="inline">Projections kept in the appending transaction, in the order they are written.</param>
    /// <param name="rowWriters">One for each type of row that a change may carry.</param>
    public PostgresEventStore(
        NpgsqlDataSource database,
        EventCatalogue catalogue,
        IEnumerable<IProjection> inline,
        IEnumerable<ICommitRowWriter> rowWriters)
    {
        _database = database;
        _catalogue = catalogue;
        _reader = new(database, catalogue);
        _inline = [.. inline];
        _rowWriters = rowWriters.ToDictionary(w => w.RowType);
    }

    public async Task<AppendResult> AppendAsync(Change change, CancellationToken ct)
    {
        var written = WrittenChange.Check(change, _catalogue);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await TryAppendAsync(written, ct);
            }
            catch (PostgresException lost) when (attempt < AttemptsMax && AppendSql.IsLostRace(lost))
            {
                // Rolled back whole. Two that make one stream at once meet at its key, not at its version: the loser looks again, and
                // then knows.
            }
            catch (PostgresException lost) when (AppendSql.IsRaceForNewStream(lost))
            {
                return new AppendResult.VersionMoved(written.Appends[0].Append.Stream, written.Appends[0].Append.Expected);
            }
        }
    }

    private async Task<AppendResult> TryAppendAsync(WrittenChange written, CancellationToken ct)
    {
        var change = written.Change;
        using var activity = EventStoreTelemetry.StartAppend(written.EventCount);
        await using var connection = await _database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        try
        {
            await using var locks = AppendSql.Lock(connection, transaction, written);
            var locked = await AppendSql.ReadLocksAsync(locks, written, ct);
            if (locked.Refusal is { } refusal)
            {
                EventStoreTelemetry.CountRefusal(refusal);
                return refusal;
            }

            var recorded = written.Record(locked.Versions, locked.Head);
            await using var writes = new NpgsqlBatch(connection, transaction);
            AppendSql.AddEvents(writes, written, recorded);
            foreach (var projection in recorded.Count == 0 ? [] : _inline)
            {
                projection.Project(recorded, writes);
            }

            AddRows(writes, change.Rows);
            if (writes.BatchCommands.Count > 0)
            {
                await writes.ExecuteNonQueryAsync(ct);
            }

            // Past this line the outcome is the database's to tell: giving up on the wait would not undo it.
            await transaction.CommitAsync(CancellationToken.None);
            EventStoreTelemetry.CountAppend(recorded);
            return new AppendResult.Appended(recorded);
        }
        catch (PostgresException broken) when (AppendSql.Refusal(broken) is { } refusal)
        {
            EventStoreTelemetry.CountRefusal(refusal);
            return refusal;
        }
    }

    public Task<EventStream> ReadStreamAsync(StreamId stream, CancellationToken ct) => _reader.ReadStreamAsync(stream, ct);

    public Task<EventStream> ReadStreamAsync(StreamId stream, StreamRange range, CancellationToken ct) =>
        _reader.ReadStreamAsync(stream, range, ct);

    public Task<IReadOnlyList<RecordedEvent>> ReadLogAsync(long after, int limit, CancellationToken ct) =>
        _reader.ReadLogAsync(after, limit, ct);

    public Task<LogPage> ReadLogAsync(LogQuery query, int limit, CancellationToken ct) => _reader.ReadLogAsync(query, limit, ct);

    public Task<long> ReadHeadAsync(CancellationToken ct) => _reader.ReadHeadAsync(ct);

    private void AddRows(NpgsqlBatch batch, IReadOnlyList<CommitRow> rows)
    {
        foreach (var kind in rows.GroupBy(r => r.GetType()))
        {
            if (!_rowWriters.TryGetValue(kind.Key, out var writer))
            {
                throw new ArgumentException($"No writer is registered for rows of type {kind.Key.Name}.", nameof(rows));
            }

            writer.Write([.. kind], batch);
        }
    }
}
