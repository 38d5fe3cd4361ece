using System.Text;

namespace FiberLink.Messaging;

/// <summary>Where messages wait: PostgreSQL, or memory. What leaves with a commit is written by the commit itself.</summary>
public interface IMessageStore
{
    /// <summary>A service node starts to take messages.</summary>
    /// <param name="name">What operators know it by.</param>
    /// <param name="ct">Stops the call.</param>
    Task<ServiceNode> JoinAsync(string name, CancellationToken ct);

    /// <summary>Says that a node lives.</summary>
    /// <returns>False when it was declared dead meanwhile: it has lost all it had, and takes nothing more under this number.</returns>
    Task<bool> BeatAsync(ServiceNode node, CancellationToken ct);

    /// <summary>A node stops, and gives back what it still has, without counting.</summary>
    Task LeaveAsync(ServiceNode node, CancellationToken ct);

    /// <summary>
    /// Takes messages that are due: tenants in turn, of each the longest due first, skipping what another node has. What comes back is
    /// this node's until the lease ends.
    /// </summary>
    Task<IReadOnlyList<WaitingMessage>> TakeAsync(ServiceNode node, Demand demand, CancellationToken ct);

    /// <summary>Has the leases of messages in hand begin anew.</summary>
    /// <returns>Those that are not this node's any more.</returns>
    Task<IReadOnlyList<Guid>> RenewAsync(IReadOnlyList<WaitingMessage> taken, TimeSpan lease, CancellationToken ct);

    /// <summary>Gives back what nodes had that have been silent for so long, and what leases have ended on; a limited number.</summary>
    /// <returns>How many.</returns>
    Task<int> ReleaseAsync(TimeSpan silence, CancellationToken ct);

    /// <summary>Gives a message back, to be handled later. Whoever has lost it changes nothing.</summary>
    /// <param name="taken">The message.</param>
    /// <param name="dueAt">Not before.</param>
    /// <param name="failure">Kept with the message; as an attempt as well when it counts.</param>
    /// <param name="counts">False when the attempt is not to be counted, because it failed by nobody's fault.</param>
    /// <param name="ct">Stops the call.</param>
    Task PutOffAsync(WaitingMessage taken, DateTimeOffset dueAt, AttemptFailure failure, bool counts, CancellationToken ct);

    /// <summary>Makes a message a dead letter. Whoever has lost it changes nothing.</summary>
    /// <param name="taken">The message.</param>
    /// <param name="failure">The last failure.</param>
    /// <param name="stopsKey">True when nothing of its key may pass until an operator has replayed or discarded it.</param>
    /// <param name="ct">Stops the call.</param>
    Task GiveUpAsync(WaitingMessage taken, AttemptFailure failure, bool stopsKey, CancellationToken ct);

    /// <summary>Finishes a message that is not worth handling any more; its key goes on. Whoever has lost it changes nothing.</summary>
    /// <param name="taken">The message; this taking does not count as an attempt.</param>
    /// <param name="failure">Kept with it.</param>
    /// <param name="ct">Stops the call.</param>
    Task ExpireAsync(WaitingMessage taken, AttemptFailure failure, CancellationToken ct);

    /// <summary>Finishes a message whose whole effect is other messages, in a transaction of its own.</summary>
    /// <returns>Null when it committed; else the constraint that refused it, and nothing was written.</returns>
    Task<string?> FinishAsync(HandledMarker marker, IReadOnlyList<OutgoingMessage> messages, CancellationToken ct);

    /// <summary>
    /// The inbox: takes in what came from outside. A message that waits, was handled or was given up already is not taken again.
    /// </summary>
    /// <returns>How many were new.</returns>
    Task<int> ReceiveAsync(IReadOnlyList<OutgoingMessage> messages, CancellationToken ct);

    /// <summary>
    /// What has become of messages; those that nobody has, or that were handled so long ago that it is forgotten, are left out.
    /// </summary>
    Task<IReadOnlyDictionary<Guid, MessageFate>> FindAsync(IReadOnlyCollection<Guid> ids, CancellationToken ct);

    /// <summary>
    /// Has a dead letter handled once more, also a discarded or an expired one, which does not expire again. Doing it twice is harmless.
    /// </summary>
    /// <returns>False when there is no such dead letter; then nothing is recorded either.</returns>
    Task<bool> ReplayAsync(Guid id, OperatorReason reason, CancellationToken ct);

    /// <summary>Wants no more of a dead letter; it stays on record, and its key goes on.</summary>
    /// <returns>False when there is no such dead letter, or it was discarded before.</returns>
    Task<bool> DiscardAsync(Guid id, OperatorReason reason, CancellationToken ct);

    /// <summary>
    /// What waits and what was given up, by name, tenant and state: so many of the largest groups, and of each state all others as one
    /// (<see cref="Backlog.Others"/>). It costs the same however much there is: beyond <see cref="Backlog.CountedMax"/> it is an estimate.
    /// </summary>
    Task<IReadOnlyList<Backlog>> BacklogAsync(int limit, CancellationToken ct);

