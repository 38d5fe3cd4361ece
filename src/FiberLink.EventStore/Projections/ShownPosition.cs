using FiberLink.EventStore.Daemon;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.EventStore.Projections;

/// <summary>Up to where the read models of asynchronous projections show the log.</summary>
/// <param name="Position">Everything up to here is shown, by all of their shards; zero when one has never run.</param>
/// <param name="Head">The log's last position, or an earlier one if events came while it was asked for.</param>
public readonly record struct ShownPosition(long Position, long Head)
{
    private const string Shown =
        $"""
        select coalesce((select min(last_seq_id) from event_store.mt_event_progression where {ShardProgress.IsShard}), 0), position
          from event_store.log_head
        """;

    /// <summary>Where the one that is furthest behind stands.</summary>
    /// <param name="database">Where they are.</param>
    /// <param name="projections">The projections' names, one at least.</param>
    /// <param name="ct">Stops the read.</param>
    public static async Task<ShownPosition> ReadAsync(
        NpgsqlDataSource database, IReadOnlyCollection<string> projections, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfZero(projections.Count);
        await using var batch = database.CreateBatch();
        foreach (var projection in projections)
        {
            batch.Add(Shown, new NpgsqlParameter { Value = projection });
        }

        var least = new ShownPosition(long.MaxValue, long.MaxValue);
        await using var reader = await batch.ExecuteReaderAsync(ct);
        do
        {
            least = await reader.ReadAsync(ct)
                ? new(Math.Min(least.Position, reader.GetInt64(0)), Math.Min(least.Head, reader.GetInt64(1)))
                : throw new InvalidOperationException("The log has no head: the schema has not been applied.");
        }
        while (await reader.NextResultAsync(ct));
        return least;
    }

    /// <summary>Where one of them stands.</summary>
    /// <inheritdoc cref="ReadAsync(NpgsqlDataSource, IReadOnlyCollection{string}, CancellationToken)"/>
    public static Task<ShownPosition> ReadAsync(NpgsqlDataSource database, string projection, CancellationToken ct) =>
        ReadAsync(database, [projection], ct);
}
