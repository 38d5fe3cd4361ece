using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.EventStore;

/// <summary>The statements that look before they write: they take the locks in everybody's order, the head last.</summary>
internal static class LookSql
{
    private const string Begin = "begin";

    // A writer that stops between looking and writing loses its locks, and one that waits for somebody who holds the head gives up.
    private const string SetLimits =
        "select set_config('idle_in_transaction_session_timeout', '10s', true), set_config('lock_timeout', '10s', true)";

    private const string LockStreams =
        """
        select tenant_id, id, version, is_archived is true
          from event_store.mt_streams
         where (tenant_id, id) in (select * from unnest($1::text[], $2::text[]))
         order by tenant_id collate "C", id collate "C"
           for update
        """;

    private const string LockHead = "select position from event_store.log_head for update";

    private const string FindChanges =
        "select id, last_position, event_count, is_void from event_store.changes where id = any($1)";

    private const string FindClaims =
        """
        select tenant_id, scope, key, holder, until
          from event_store.claims
         where (tenant_id, scope, key) in (select * from unnest($1::text[], $2::text[], $3::text[]))
        """;

    /// <summary>Opens a transaction and looks up everything that the group depends on.</summary>
    public static async Task<LookedUp> LookAsync(NpgsqlConnection connection, IReadOnlyList<PendingAppend> group, CancellationToken ct)
    {
        var changes = group.Select(p => p.Written.Change).ToArray();
        var streams = group.SelectMany(p => p.Written.Appends).Select(a => a.Append.Stream).Distinct().ToArray();
        var claims = changes.SelectMany(c => c.Claims).ToArray();
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(Begin);
        batch.Add(SetLimits);
        batch.Add(
            LockStreams,
            new() { Value = streams.Select(s => s.Tenant).ToArray() },
            new() { Value = streams.Select(s => s.Key).ToArray() });
        batch.Add(LockHead);
        batch.Add(FindChanges, new NpgsqlParameter { Value = changes.Select(c => c.Id).Concat(changes.Select(c => c.BuiltOn)).ToArray() });
        batch.Add(
            FindClaims,
            new() { Value = claims.Select(c => c.Tenant).ToArray() },
            new() { Value = claims.Select(c => c.Scope).ToArray() },
            new() { Value = claims.Select(c => c.Key).ToArray() });
        await using var reader = await batch.ExecuteReaderAsync(ct);
        return await ReadAsync(reader, ct);
    }

    private static async Task<LookedUp> ReadAsync(NpgsqlDataReader reader, CancellationToken ct)
    {
        await reader.NextResultAsync(ct);
        var streams = new List<(StreamId Id, long Version, bool IsArchived)>();
        while (await reader.ReadAsync(ct))
        {
            streams.Add((new(reader.GetString(0), reader.GetString(1)), reader.GetInt64(2), reader.GetBoolean(3)));
        }

        await reader.NextResultAsync(ct);
        await reader.ReadAsync(ct);
        var found = new LookedUp(reader.GetInt64(0));
        streams.ForEach(s => found.Streams.Add(s.Id, (s.Version, s.IsArchived)));
        await reader.NextResultAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            found.Changes.Add(
                reader.GetGuid(0), new(reader.IsDBNull(1) ? null : reader.GetInt64(1), reader.GetInt32(2), reader.GetBoolean(3)));
        }

        await reader.NextResultAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            found.Claims.Add(
                (reader.GetString(0), reader.GetString(1), reader.GetString(2)),
                (reader.GetString(3), reader.GetFieldValue<DateTimeOffset>(4)));
        }

        return found;
    }
}
