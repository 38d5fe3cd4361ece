using FiberLink.EventStore.Projections;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.EventStore.Rebuilding;

/// <summary>
/// Builds a read model anew from the log, beside the live one, and puts it in its place in one transaction. Appends and reads go on
/// meanwhile. A rebuild that was cancelled or killed is gone on with by the next one.
/// </summary>
/// <param name="database">Where log and read models are.</param>
/// <param name="store">Reads the log.</param>
/// <param name="time">Drives the waits.</param>
public sealed class ProjectionRebuild(NpgsqlDataSource database, IEventStore store, TimeProvider time)
{
    private const int AnalyseSecondsMax = 3600;

    /// <summary>Rebuilds one read model.</summary>
    /// <param name="model">Which; it says what its tables are.</param>
    /// <param name="options">How.</param>
    /// <param name="progress">Told of each page, from any thread but one at a time.</param>
    /// <param name="ct">Stops the rebuild; what is built is kept.</param>
    /// <returns>The new tables are live; or why they are not, and then the old ones are untouched.</returns>
    /// <exception cref="ArgumentException">The read model does not say its tables, or cannot be split as asked for.</exception>
    /// <exception cref="NpgsqlException">The database went away; what is built is kept.</exception>
    public async Task<RebuildOutcome> RunAsync(
        ReadModel model, RebuildOptions options, IProgress<RebuildProgress>? progress, CancellationToken ct)
    {
        Check(model, options);
        using var activity = RebuildTelemetry.Start("rebuild", model.Projection.Name);
        await using var held = await AdvisoryLock.TryTakeAsync(database, LockName(model), ct);
        if (held is null)
        {
            return new RebuildOutcome.AlreadyRunning();
        }

        try
        {
            return await RunLockedAsync(model, options, new(model.Projection.Name, progress, time), ct);
        }
        catch (ProjectionFailedException poison)
        {
            return new RebuildOutcome.CannotShow(poison.Position, (poison.InnerException ?? poison).Message);
        }
        catch (NotRebuildableException unfit)
        {
            return new RebuildOutcome.NotRebuildable(unfit.Message);
        }
        catch (GenerationMovedException)
        {
            return new RebuildOutcome.AlreadyRunning();
        }
        catch (PostgresException broken) when (broken.SqlState is SqlStates.DependentObjectsStillExist)
        {
            return new RebuildOutcome.NotRebuildable($"something stands on its tables: {broken.Detail ?? broken.MessageText}.");
        }
        catch (PostgresException broken) when (ProjectionStatements.IsAboutTheStatements(broken))
        {
            return new RebuildOutcome.NotRebuildable($"the database refuses: {broken.MessageText}.");
        }
    }

    /// <summary>One at a time rebuilds or verifies a read model.</summary>
    internal static string LockName(ReadModel model) => $"rebuild/{model.Projection.Name}";

    /// <exception cref="ArgumentException">It cannot be built like this.</exception>
    internal static void Check(ReadModel model, RebuildOptions options)
    {
        if (model.Tables is null)
        {
            throw new ArgumentException($"{model.Projection.Name} does not say what its tables are.", nameof(model));
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(options.Parallel, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Parallel, RebuildOptions.ParallelMax);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.PageEvents, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.PageEvents, RebuildOptions.PageEventsMax);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.EventsPerSecondMax ?? 1, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.EventsPerSecondMax ?? 1, RebuildOptions.EventsPerSecondLimit);
        ArgumentOutOfRangeException.ThrowIfNegative(options.From ?? 0);
        if (options.Parallel > 1 && !model.Projection.IsByStream)
        {
            throw new ArgumentException(
                $"The rows of {model.Projection.Name} depend on several streams; it cannot be split.", nameof(options));
        }
    }

    private async Task<RebuildOutcome> RunLockedAsync(ReadModel model, RebuildOptions options, RebuildReport report, CancellationToken ct)
    {
        var generation = await new GenerationBook(database).OpenAsync(model, GenerationPurpose.Rebuild, options, ct);
        var build = new GenerationBuild(database, store, generation, options, report, time);
        await build.NearHeadAsync(ct);
        await PrepareAsync(generation, report, ct);
        await build.NearHeadAsync(ct);
        var (position, heldBy) = await new TakeOver(database, generation, build, report, time).RunAsync(options.TakeOverPatience, ct);
        return position is { } at
            ? new RebuildOutcome.TookOver(generation.Number, at, report.Events, generation.ResumedAt, report.Elapsed)
            : new RebuildOutcome.TablesHeld(heldBy);
    }

    private async Task PrepareAsync(Generation generation, RebuildReport report, CancellationToken ct)
    {
        report.Say(RebuildStep.Analysing, generation.Position, generation.Position);
        await using (var work = await UnitOfWork.BeginAsync(database, ct))
        {
            // Most of it now, so that little is left for the moment in which the tables are locked.
            await CarriedOver.ColumnsAsync(work, generation, ct);
            await using var batch = work.Batch();
            GenerationBook.AddTell(batch, generation.Projection, generation.Number, "ready");
            await batch.ExecuteNonQueryAsync(ct);
            await work.CommitAsync(ct);
        }

        // The first query on the new tables is to be planned as well as the last one on the old.
        foreach (var table in generation.Tables.Names)
        {
            await using var analyse = database.Command($"vacuum (analyze) {generation.Next(table)}");
            analyse.CommandTimeout = AnalyseSecondsMax;
            await analyse.ExecuteNonQueryAsync(ct);
        }
    }
}
