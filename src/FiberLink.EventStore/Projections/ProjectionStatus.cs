using Npgsql;

namespace FiberLink.EventStore.Projections;

/// <summary>Where one projection stands.</summary>
/// <param name="Name">The projection.</param>
/// <param name="Lifecycle">Inline ones are always at the head.</param>
/// <param name="Position">Everything up to here is shown.</param>
/// <param name="Head">The log's last position at the same moment.</param>
/// <param name="State">running, failing, or idle when no daemon has run it.</param>
/// <param name="Owner">The service node that runs it.</param>
/// <param name="LastError">Why it is failing.</param>
/// <param name="FailedPosition">The event it cannot show.</param>
public sealed record ProjectionStatus(
    string Name,
    ProjectionLifecycle Lifecycle,
    long Position,
    long Head,
    string State,
    string? Owner,
    string? LastError,
    long? FailedPosition)
{
    /// <summary>How many events it is behind.</summary>
    public long Lag => Head - Position;

    private const string Sql =
        """
        select head.position, progress.last_seq_id, state.state, state.owner, state.last_error, state.failed_position
          from event_store.log_head as head
          left join event_store.mt_event_progression as progress on progress.name = $1
          left join event_store.projection_state as state on state.name = $2
        """;

    /// <summary>One status for each read model, in their order.</summary>
    public static async Task<IReadOnlyList<ProjectionStatus>> ReadAsync(
        NpgsqlDataSource database, IEnumerable<ReadModel> readModels, CancellationToken ct)
    {
        var all = new List<ProjectionStatus>();
        foreach (var model in readModels)
        {
            await using var command = database.CreateCommand(Sql);
            command.Parameters.Add(new() { Value = ProjectionProgress.RowName(model.Projection.Name) });
            command.Parameters.Add(new() { Value = model.Projection.Name });
            await using var reader = await command.ExecuteReaderAsync(ct);
            await reader.ReadAsync(ct);
            all.Add(Read(model, reader));
        }

        return all;
    }

    private static ProjectionStatus Read(ReadModel model, NpgsqlDataReader reader)
    {
        var head = reader.GetInt64(0);
        return model.Lifecycle is ProjectionLifecycle.Inline
            ? new(model.Projection.Name, model.Lifecycle, head, head, "running", null, null, null)
            : new(
                model.Projection.Name,
                model.Lifecycle,
                reader.IsDBNull(1) ? 0 : reader.GetInt64(1),
                head,
                reader.IsDBNull(2) ? "idle" : reader.GetString(2),
                reader.IsDBNull(3) ? null : reader.GetString(3),
                reader.IsDBNull(4) ? null : reader.GetString(4),
                reader.IsDBNull(5) ? null : reader.GetInt64(5));
    }
}
