using FiberLink.EventStore.Projections;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.EventStore.Rebuilding;

/// <summary>A projection's statements for a generation, with the step of its progress before them.</summary>
internal static class ProjectionStatements
{
    /// <summary>A table that is named without its schema must not be found, least of all the live one.</summary>
    public const string EmptyPath = "select set_config('search_path', '', true)";

    private const string Move =
        """
        update event_store.generation_progress set position = $5
         where projection = $1 and number = $2 and shard = $3 and position = $4
        """;

    private const string Where =
        "select position from event_store.generation_progress where projection = $1 and number = $2 and shard = $3";

    /// <summary>
    /// Whether a part stands where this process left it. When it does not, rows that are there already may refuse the ones of the
    /// step before the step itself is looked at, and no event is to blame.
    /// </summary>
    public static async Task<bool> HasMovedAsync(NpgsqlDataSource database, Generation generation, int shard, CancellationToken ct)
    {
        await using var command = database.Command(
            Where, new() { Value = generation.Projection }, new() { Value = generation.Number }, new() { Value = shard });
        return await command.ExecuteScalarAsync(ct) is not long position || position != generation.Positions[shard];
    }

    /// <summary>Adds the step of one part and the rows of its events, but of those that are left out.</summary>
    /// <returns>The step: unless it touches one row, somebody else has moved the generation.</returns>
    /// <exception cref="NotRebuildableException">A statement names a schema that is not the read model's.</exception>
    public static NpgsqlBatchCommand Add(NpgsqlBatch batch, Generation generation, int shard, long to, IReadOnlyList<RecordedEvent> events)
    {
        var move = batch.Add(
            Move,
            new() { Value = generation.Projection },
            new() { Value = generation.Number },
            new() { Value = shard },
            new() { Value = generation.Positions[shard] },
            new() { Value = to });
        var shown = generation.Skipped.Count == 0 ? events : [.. events.Where(e => !generation.Skipped.Contains(e.Position))];
        if (shown.Count > 0)
        {
            batch.Add(EmptyPath);
            var first = batch.BatchCommands.Count;
            generation.Model.Projection.Project(shown, batch);
            generation.Rewrite.Rewrite(batch, first);
        }

        return move;
    }

    /// <summary>The statements themselves are wrong for a generation, whatever the events.</summary>
    public static bool IsAboutTheStatements(Exception broken) =>
        broken is PostgresException { SqlState: [ '4', '2', .. ] or SqlStates.InvalidSchemaName };

    /// <summary>What the projection says about an event, or the database about its rows; not that the database is away.</summary>
    public static bool IsAboutTheEvents(Exception broken) =>
        broken is not (OperationCanceledException or GenerationMovedException or ProjectionFailedException or NotRebuildableException)
        && (broken is not NpgsqlException || broken is PostgresException)
        && !IsAboutTheStatements(broken)
        && !PostgresFailures.IsTransient(broken)
        && !PostgresFailures.IsSerializationConflict(broken);
}
