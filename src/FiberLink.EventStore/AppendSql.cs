using System.Text.Json;
using FiberLink.Postgres;
using Npgsql;
using NpgsqlTypes;

namespace FiberLink.EventStore;

/// <summary>The statements of an append.</summary>
internal static class AppendSql
{
    private const string TakeClaim =
        """
        insert into event_store.claims as held (tenant_id, scope, key, holder, until)
        values ($1, $2, $3, $4, $5)
        on conflict on constraint pk_claims do update
           set holder = case when held.until <= $6 or held.holder = excluded.holder then excluded.holder else held.holder end,
               until  = case when held.until <= $6 or held.holder = excluded.holder then excluded.until  else held.until  end
        returning holder
        """;

    private const string LockStreams =
        """
        select tenant_id, id, version
          from event_store.mt_streams
         where (tenant_id, id) in (select * from unnest($1::text[], $2::text[]))
         order by tenant_id collate "C", id collate "C"
           for update
        """;

    private const string MoveHead = "update event_store.log_head set position = position + $1 returning position";

    private const string WriteStreams =
        """
        insert into event_store.mt_streams (tenant_id, id, type, version, timestamp, created)
        select tenant_id, id, type, version, $5, $5
          from unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) as s (tenant_id, id, type, version)
        """;

    private const string MoveStreams =
        """
        update event_store.mt_streams as stream
           set version = s.version, timestamp = $4
          from unnest($1::text[], $2::text[], $3::bigint[]) as s (tenant_id, id, version)
         where stream.tenant_id = s.tenant_id and stream.id = s.id
        """;

    private const string WriteEvents =
        """
        insert into event_store.mt_events
            (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, correlation_id, causation_id, headers, user_name)
        select e.seq_id, e.id, e.stream_id, e.version, e.data, e.type, $8, e.tenant_id, $9, $10, $11, $12
          from unnest($1::bigint[], $2::uuid[], $3::text[], $4::bigint[], $5::jsonb[], $6::text[], $7::text[])
            as e (seq_id, id, stream_id, version, data, type, tenant_id)
        """;

    private const string Release = "delete from event_store.claims where tenant_id = $1 and scope = $2 and holder = $3";

    private const string Notify = $"select pg_notify('{PostgresEventStore.Channel}', '')";

    /// <summary>The first round trip: claims, releases, streams, head. Whoever waits for the head holds all else that it needs.</summary>
    public static NpgsqlBatch Lock(NpgsqlConnection connection, NpgsqlTransaction transaction, WrittenChange written)
    {
        var batch = new NpgsqlBatch(connection, transaction);
        foreach (var claim in written.Claims)
        {
            batch.Add(
                TakeClaim,
                new() { Value = claim.Tenant },
                new() { Value = claim.Scope },
                new() { Value = claim.Key },
                new() { Value = claim.Holder },
                new() { Value = claim.Until.ToUniversalTime() },
                new() { Value = written.Change.At });
        }

        foreach (var release in written.Change.Releases)
        {
            batch.Add(Release, new() { Value = release.Tenant }, new() { Value = release.Scope }, new() { Value = release.Holder });
        }

        if (written.EventCount > 0)
        {
            batch.Add(
                LockStreams,
                new() { Value = written.Appends.Select(a => a.Append.Stream.Tenant).ToArray() },
                new() { Value = written.Appends.Select(a => a.Append.Stream.Key).ToArray() });
            batch.Add(MoveHead, new NpgsqlParameter { Value = (long)written.EventCount });
        }

        return batch;
    }

    public static async Task<Locked> ReadLocksAsync(NpgsqlBatch batch, WrittenChange written, CancellationToken ct)
    {
        var versions = new Dictionary<StreamId, long>();
        if (batch.BatchCommands.Count == 0)
        {
            return new(null, versions, 0);
        }

        AppendResult? refusal = null;
        await using var reader = await batch.ExecuteReaderAsync(ct);
        foreach (var claim in written.Claims)
        {
            await reader.ReadAsync(ct);
            var holder = reader.GetString(0);
            refusal ??= holder == claim.Holder ? null : new AppendResult.ClaimTaken(claim, holder);
            await reader.NextResultAsync(ct);
        }

        if (written.EventCount == 0)
        {
            return new(refusal, versions, 0);
        }

        while (await reader.ReadAsync(ct))
        {
            versions.Add(new(reader.GetString(0), reader.GetString(1)), reader.GetInt64(2));
        }

        foreach (var (append, _) in written.Appends)
        {
            refusal ??= append.Expected.Admits(versions.GetValueOrDefault(append.Stream))
                ? null
                : new AppendResult.VersionMoved(append.Stream, append.Expected);
        }

        await reader.NextResultAsync(ct);
        await reader.ReadAsync(ct);
        return new(refusal, versions, reader.GetInt64(0));
    }

