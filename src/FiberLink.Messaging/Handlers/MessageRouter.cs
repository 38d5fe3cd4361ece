using System.Diagnostics;

namespace FiberLink.Messaging;

/// <summary>Brings each message to its handler, and commits what the handler leaves to be committed.</summary>
public sealed class MessageRouter(IMessageStore store, HandlerList handlers) : IMessageHandling
{
    private readonly IReadOnlyDictionary<string, string> _presentNames = handlers.PresentNames;

    public IEnumerable<(string Name, string Type, HandlerOptions Options)> Limited =>
        from name in _presentNames
        let options = OptionsOf(name.Key)
        where options is { ConcurrencyMax: not null } or { Destination: not null }
        select (name.Key, name.Value, options);

    public HandlerOptions OptionsOf(string name) => handlers.Find(name)?.Options ?? HandlerOptions.Default;

    public async Task HandleAsync(WaitingMessage message, HandledMarker marker, CancellationToken ct)
    {
        // It may have been sent by a newer version, whose nodes are still to come: so it is tried again, and given up in the end.
        var handler = handlers.Find(message.Name)
            ?? throw new InvalidOperationException($"No handler is registered for '{message.Name}' on this node.");
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