    /// <summary>Forgets markers and attempts older than an age, and keys without messages, a limited number at a time.</summary>
    /// <returns>How many markers.</returns>
    Task<int> PruneAsync(TimeSpan age, int limit, CancellationToken ct);
}

/// <summary>One start of a service node.</summary>
/// <param name="Id">Given once; a node that starts again, or was declared dead, gets another.</param>
/// <param name="Name">What operators know it by.</param>
public sealed record ServiceNode(long Id, string Name);

/// <summary>What a node has room for.</summary>
/// <param name="Lease">How long nobody else may have the messages.</param>
/// <param name="Messages">How many at most.</param>
/// <param name="Bytes">How large their bodies may be together, as stored; one message is given whatever its size.</param>
public sealed record Demand(TimeSpan Lease, int Messages, long Bytes)
{
    /// <summary>Of some names, how many at most; what has no room stays untouched. Of others, as many as there is room for.</summary>
    public IReadOnlyList<Room> Rooms { get; init; } = [];
}

/// <summary>How many messages of a name may be taken.</summary>
/// <param name="Name">The stored name.</param>
/// <param name="Type">Names of one type share what there is.</param>
/// <param name="Free">How many, of all names of the type together.</param>
public sealed record Room(string Name, string Type, int Free);

/// <summary>A message that a node has taken.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its stored name.</param>
/// <param name="Tenant">The community.</param>
/// <param name="Body">JSON.</param>
/// <param name="Attempt">1 for the first time.</param>
/// <param name="CorrelationId">The request that set everything off.</param>
/// <param name="TraceParent">W3C trace context.</param>
public sealed record WaitingMessage(
    Guid Id, string Name, string Tenant, string Body, int Attempt, string? CorrelationId, string? TraceParent)
{
    /// <summary>Handled in order with the others of this key; null when the order does not matter.</summary>
    public string? OrderingKey { get; init; }

    /// <summary>Not to be handled from then on; null when it is always worth it.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The number of this taking.</summary>
    public long Fence { get; init; }

    /// <summary>How long it had waited when it was taken: since it was sent, or was to be handled first where that is later.</summary>
    public TimeSpan Waited { get; init; }

    /// <summary>What its handler commits with the effect.</summary>
    public HandledMarker Marker => new(Id, Name) { Fence = Fence };
}

/// <summary>Why an attempt failed. Its texts are bounded, and hold no secrets.</summary>
/// <param name="ErrorType">The exception's type.</param>
/// <param name="Error">Its message.</param>
/// <param name="Took">How long the attempt took.</param>
/// <param name="Node">Where it ran.</param>
/// <param name="TraceId">The trace that it belongs to.</param>
public sealed record AttemptFailure(string ErrorType, string Error, TimeSpan Took, string Node, string? TraceId)
{
    private const int TypeLengthMax = 255;

    /// <summary>How much of an error's text is kept.</summary>
    public const int ErrorLengthMax = 2_000;

    /// <summary>The error's text as it is kept.</summary>
    public string ErrorKept => Kept(Error, ErrorLengthMax);

    /// <summary>The exception's type as it is kept: those of generic types can be of any length.</summary>
    public string ErrorTypeKept => Kept(ErrorType, TypeLengthMax);

    // A zero cannot be stored, nor half of a pair; and what an exception says must not keep its message from going on.
    private static string Kept(string text, int most)
    {
        var kept = text.Length <= most ? text : text[..most];
        return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(kept.Replace('\0', '\uFFFD')));
    }
}

/// <summary>Who does something by hand, and why.</summary>
/// <param name="Actor">Such as <c>operator:name</c>.</param>
/// <param name="Reason">Kept on record.</param>
public sealed record OperatorReason(string Actor, string Reason)
{
    public string Actor { get; init => field = Bounds.Text(value, Bounds.NameLengthMax, nameof(Actor)); } =
        Bounds.Text(Actor, Bounds.NameLengthMax, nameof(Actor));

    public string Reason { get; init => field = Bounds.Text(value, Bounds.ReasonLengthMax, nameof(Reason)); } =
        Bounds.Text(Reason, Bounds.ReasonLengthMax, nameof(Reason));
}

/// <summary>What has become of a message.</summary>
public enum MessageFate
{
    /// <summary>No node has taken it yet.</summary>
    Untouched = 1,

    /// <summary>A node has it, or has tried it and it will be tried again.</summary>
    Tried = 2,

    /// <summary>Its effect has committed.</summary>
    Handled = 3,

    /// <summary>It was given up, and waits for an operator, or was discarded by one.</summary>
    DeadLetter = 4,

    /// <summary>It was not worth handling any more when its turn came.</summary>
    Expired = 5,
}
