using FiberLink.EventStore.Projections;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.EventStore.Rebuilding;

/// <summary>Which generation of a read model is live, and whether another one is being built.</summary>
/// <param name="Name">The read model.</param>
/// <param name="Live">The live generation; the tables that the migrations made are number 1.</param>
/// <param name="LiveSince">When it took over; null for number 1.</param>
/// <param name="Unfinished">The generation that a rebuild builds, or has left unfinished; null when there is none.</param>
/// <param name="UnfinishedPosition">How far that one is.</param>
public sealed record GenerationStatus(
    string Name, long Live, DateTimeOffset? LiveSince, long? Unfinished, long? UnfinishedPosition)
{
    private const string Sql =
        """
        select live.number, live.changed_at, next.number,
               (select min(position) from event_store.generation_progress as p
                 where p.projection = next.projection and p.number = next.number)
          from (select $1) as model (name)
          left join event_store.generations as live on live.projection = model.name and live.state = 'live'
          left join event_store.generations as next on next.projection = model.name and next.state in ('building', 'ready')
                                                    and next.purpose = 'rebuild'
        """;

    /// <summary>One status for each read model, in their order.</summary>
    public static async Task<IReadOnlyList<GenerationStatus>> ReadAsync(
        NpgsqlDataSource database, IEnumerable<ReadModel> readModels, CancellationToken ct)
    {
        var all = new List<GenerationStatus>();
        foreach (var name in readModels.Select(m => m.Projection.Name))
        {
            await using var command = database.Command(Sql, new NpgsqlParameter { Value = name });
            await using var reader = await command.ExecuteReaderAsync(ct);
            await reader.ReadAsync(ct);
            all.Add(new(
                name,
                reader.IsDBNull(0) ? 1 : reader.GetInt64(0),
                reader.IsDBNull(1) ? null : reader.GetFieldValue<DateTimeOffset>(1),
                reader.IsDBNull(2) ? null : reader.GetInt64(2),
                reader.IsDBNull(3) ? null : reader.GetInt64(3)));
        }

        return all;
    }
}
