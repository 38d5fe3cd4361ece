using FiberLink.Messaging;

namespace FiberLink.Service.CommandHandling;

/// <summary>Handles the messages of one name.</summary>
internal interface IMessageHandler
{
    /// <summary>The stored name.</summary>
    string Name { get; }

    /// <summary>Commits the effect with the marker, or throws; a marker that is there already means that all is done.</summary>
    Task HandleAsync(WaitingMessage message, HandledMarker marker, CancellationToken ct);
}

/// <summary>Brings each message to its handler. The handlers are a list that one can read; nothing is scanned for.</summary>
internal sealed class MessageRouter(IEnumerable<IMessageHandler> handlers) : IMessageHandling
{
    private readonly Dictionary<string, IMessageHandler> _byName = handlers.ToDictionary(h => h.Name, StringComparer.Ordinal);

    public Task HandleAsync(WaitingMessage message, HandledMarker marker, CancellationToken ct) =>
        _byName.TryGetValue(message.Name, out var handler)
            ? handler.HandleAsync(message, marker, ct)
            : throw new CannotBeHandledException($"No handler is registered for '{message.Name}'.");
}
