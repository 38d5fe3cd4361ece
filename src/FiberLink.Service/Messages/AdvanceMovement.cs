using System.Diagnostics;
using FiberLink.Events;
using FiberLink.Messaging;
using FiberLink.Service.CommandHandling;

namespace FiberLink.Service.Messages;

/// <summary>
/// Sees to the next step of a movement of the hub's own money. Each event of one leaves such a message, until there is nothing left to do.
/// </summary>
/// <param name="MovementId">The movement.</param>
/// <param name="Step">How many events it had. Once it has more, another message is about them and this one about nothing.</param>
/// <param name="SpentSince">The tip of the chain when a cell of it was first seen spent by something else; null when none was.</param>
internal sealed record AdvanceMovement(Guid MovementId, long Step, ulong? SpentSince)
{
    public const string Name = "advance-movement.v1";

    public static MessageType<AdvanceMovement> Type { get; } = new(Name, MessagesJson.Default.AdvanceMovement);

    /// <summary>The one message about the state after so many events.</summary>
    public static OutgoingMessage For(Guid movementId, long step, DateTimeOffset due, string? correlationId) =>
        new AdvanceMovement(movementId, step, null).ToMessage(IdOf(movementId, step), due, correlationId);

    /// <summary>The id of the first message about the state after so many events.</summary>
    public static Guid IdOf(Guid movementId, long step) => Ids.Named($"{Name}/{movementId:N}/{step}");

    /// <summary>The same step once more, with what is to be kept in mind.</summary>
    public OutgoingMessage Again(ulong? spentSince, Guid cause, DateTimeOffset due, string? correlationId) =>
        (this with { SpentSince = spentSince }).ToMessage(Ids.Named($"{Name}/after/{cause:N}"), due, correlationId);

    private OutgoingMessage ToMessage(Guid id, DateTimeOffset due, string? correlationId) =>
        new(id, Name, Tenants.Hub, Type.Write(this), due, correlationId, Activity.Current?.Id);
}
