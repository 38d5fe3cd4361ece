using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.EventStore;

/// <summary>Marks a stream and its events as Marten does.</summary>
internal static class ArchiveSql
{
    // The stream's row first: whoever appends to it waits there.
    private const string MarkStream =
        "update event_store.mt_streams set is_archived = $3 where tenant_id = $1 and id = $2";

    private const string MarkEvents =
        "update event_store.mt_events set is_archived = $3 where tenant_id = $1 and stream_id = $2 and is_archived is distinct from $3";

    public static async Task<bool> SetAsync(NpgsqlDataSource database, StreamId stream, bool isArchived, CancellationToken ct)
    {
        await using var batch = database.CreateBatch();
        foreach (var sql in (string[])[MarkStream, MarkEvents])
        {
            batch.Add(sql, new() { Value = stream.Tenant }, new() { Value = stream.Key }, new() { Value = isArchived });
        }

        await batch.ExecuteNonQueryAsync(ct);
        return batch.BatchCommands[0].RecordsAffected == 1;
    }
}
