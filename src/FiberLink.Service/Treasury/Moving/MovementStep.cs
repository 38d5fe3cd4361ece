using FiberLink.Domain.Treasury;
using FiberLink.EventStore;
using FiberLink.Messaging;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Messages;

namespace FiberLink.Service.Treasury.Moving;

/// <summary>One look at one movement: what is stored, the message that asked for it, and who stands behind what follows.</summary>
internal sealed record MovementStep(AdvanceMovement Message, StreamState<MovementState> Stored, MessageContext Context)
{
    public MovementState.Known State => (MovementState.Known)Stored.State;

    public CommandContext Standing => new(Context.CorrelationId, Context.Id.ToString("N"), "service");
}

/// <summary>What is to be done about a movement next.</summary>
internal abstract record MovementMove
{
    private MovementMove()
    {
    }

    /// <summary>Something was seen or decided: it is stored.</summary>
    /// <param name="Command">What.</param>
    /// <param name="Budget">What it counts towards; null when it lets nothing out.</param>
    public sealed record Record(MovementCommand Command, BudgetRow? Budget = null) : MovementMove;

    /// <summary>Nothing is to be stored; it is looked at again after a while.</summary>
    public sealed record Wait(string Why, TimeSpan Pause) : MovementMove;

    /// <summary>As <see cref="Wait"/>, keeping in mind since when a cell is spent by something else; null when none is.</summary>
    public sealed record Doubt(ulong? SpentSince, TimeSpan Pause) : MovementMove;

    /// <summary>There is nothing left to do, or somebody else's message is about it.</summary>
    public sealed record Done : MovementMove;
}
