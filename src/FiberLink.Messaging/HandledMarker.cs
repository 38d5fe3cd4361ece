using FiberLink.Postgres;

namespace FiberLink.Messaging;

/// <summary>What a commit says about messages: that one leaves with it, or that one is handled by it.</summary>
public abstract record MessageRow : CommitRow;

/// <summary>
/// Says that a message was handled. It belongs into the change with the handler's effect: both commit, or neither. A second
/// handling breaks <see cref="Constraint"/>, and the change is refused whole.
/// </summary>
/// <param name="MessageId">The message.</param>
/// <param name="Name">Its name.</param>
public sealed record HandledMarker(Guid MessageId, string Name) : MessageRow
{
    public string Name { get; init => field = Bounds.Text(value, Bounds.NameLengthMax, nameof(Name)); } =
        Bounds.Text(Name, Bounds.NameLengthMax, nameof(Name));

    /// <summary>The constraint that a second handling breaks: all is done already.</summary>
    public const string Constraint = "pk_handled";

    /// <summary>The constraint that a handler breaks who has lost the message: nothing is done, and another has it.</summary>
    public const string LostConstraint = "ck_handled_by_its_holder";

    /// <summary>
    /// The number of the taking by which its handler has the message; null when it is finished by somebody who never took it, because
    /// what it asks for was done in another way.
    /// </summary>
    public long? Fence { get; init; }
}
