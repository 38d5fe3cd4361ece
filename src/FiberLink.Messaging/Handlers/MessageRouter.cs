using System.Diagnostics;

namespace FiberLink.Messaging;

/// <summary>Brings each message to its handler, and commits what the handler leaves to be committed.</summary>
public sealed class MessageRouter(IMessageStore store, HandlerList handlers) : IMessageHandling
{
    public IReadOnlyDictionary<string, HandlerOptions> Limited { get; } = handlers.Limited;

    public HandlerOptions OptionsOf(string name) => handlers.Find(name)?.Options ?? HandlerOptions.Default;

    public async Task HandleAsync(WaitingMessage message, HandledMarker marker, CancellationToken ct)
    {
        var handler = handlers.Find(message.Name)
            ?? throw new CannotBeHandledException($"No handler is registered for '{message.Name}'.");
        var context = new MessageContext(message, marker);
        if (await handler.HandleAsync(context, ct) is not { } messages)
        {
            return;
        }

        if (await store.FinishAsync(marker, [.. messages.Select(m => Joined(m, message))], ct) is { } constraint)
        {
            context.Refused(constraint);
        }
    }

    private static OutgoingMessage Joined(OutgoingMessage next, WaitingMessage cause) =>
        next with
        {
            CorrelationId = next.CorrelationId ?? cause.CorrelationId,
            TraceParent = next.TraceParent ?? Activity.Current?.Id ?? cause.TraceParent,
        };
}
