namespace FiberLink.EventStore.Rebuilding;

/// <summary>How a rebuild ended. Whatever it was, no reader has seen anything but the old tables or the new ones.</summary>
public abstract record RebuildOutcome
{
    private RebuildOutcome()
    {
    }

    /// <summary>The new tables are the live ones.</summary>
    /// <param name="Generation">Their number; the tables that the migrations made are number 1.</param>
    /// <param name="Position">What they show: everything up to here.</param>
    /// <param name="Events">How many events this run has read.</param>
    /// <param name="ResumedAt">Where an earlier run had come to; 0 for a rebuild from the beginning.</param>
    /// <param name="Took">How long this run took.</param>
    public sealed record TookOver(long Generation, long Position, long Events, long ResumedAt, TimeSpan Took) : RebuildOutcome;

    /// <summary>Somebody else rebuilds or verifies this read model now; nothing was done.</summary>
    public sealed record AlreadyRunning : RebuildOutcome;

    /// <summary>An event cannot be shown. The live tables are untouched; once the cause is mended, a rebuild goes on from there.</summary>
    /// <param name="Position">The event.</param>
    /// <param name="Reason">What the projection or the database says.</param>
    public sealed record CannotShow(long Position, string Reason) : RebuildOutcome;

    /// <summary>The read model cannot be rebuilt beside the live one as it is written, or something stands on its tables.</summary>
    public sealed record NotRebuildable(string Reason) : RebuildOutcome;

    /// <summary>All is built, but others held the live tables for as long as was to be waited. A rebuild goes on from there.</summary>
    /// <param name="By">Who held them at last, as the database knows them.</param>
    public sealed record TablesHeld(string By) : RebuildOutcome;
}

/// <summary>How a rebuild is to go about it.</summary>
public sealed record RebuildOptions
{
    public const int ParallelMax = 32;

    /// <summary>The most that is written at once; a few hundred megabytes of memory.</summary>
    public const int PageEventsMax = 200_000;

    /// <summary>
    /// Into how many parts the streams are split, each with a writer of its own: 1 to 32, more than 1 only where
    /// <see cref="Projections.IProjection.IsByStream"/>. A rebuild that is resumed keeps the number that it began with.
    /// </summary>
    public int Parallel { get; init; } = 1;

    /// <summary>
    /// How many events are written in one transaction, 1 to 200,000; fewer when they are large. Three such pages are in memory: the one
    /// that is written, one that waits, one that is read.
    /// </summary>
    public int PageEvents { get; init; } = 50_000;

    /// <summary>
    /// While others append, pages are small and a rest is taken after each, so that commands hardly notice; it takes a few times as
    /// long. False takes the whole machine.
    /// </summary>
    public bool GivesWay { get; init; } = true;

    /// <summary>
    /// The most events that are read in a second, 1 to 10,000,000; null for no bound. Only the last few, which are shown while the log's
    /// head is held, are not held up by it. Where others append faster, a rebuild never catches up.
    /// </summary>
    public int? EventsPerSecondMax { get; init; }

    public const int EventsPerSecondLimit = 10_000_000;

    /// <summary>
    /// Where a rebuild is to begin: null to go on with an unfinished one, or else from the beginning; 0 to drop an unfinished one; any
    /// other position to go on with an unfinished one that stands just there, or not at all. Rows depend on all that came before, so
    /// there is no beginning in the middle.
    /// </summary>
    public long? From { get; init; }

    /// <summary>How long to wait for others who hold the live tables.</summary>
    public TimeSpan TakeOverPatience { get; init; } = TimeSpan.FromMinutes(10);
}

/// <summary>How far it is.</summary>
/// <param name="ReadModel">Which.</param>
/// <param name="Step">What it does.</param>
/// <param name="Position">Everything up to here is in the new tables.</param>
/// <param name="Target">Where it has to come to; moves while others append.</param>
/// <param name="Events">How many events this run has read.</param>
/// <param name="Elapsed">For how long it runs.</param>
public sealed record RebuildProgress(string ReadModel, RebuildStep Step, long Position, long Target, long Events, TimeSpan Elapsed)
{
    /// <summary>Events a second since this run began.</summary>
    public double Rate => Elapsed > TimeSpan.Zero ? Events / Elapsed.TotalSeconds : 0;

    /// <summary>At this rate; null while there is none yet.</summary>
    public TimeSpan? Left => Rate > 0 ? TimeSpan.FromSeconds(Math.Max(0, Target - Position) / Rate) : null;
}

/// <summary>What a rebuild or a comparison is doing.</summary>
public enum RebuildStep
{
    /// <summary>It reads the log and fills the new tables.</summary>
    Building = 1,

    /// <summary>It gathers the statistics that queries are planned by.</summary>
    Analysing = 2,

    /// <summary>It waits for its turn to swap the tables.</summary>
    TakingOver = 3,

    /// <summary>It compares the tables with the live ones.</summary>
    Comparing = 4,
}