    /// <summary>Streams, events, and the notice that there are new ones.</summary>
    public static void AddEvents(NpgsqlBatch batch, WrittenChange written, IReadOnlyList<RecordedEvent> recorded)
    {
        if (recorded.Count == 0)
        {
            return;
        }

        var change = written.Change;
        AddStreams(batch, recorded, change.At);
        batch.Add(
            WriteEvents,
            new() { Value = recorded.Select(e => e.Position).ToArray() },
            new() { Value = recorded.Select(e => e.Id).ToArray() },
            new() { Value = recorded.Select(e => e.Stream.Key).ToArray() },
            new() { Value = recorded.Select(e => e.Version).ToArray() },
            new()
            {
                Value = written.Appends.SelectMany(a => a.Stored).Select(s => s.Body).ToArray(),
                NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Jsonb,
            },
            new() { Value = recorded.Select(e => e.Name).ToArray() },
            new() { Value = recorded.Select(e => e.Stream.Tenant).ToArray() },
            new() { Value = change.At },
            Text(change.Metadata.CorrelationId),
            Text(change.Metadata.CausationId),
            Headers(change.Metadata),
            Text(change.Metadata.Actor));
        batch.Add(Notify);
    }

    /// <summary>Undone by no fault of the change: the same again may succeed.</summary>
    public static bool IsLostRace(PostgresException broken) =>
        IsRaceForNewStream(broken) || PostgresFailures.IsSerializationConflict(broken);

    /// <summary>Two writers made the same stream, or one wrote to it without our locks.</summary>
    public static bool IsRaceForNewStream(PostgresException broken) =>
        broken.SqlState == SqlStates.UniqueViolation
        && broken.ConstraintName is "pkey_mt_streams_tenant_id_id" or "pk_mt_events_stream_and_version";

    /// <summary>The outcome that a database error stands for; null when it is a fault.</summary>
    public static AppendResult? Refusal(PostgresException broken) =>
        broken.SqlState is SqlStates.UniqueViolation or SqlStates.CheckViolation
        && broken.ConstraintName is { Length: > 0 } name
        && !IsRaceForNewStream(broken)
            ? new AppendResult.ConstraintBroken(name)
            : null;

    private static void AddStreams(NpgsqlBatch batch, IReadOnlyList<RecordedEvent> recorded, DateTimeOffset at)
    {
        var streams = recorded.GroupBy(e => e.Stream).Select(g => (Id: g.Key, First: g.First().Version, Last: g.Last().Version)).ToArray();
        var made = streams.Where(s => s.First == 1).ToArray();
        if (made.Length > 0)
        {
            batch.Add(
                WriteStreams,
                new() { Value = made.Select(s => s.Id.Tenant).ToArray() },
                new() { Value = made.Select(s => s.Id.Key).ToArray() },
                new() { Value = made.Select(s => s.Id.Category).ToArray() },
                new() { Value = made.Select(s => s.Last).ToArray() },
                new() { Value = at });
        }

        var moved = streams.Where(s => s.First > 1).ToArray();
        if (moved.Length > 0)
        {
            batch.Add(
                MoveStreams,
                new() { Value = moved.Select(s => s.Id.Tenant).ToArray() },
                new() { Value = moved.Select(s => s.Id.Key).ToArray() },
                new() { Value = moved.Select(s => s.Last).ToArray() },
                new() { Value = at });
        }
    }

    private static NpgsqlParameter Text(string? value) =>
        new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };

    private static NpgsqlParameter Headers(EventMetadata metadata) =>
        new()
        {
            Value = metadata.TraceParent is { } trace
                ? $$"""{"{{ReadSql.TraceParentHeader}}":"{{JsonEncodedText.Encode(trace)}}"}"""
                : DBNull.Value,
            NpgsqlDbType = NpgsqlDbType.Jsonb,
        };

    /// <param name="Refusal">Why nothing will be written; null when all locks are held as presumed.</param>
    /// <param name="Versions">The versions of the streams that exist.</param>
    /// <param name="Head">The position of the change's last event.</param>
    public sealed record Locked(AppendResult? Refusal, IReadOnlyDictionary<StreamId, long> Versions, long Head);
}
