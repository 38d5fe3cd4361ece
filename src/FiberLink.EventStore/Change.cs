using FiberLink.Postgres;

namespace FiberLink.EventStore;

/// <summary>
/// Everything that one command writes, as a value. The store commits all of it in one transaction, or none of it; no
/// transaction is open while it is being put together.
/// </summary>
/// <param name="Appends">Streams with the events that follow on them; a stream appears once.</param>
/// <param name="Metadata">Said about every event of the change.</param>
/// <param name="At">When the command was given; the events' timestamp.</param>
public sealed record Change(IReadOnlyList<StreamAppend> Appends, EventMetadata Metadata, DateTimeOffset At)
{
    /// <summary>More events than this in one change is a mistake of ours.</summary>
    public const int EventsMax = 1_000;

    /// <summary>
    /// The change's own name: appended a second time it changes nothing and is answered as the first time, and
    /// <see cref="IEventStore.SettleAsync"/> tells what became of it. The id of its first event unless said otherwise; a change of
    /// rows alone that says none has no name, and can't be asked about.
    /// </summary>
    public Guid Id { get; init; } = Appends is [{ Events: [{ Id: var first }, ..] }, ..] ? first : Guid.Empty;

    /// <summary>Names that only one change may hold.</summary>
    public IReadOnlyList<Claim> Claims { get; init; } = [];

    /// <summary>Names that are given back.</summary>
    public IReadOnlyList<ClaimRelease> Releases { get; init; } = [];

    /// <summary>Rows of other tables that commit with the events: messages, markers, secrets.</summary>
    public IReadOnlyList<CommitRow> Rows { get; init; } = [];

    /// <summary>
    /// The change whose events this one was decided on while they were still on their way: without that one this one is refused, even
    /// when its version has been reached, by somebody else's events. Empty when it was decided on what the log has.
    /// </summary>
    internal Guid BuiltOn { get; init; }

    /// <summary>A change that writes nothing but rows.</summary>
    public static Change OfRows(EventMetadata metadata, DateTimeOffset at, params CommitRow[] rows) =>
        new([], metadata, at) { Rows = rows };
}

/// <param name="Stream">The stream.</param>
/// <param name="Expected">What is presumed about it.</param>
/// <param name="Events">At least one, in order.</param>
public sealed record StreamAppend(StreamId Stream, ExpectedVersion Expected, IReadOnlyList<NewEvent> Events);

/// <param name="Id">A version 7 UUID, the event's name for ever.</param>
/// <param name="Body">An instance of a catalogued event type.</param>
public sealed record NewEvent(Guid Id, object Body);

/// <summary>Who and what stands behind an event.</summary>
/// <param name="CorrelationId">The request or message that set everything off.</param>
/// <param name="CausationId">The message or event that led to this one directly.</param>
/// <param name="Actor">On whose behalf: <c>app:demo</c>, <c>node</c>, <c>operator:name</c>.</param>
/// <param name="TraceParent">W3C trace context, so that what follows joins the trace.</param>
public sealed record EventMetadata(string? CorrelationId, string? CausationId, string? Actor, string? TraceParent)
{
    public static EventMetadata None { get; } = new(null, null, null, null);
}

/// <summary>
/// A name that one holder has until a time: a second change that claims it for another holder is refused and told who has it.
/// </summary>
/// <param name="Tenant">The community.</param>
/// <param name="Scope">What kind of name, such as <c>tip.create</c>.</param>
/// <param name="Key">The name.</param>
/// <param name="Holder">Who holds it, such as a tip's id. Claiming again for the same holder succeeds.</param>
/// <param name="Until">When it is free again unless released before.</param>
public sealed record Claim(string Tenant, string Scope, string Key, string Holder, DateTimeOffset Until)
{
    /// <summary>The longest tenant, scope, key or holder: an index must hold them.</summary>
    public const int LengthMax = 255;

    internal bool HasNameOf(Claim other) => (Tenant, Scope, Key) == (other.Tenant, other.Scope, other.Key);
}

/// <summary>Gives a claim back, if this holder has it; else nothing happens.</summary>
public sealed record ClaimRelease(string Tenant, string Scope, string Holder);
