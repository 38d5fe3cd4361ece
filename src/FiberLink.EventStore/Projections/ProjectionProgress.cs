using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.EventStore.Projections;

/// <summary>How far an async projection has come, kept where Marten keeps it.</summary>
internal static class ProjectionProgress
{
    private const string Begin =
        """
        insert into event_store.mt_event_progression (name, last_seq_id) values ($1, 0)
        on conflict on constraint pk_mt_event_progression do nothing
        """;

    private const string Read = "select last_seq_id from event_store.mt_event_progression where name = $1";

    private const string Move =
        """
        update event_store.mt_event_progression set last_seq_id = $3, last_updated = now()
         where name = $1 and last_seq_id = $2
        """;

    private const string Tell =
        """
        insert into event_store.projection_state (name, state, owner, last_error, failed_position, updated_at)
        values ($1, $2, $3, $4, $5, now())
        on conflict (name) do update
           set state = excluded.state, owner = excluded.owner, last_error = excluded.last_error,
               failed_position = excluded.failed_position, updated_at = excluded.updated_at
        """;

    public static string RowName(string projection) => $"{projection}:All";

    /// <summary>The position up to which everything is shown; makes the row when there is none.</summary>
    public static async Task<long> ReadAsync(NpgsqlDataSource database, string projection, CancellationToken ct)
    {
        await using var batch = database.CreateBatch();
        batch.Add(Begin, new NpgsqlParameter { Value = RowName(projection) });
        batch.Add(Read, new NpgsqlParameter { Value = RowName(projection) });
        return (long)(await batch.ExecuteScalarAsync(ct))!;
    }

    /// <summary>Adds the step from one position to the next; it must be the batch's first command.</summary>
    public static void AddMove(NpgsqlBatch batch, string projection, long from, long to) =>
        batch.Add(Move, new() { Value = RowName(projection) }, new() { Value = from }, new() { Value = to });

    public static async Task TellAsync(
        NpgsqlDataSource database, string projection, string state, string owner, string? error, long? failedPosition, CancellationToken ct)
    {
        await using var batch = database.CreateBatch();
        batch.Add(
            Tell,
            new() { Value = projection },
            new() { Value = state },
            new() { Value = owner },
            new() { Value = (object?)error ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text },
            new() { Value = failedPosition is { } at ? at : DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Bigint });
        await batch.ExecuteNonQueryAsync(ct);
    }
}
