namespace FiberLink.Messaging;

/// <summary>What a handler is told besides the message itself.</summary>
/// <param name="Message">The message as it waited.</param>
/// <param name="Marker">Belongs into the change with the handler's effect, when the handler commits one.</param>
public sealed record MessageContext(WaitingMessage Message, HandledMarker Marker)
{
    public Guid Id => Message.Id;

    public string Tenant => Message.Tenant;

    /// <summary>1 for the first time.</summary>
    public int Attempt => Message.Attempt;

    /// <summary>The request that set everything off.</summary>
    public string? CorrelationId => Message.CorrelationId;

    /// <summary>Says that the marker has committed with the handler's own change.</summary>
    public MarkerCommitted Committed() => new(Id);

    /// <summary>Says that the handler's own change was refused by a constraint.</summary>
    /// <returns>When an earlier handling has committed; whatever else the reason was, it throws.</returns>
    /// <exception cref="MessageLostException">Another has the message by now.</exception>
    /// <exception cref="InvalidOperationException">It was refused for another reason: nothing was written.</exception>
    public MarkerCommitted Refused(string constraint) => constraint switch
    {
        HandledMarker.Constraint => new(Id),
        HandledMarker.LostConstraint => throw new MessageLostException(Id),
        _ => throw new InvalidOperationException($"The change was refused by {constraint}; nothing of it was written."),
    };
}

/// <summary>What a handler answers with that has committed the marker itself; <see cref="MessageContext"/> gives it out.</summary>
public sealed class MarkerCommitted
{
    internal MarkerCommitted(Guid messageId) => MessageId = messageId;

    /// <summary>The message whose marker it is.</summary>
    public Guid MessageId { get; }
}
