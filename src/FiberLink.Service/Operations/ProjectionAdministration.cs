using System.Globalization;
using FiberLink.Domain.Withdrawals;
using FiberLink.Events;
using FiberLink.Events.Operations;
using FiberLink.EventStore;
using FiberLink.EventStore.Projections;
using FiberLink.Postgres;
using FiberLink.Projections;
using FiberLink.Service.CommandHandling;
using Npgsql;

namespace FiberLink.Service.Operations;

/// <summary>
/// Pauses async projections and subscriptions, lets them go on, has one leave out an event, sets one back. Each decision is an event, and
/// commits with what all nodes go by from then on.
/// </summary>
public sealed class ProjectionAdministration
{
    private readonly NpgsqlDataSource _database;
    private readonly IEventStore _store;
    private readonly Ids _ids;
    private readonly TimeProvider _time;

    internal ProjectionAdministration(NpgsqlDataSource database, IEventStore store, Ids ids, TimeProvider time) =>
        (_database, _store, _ids, _time) = (database, store, ids, time);

    /// <summary>Lets it stand still from the next page on.</summary>
    /// <param name="projection">An async read model, or a subscription.</param>
    /// <param name="by">Who: one line of at most 100 characters.</param>
    /// <param name="reason">Why: one line of at most 500 characters.</param>
    /// <param name="ct">Stops before the commit.</param>
    public async Task<ProjectionAnswer> PauseAsync(string projection, string by, string reason, CancellationToken ct)
    {
        var at = _time.GetUtcNow();
        return await FindAsync(projection, "paused", ct) is var (name, refused) && refused is not null
            ? refused
            : await DecideAsync(
                new ProjectionEvent.Paused(name, by, reason, at), new ProjectionDecisionRow.Pause(name, by, reason, at), by, ct);
    }

    /// <summary>Lets it go on.</summary>
    /// <inheritdoc cref="PauseAsync"/>
    public async Task<ProjectionAnswer> ResumeAsync(string projection, string by, CancellationToken ct) =>
        await FindAsync(projection, "resumed", ct) is var (name, refused) && refused is not null
            ? refused
            : await DecideAsync(
                new ProjectionEvent.Resumed(name, by, _time.GetUtcNow()), new ProjectionDecisionRow.Resume(name), by, ct);

    /// <summary>Has it leave out the event that it stands before and cannot show, for good.</summary>
    /// <param name="projection">An async read model, or a subscription.</param>
    /// <param name="which">The event's position or id.</param>
    /// <param name="by">Who: one line of at most 100 characters.</param>
    /// <param name="reason">Why: one line of at most 500 characters.</param>
    /// <param name="ct">Stops before the commit.</param>
    public async Task<ProjectionAnswer> SkipAsync(string projection, string which, string by, string reason, CancellationToken ct)
    {
        var (name, refused) = await FindAsync(projection, "told to leave an event out", ct);
        if (refused is not null)
        {
            return refused;
        }

        var skips = (await ProjectionDecisions.ReadAsync(_database, ct)).Skips.Where(s => s.Projection == name);
        if (skips.Any(s => Is(which, s.Position, s.EventId)))
        {
            return new ProjectionAnswer.Done(IsNew: false);
        }

        var standing = await ProjectionDecisions.ReadStandingAsync(_database, name, ct);
        if (!standing.Any(s => Is(which, s.Position, s.Id)))
        {
            return new ProjectionAnswer.Refused(
                $"{name} does not stand before the event {which}, so it is not left out: "
                + (standing.Count == 0
                    ? "it stands before none."
                    : $"it stands before {string.Join(", ", standing.Select(s => $"{s.Name} at position {Text(s.Position)} ({s.Id})"))}."));
        }

        var (position, id, _) = standing.First(s => Is(which, s.Position, s.Id));
        var at = _time.GetUtcNow();
        return await DecideAsync(
            new ProjectionEvent.EventSkipped(name, position, id, by, reason, at),
            new ProjectionDecisionRow.Skip(name, position, id, by, reason, at),
            by,
            ct);
    }

