using System.Data;
using FiberLink.EventStore.Projections;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.EventStore.Rebuilding;

/// <summary>
/// Builds a read model anew from the log, beside the live one, compares the two at one position, and drops what it built. Appends and
/// reads go on meanwhile: the comparison looks at one snapshot of the database. An unfinished rebuild is left as it is.
/// </summary>
/// <param name="database">Where log and read models are.</param>
/// <param name="store">Reads the log.</param>
/// <param name="time">Drives the waits.</param>
public sealed class ProjectionVerification(NpgsqlDataSource database, IEventStore store, TimeProvider time)
{
    /// <summary>Compares one read model with its log.</summary>
    /// <param name="model">Which; it says what its tables are.</param>
    /// <param name="options">How to build.</param>
    /// <param name="progress">Told of each page, from any thread but one at a time.</param>
    /// <param name="ct">Stops the comparison; what was built is dropped.</param>
    /// <exception cref="ArgumentException">The read model does not say its tables, or cannot be split as asked for.</exception>
    /// <exception cref="NpgsqlException">The database went away.</exception>
    public async Task<VerifyOutcome> RunAsync(
        ReadModel model, RebuildOptions options, IProgress<RebuildProgress>? progress, CancellationToken ct)
    {
        ProjectionRebuild.Check(model, options);
        using var activity = RebuildTelemetry.Start("verify", model.Projection.Name);
        await using var held = await AdvisoryLock.TryTakeAsync(database, ProjectionRebuild.LockName(model), ct);
        if (held is null)
        {
            return new VerifyOutcome.AlreadyRunning();
        }

        try
        {
            return await RunLockedAsync(model, options, new(model.Projection.Name, progress, time), ct);
        }
        catch (ProjectionFailedException poison)
        {
            return new VerifyOutcome.CannotShow(poison.Position, (poison.InnerException ?? poison).Message);
        }
        catch (NotRebuildableException unfit)
        {
            return new VerifyOutcome.NotRebuildable(unfit.Message);
        }
        catch (GenerationMovedException)
        {
            return new VerifyOutcome.AlreadyRunning();
        }
    }

    private async Task<VerifyOutcome.Compared> RunLockedAsync(
        ReadModel model, RebuildOptions options, RebuildReport report, CancellationToken ct)
    {
        var book = new GenerationBook(database);
        var generation = await book.OpenAsync(model, GenerationPurpose.Verify, options, ct);
        try
        {
            var build = new GenerationBuild(database, store, generation, options, report, time);
            await build.NearAsync(LeastShownAsync, ct);
            return await CompareAsync(generation, build, report, ct);
        }
        finally
        {
            // Without the token: whoever leaves early leaves nothing behind. What a kill leaves, the next one drops.
            await book.DropAsync(generation.Projection, generation.Number, generation.Schema, CancellationToken.None);
        }

        async Task<long> LeastShownAsync(CancellationToken token)
        {
            await using var work = await UnitOfWork.BeginAsync(database, token);
            return (await LivePosition.ReadAsync(work, model, token)).Least;
        }
    }

    private async Task<VerifyOutcome.Compared> CompareAsync(
        Generation generation, GenerationBuild build, RebuildReport report, CancellationToken ct)
    {
        await using var work = await UnitOfWork.BeginAsync(database, IsolationLevel.RepeatableRead, ct);
        var live = await LivePosition.ReadAsync(work, generation.Model, ct);
        await GenerationBook.AdoptSkipsAsync(work, generation, ct);
        var before = generation.Positions.ToArray();
        try
        {
            await build.WithinAsync(work, live.Most, live.Shows, ct);
        }
        catch (Exception broken) when (ProjectionStatements.IsAboutTheEvents(broken))
        {
            // Built outside of the snapshot it says which event it is.
            before.CopyTo(generation.Positions, 0);
            await build.ToAsync(live.Most, ct);
            throw;
        }

        report.Say(RebuildStep.Comparing, live.Most, live.Most);
        var comparing = new TableComparing(work, generation);
        var tables = new List<TableComparison>();
        foreach (var table in generation.Tables.Names)
        {
            tables.Add(await comparing.CompareAsync(table, ct));
        }

        return new(live.Most, tables, report.Elapsed);
    }
}
