using FiberLink.EventStore.Daemon;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.EventStore.Projections;

/// <summary>Up to where the read model of an asynchronous projection shows the log.</summary>
/// <param name="Position">Everything up to here is shown, by all of its shards; zero when it has never run.</param>
/// <param name="Head">The log's last position at the same moment.</param>
public readonly record struct ShownPosition(long Position, long Head)
{
    private const string Shown =
        $"""
        select coalesce((select min(last_seq_id) from event_store.mt_event_progression where {ShardProgress.IsShard}), 0), position
          from event_store.log_head
        """;

    /// <param name="database">Where it is.</param>
    /// <param name="projection">The projection's name.</param>
    /// <param name="ct">Stops the read.</param>
    public static async Task<ShownPosition> ReadAsync(NpgsqlDataSource database, string projection, CancellationToken ct)
    {
        await using var command = database.Command(Shown, new NpgsqlParameter { Value = projection });
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct)
            ? new(reader.GetInt64(0), reader.GetInt64(1))
            : throw new InvalidOperationException("The log has no head: the schema has not been applied.");
    }
}