    /// <summary>Gives a subscription's shard again what comes after a position. A read model would show it twice, and is refused.</summary>
    /// <param name="projection">A subscription.</param>
    /// <param name="shard"><c>All</c>, or <c>2of4</c>.</param>
    /// <param name="to">Where it is to stand: before where it stands now.</param>
    /// <param name="by">Who: one line of at most 100 characters.</param>
    /// <param name="reason">Why: one line of at most 500 characters.</param>
    /// <param name="ct">Stops before the commit.</param>
    public async Task<ProjectionAnswer> ResetShardAsync(
        string projection, string shard, long to, string by, string reason, CancellationToken ct)
    {
        var (name, refused) = await FindAsync(projection, "set back", ct);
        if (refused is not null)
        {
            return refused;
        }

        return ReadModels.Async.Any(p => p.Name == name)
            ? new ProjectionAnswer.Refused(
                $"{name} is a read model: set back, it would show again what its rows show already, and count it twice. "
                + $"'fiberlink projections rebuild {name}' makes its rows anew.")
            : await DecideAsync(
                new ProjectionEvent.ShardReset(name, shard, to, by, reason, _time.GetUtcNow()),
                new ProjectionDecisionRow.ResetShard(name, shard, to),
                by,
                ct);
    }

    private async Task<(string Name, ProjectionAnswer.Refused? Refused)> FindAsync(string name, string done, CancellationToken ct)
    {
        if (ReadModels.Inline.FirstOrDefault(p => Same(p.Name, name)) is { } inline)
        {
            return (inline.Name, new(
                $"{inline.Name} is kept in the transaction that appends, so it is always at the log's end and cannot be {done}. "
                + "An event that it could not show is not in the log."));
        }

        var known = ReadModels.Async.Select(p => p.Name).Union(await ProjectionStatus.ReadNamesAsync(_database, ct)).ToArray();
        return known.FirstOrDefault(n => Same(n, name)) is { } found
            ? (found, null)
            : (name, new($"There is no async read model or subscription '{name}'. There are: {string.Join(", ", known)}."));
    }

    private async Task<ProjectionAnswer> DecideAsync(ProjectionEvent decided, ProjectionDecisionRow row, string by, CancellationToken ct)
    {
        // Checked here too: whatever is on record, others have to be able to read it on a line.
        if (OperatorWords.Objection(by, "said") is not null)
        {
            throw new ArgumentException("Say who decides it.", nameof(by));
        }

        var change = new Change(
            [new(new(Tenants.Hub, $"projection-{row.Projection}"), ExpectedVersion.Any, _ids.Of([decided]))],
            new(null, null, $"operator:{by}", null),
            _time.GetUtcNow()) { Rows = [row] };
        try
        {
            return Answer(await _store.AppendAsync(change, ct), row);
        }
        catch (PostgresException busy) when (busy.SqlState is SqlStates.LockNotAvailable)
        {
            return new ProjectionAnswer.Refused(
                $"A page of {row.Projection} is being written and takes long, or it is just being rebuilt: try again in a moment.");
        }
    }

    private static ProjectionAnswer Answer(AppendResult result, ProjectionDecisionRow row) => result switch
    {
        AppendResult.Appended => new ProjectionAnswer.Done(IsNew: true),
        AppendResult.ConstraintBroken
        {
            Constraint: ProjectionDecisionRow.IsNotPaused or ProjectionDecisionRow.IsPaused or ProjectionDecisionRow.IsNotSkipped,
        } => new ProjectionAnswer.Done(IsNew: false),
        AppendResult.ConstraintBroken { Constraint: ProjectionDecisionRow.StandsBeforeEvent } =>
            new ProjectionAnswer.Refused($"{row.Projection} stands there no more: it has just gone on."),
        AppendResult.ConstraintBroken { Constraint: ProjectionDecisionRow.StandsFurtherOn } => new ProjectionAnswer.Refused(
            $"{row.Projection} has no such shard, or that one does not stand after this position: 'fiberlink projections list' says where "
            + "it stands. It is never set forward: what lies between would be left out in silence."),
        AppendResult.Unknown unknown => throw new OutcomeIsUnknownException(unknown.ChangeId),
        _ => throw new System.Diagnostics.UnreachableException($"A decision about a projection cannot end in {result}."),
    };

    private static bool Is(string which, long position, Guid id) =>
        which == Text(position) || (Guid.TryParse(which, out var asked) && asked == id);

    private static bool Same(string name, string given) => string.Equals(name, given, StringComparison.OrdinalIgnoreCase);

    private static string Text(long position) => position.ToString(CultureInfo.InvariantCulture);
}
