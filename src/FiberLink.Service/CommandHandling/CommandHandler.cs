using System.Collections.Concurrent;
using System.Diagnostics;
using FiberLink.Domain;
using FiberLink.EventStore;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.Service.CommandHandling;

/// <summary>The one road from a decision to the log: read, decide, append; and again when somebody else was faster.</summary>
internal sealed class CommandHandler(IEventStore store, Ids ids, CommitSignals signals, TimeProvider time)
{
    private readonly ConcurrentDictionary<object, object> _states = new();

    /// <summary>Reads a stream's state.</summary>
    public async Task<TState> LoadAsync<TState, TEvent>(StreamId stream, Folding<TState, TEvent> folding, CancellationToken ct)
        where TEvent : notnull =>
        (await LoadWithVersionAsync(stream, folding, ct)).State;

    /// <summary>Reads a stream's state, and how many events made it.</summary>
    public Task<StreamState<TState>> LoadWithVersionAsync<TState, TEvent>(
        StreamId stream, Folding<TState, TEvent> folding, CancellationToken ct)
        where TEvent : notnull => StatesOf(folding).LoadAsync(stream, ct);

    /// <summary>Decides on the present state and appends what was decided, with the rows that belong to it, or nothing.</summary>
    /// <param name="stream">The stream that is decided over.</param>
    /// <param name="folding">How its events become the state.</param>
    /// <param name="decide">Pure; may be called several times.</param>
    /// <param name="attach">
    /// From the state before and the events to what commits with them: claims, releases, rows. Called with no events as well.
    /// </param>
    /// <param name="context">Who stands behind it.</param>
    /// <param name="isNew">True when the stream's id was made up for this command.</param>
    /// <param name="ct">Stops before the commit; what has committed stays.</param>
    /// <exception cref="StreamIsContestedException">Others wrote to the stream each time.</exception>
    public Task<Handled<TState, TRefusal>> HandleAsync<TState, TEvent, TRefusal>(
        StreamId stream,
        Folding<TState, TEvent> folding,
        Func<TState, Decision<TEvent, TRefusal>> decide,
        Func<TState, IReadOnlyList<TEvent>, Attachments> attach,
        CommandContext context,
        bool isNew,
        CancellationToken ct)
        where TEvent : notnull
        where TRefusal : struct, Enum =>
        HandleVersionAsync(stream, folding, decide, (past, events) => attach(past.State, events), context, isNew, ct);

    /// <summary>As <see cref="HandleAsync"/>, where what is attached goes by the stream's version before, too.</summary>
    public async Task<Handled<TState, TRefusal>> HandleVersionAsync<TState, TEvent, TRefusal>(
        StreamId stream,
        Folding<TState, TEvent> folding,
        Func<TState, Decision<TEvent, TRefusal>> decide,
        Func<StreamState<TState>, IReadOnlyList<TEvent>, Attachments> attach,
        CommandContext context,
        bool isNew,
        CancellationToken ct)
        where TEvent : notnull
        where TRefusal : struct, Enum
    {
        Decision<TEvent, TRefusal>? last = null;
        Change? change = null;
        var decided = await StatesOf(folding).DecideAsync(stream, Decide, isNew, ct);
        switch (decided.Result)
        {
            case null when last is Decision<TEvent, TRefusal>.Refused refused:
                return new Handled<TState, TRefusal>.Refused(refused.Reason, decided.State);
            case null:
                return new Handled<TState, TRefusal>.Accepted(decided.State, []);
            case AppendResult.Appended appended:
                signals.Committed(appended.Events.Count > 0, change!.Rows);
                return new Handled<TState, TRefusal>.Accepted(
                    appended.Events.Aggregate(decided.State, (state, e) => folding.Evolve(state, (TEvent)e.Body)), appended.Events);
            case AppendResult.ClaimTaken taken:
                return new Handled<TState, TRefusal>.ClaimTaken(taken.Holder);
            case AppendResult.ConstraintBroken broken:
                return new Handled<TState, TRefusal>.ConstraintBroken(broken.Constraint);
            case AppendResult.Unknown unknown:
                throw new OutcomeIsUnknownException(unknown.ChangeId);
            default:
                throw new UnreachableException($"An append cannot end in {decided.Result}.");
        }

        Change? Decide(StreamState<TState> past)
        {
            last = decide(past.State);
            var events = last is Decision<TEvent, TRefusal>.Accepted accepted ? accepted.Events : null;
            var attachments = events is null ? Attachments.None : attach(past, events);
            return change = events is null || (events.Count == 0 && attachments.Rows.Count == 0)
                ? null
                : ToChange(stream, past.Version, events, attachments, context);
        }
    }

    private StreamStates<TState> StatesOf<TState, TEvent>(Folding<TState, TEvent> folding)
        where TEvent : notnull =>
        (StreamStates<TState>)_states.GetOrAdd(
            folding,
            _ => new StreamStates<TState>(
                store, folding.Initial, (state, @event) => folding.Evolve(state, (TEvent)@event), time));

    private Change ToChange<TEvent>(
        StreamId stream, long version, IReadOnlyList<TEvent> events, Attachments attachments, CommandContext context)
        where TEvent : notnull =>
        new(
            events.Count == 0
                ? []
                : [new(stream, ExpectedVersion.Exactly(version), ids.Of(events))],
            new(context.CorrelationId, context.CausationId, context.Actor, Activity.Current?.Id),
            time.GetUtcNow())
        {
            Id = ids.Next(),
            Claims = attachments.Claims,
            Releases = attachments.Releases,
            Rows = attachments.Rows,
        };
}

/// <summary>How a stream's events become its state.</summary>
internal sealed record Folding<TState, TEvent>(TState Initial, Func<TState, TEvent, TState> Evolve);

/// <summary>What commits with the events of one decision.</summary>
internal sealed record Attachments
{
    public static Attachments None { get; } = new();

    public IReadOnlyList<Claim> Claims { get; init; } = [];

    public IReadOnlyList<ClaimRelease> Releases { get; init; } = [];

    public IReadOnlyList<CommitRow> Rows { get; init; } = [];
}

/// <summary>Who stands behind a command.</summary>
/// <param name="CorrelationId">The request that set everything off.</param>
/// <param name="CausationId">The message or event that led to it directly.</param>
/// <param name="Actor">On whose behalf.</param>
internal sealed record CommandContext(string? CorrelationId, string? CausationId, string Actor);

/// <summary>What became of a command.</summary>
internal abstract record Handled<TState, TRefusal>
    where TRefusal : struct, Enum
{
    private Handled()
    {
    }

    /// <param name="State">The state now, whether or not this attempt is what brought it about.</param>
    /// <param name="Events">What this attempt appended; empty when the wish was granted before.</param>
    public sealed record Accepted(TState State, IReadOnlyList<RecordedEvent> Events) : Handled<TState, TRefusal>;

    public sealed record Refused(TRefusal Reason, TState State) : Handled<TState, TRefusal>;

    /// <summary>Another holder has a name that the command claims.</summary>
    public sealed record ClaimTaken(string Holder) : Handled<TState, TRefusal>;

    /// <summary>A rule that the database holds was broken; nothing was written.</summary>
    public sealed record ConstraintBroken(string Constraint) : Handled<TState, TRefusal>;
}

/// <summary>
/// The database went away while it was committing. Asking again is safe: what commits with a wish, a message or a payment tells the
/// second time from the first.
/// </summary>
public sealed class OutcomeIsUnknownException(Guid changeId)
    : NpgsqlException($"The database went away while it was committing change {changeId}; it is not known whether it did.");
