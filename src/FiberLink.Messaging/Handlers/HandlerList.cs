using System.Text.Json.Nodes;

namespace FiberLink.Messaging;

/// <summary>Who handles what: a list that one can read. Nothing is scanned for.</summary>
public sealed class HandlerList
{
    private readonly Dictionary<string, Handler> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, MessageUpcast> _upcasts = new(StringComparer.Ordinal);

    /// <summary>Says that messages of a type have a handler, and what is particular about them.</summary>
    /// <param name="type">The type.</param>
    /// <param name="options">Null for the usual.</param>
    public HandlerOf<T> On<T>(MessageType<T> type, HandlerOptions? options = null)
        where T : class => new(this, type, options ?? HandlerOptions.Default);

    /// <summary>The names that have a handler, in the alphabet's order.</summary>
    public IReadOnlyList<string> Names => [.. _byName.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Every name that can be handled, the old ones too, with the name that it becomes.</summary>
    internal IReadOnlyDictionary<string, string> PresentNames =>
        _byName.Keys.Concat(_upcasts.Keys).Where(n => Find(n) is not null)
            .ToDictionary(n => n, n => Follow(n, (_, _) => { }), StringComparer.Ordinal);

    /// <summary>Says how messages that were sent under an old name are read.</summary>
    /// <exception cref="ArgumentException">The old name has a handler, or a step, already.</exception>
    public HandlerList Reading(MessageUpcast upcast) =>
        !_byName.ContainsKey(upcast.From) && _upcasts.TryAdd(upcast.From, upcast)
            ? this
            : throw new ArgumentException($"{upcast.From} is both a current message and an old one, or old twice.", nameof(upcast));

    /// <summary>The message that was sent, in its present shape.</summary>
    /// <param name="name">The name it was sent under.</param>
    /// <param name="body">Its JSON.</param>
    /// <exception cref="CannotBeHandledException">The name is unknown, or the body is not what the name promises.</exception>
    public object Read(string name, string body) =>
        Find(name) is { } handler
            ? handler.Read(name, body)
            : throw new CannotBeHandledException($"No handler is registered for '{name}'.");

    /// <returns>The handler of the name, or of what the name becomes; null when there is none.</returns>
    internal Handler? Find(string name) => _byName.GetValueOrDefault(Follow(name, (_, _) => { }));

    /// <returns>The body in the shape of the name that its name becomes.</returns>
    internal string Upcasted(string name, string body)
    {
        if (!_upcasts.ContainsKey(name))
        {
            return body;
        }

        var shape = JsonNode.Parse(body)!.AsObject();
        Follow(name, (_, upcast) => shape = upcast.Step(shape));
        return shape.ToJsonString();
    }

    internal void Add(string name, Handler handler)
    {
        if (_upcasts.ContainsKey(name) || !_byName.TryAdd(name, handler))
        {
            throw new ArgumentException($"'{name}' has two handlers, or is an old name.", nameof(name));
        }
    }

    private string Follow(string name, Action<string, MessageUpcast> step)
    {
        for (var steps = 0; _upcasts.TryGetValue(name, out var upcast) && steps <= _upcasts.Count; steps++)
        {
            step(name, upcast);
            name = upcast.To;
        }

        return name;
    }

    /// <param name="Options">What is particular about it.</param>
    /// <param name="Read">From a stored name and a body to the message.</param>
    /// <param name="HandleAsync">Answers with the messages that commit with the marker; null when the handler has committed it.</param>
    internal sealed record Handler(
        HandlerOptions Options,
        Func<string, string, object> Read,
        Func<MessageContext, CancellationToken, Task<IReadOnlyList<OutgoingMessage>?>> HandleAsync);
}

/// <summary>The line of one message type. What a handler answers with says what is still to be committed.</summary>
public sealed class HandlerOf<T>(HandlerList list, MessageType<T> type, HandlerOptions options)
    where T : class
{
    /// <summary>A handler that has committed the marker with its own change.</summary>
    public HandlerList By(Func<T, MessageContext, CancellationToken, Task<MarkerCommitted>> handle) =>
        Add(async (message, context, ct) => (await handle(message, context, ct))?.MessageId == context.Id ? null : throw NoAnswer());

    /// <summary>A handler whose effect may be had twice: only that it was handled is committed.</summary>
    public HandlerList By(Func<T, MessageContext, CancellationToken, Task> handle) =>
        Add(async (message, context, ct) =>
        {
            await handle(message, context, ct);
            return [];
        });

    /// <summary>A handler whose effect is another message, or none.</summary>
    public HandlerList By(Func<T, MessageContext, CancellationToken, Task<OutgoingMessage?>> handle) =>
        Add(async (message, context, ct) => await handle(message, context, ct) is { } next ? [next] : []);

    /// <summary>A handler whose effect are other messages.</summary>
    public HandlerList By(Func<T, MessageContext, CancellationToken, Task<IReadOnlyList<OutgoingMessage>>> handle) =>
        Add(async (message, context, ct) => await handle(message, context, ct) ?? throw NoAnswer());

    /// <inheritdoc cref="By(Func{T, MessageContext, CancellationToken, Task})"/>
    public HandlerList By(Action<T, MessageContext> handle) =>
        Add((message, context, _) =>
        {
            handle(message, context);
            return Task.FromResult<IReadOnlyList<OutgoingMessage>?>([]);
        });

    /// <inheritdoc cref="By(Func{T, MessageContext, CancellationToken, Task{OutgoingMessage}})"/>
    public HandlerList By(Func<T, MessageContext, OutgoingMessage?> handle) =>
        Add((message, context, _) =>
            Task.FromResult<IReadOnlyList<OutgoingMessage>?>(handle(message, context) is { } next ? [next] : []));

    /// <inheritdoc cref="By(Func{T, MessageContext, CancellationToken, Task{IReadOnlyList{OutgoingMessage}}})"/>
    public HandlerList By(Func<T, MessageContext, IReadOnlyList<OutgoingMessage>> handle) =>
        Add((message, context, _) =>
            Task.FromResult<IReadOnlyList<OutgoingMessage>?>(handle(message, context) ?? throw NoAnswer()));

    private HandlerList Add(Func<T, MessageContext, CancellationToken, Task<IReadOnlyList<OutgoingMessage>?>> handle)
    {
        list.Add(
            type.Name,
            new(options, Read, (context, ct) => handle(Read(context.Message.Name, context.Message.Body), context, ct)));
        return list;
    }

    private T Read(string name, string body)
    {
        try
        {
            return type.Read(list.Upcasted(name, body));
        }
        catch (Exception broken) when (broken is not OutOfMemoryException)
        {
            // Whatever a step or a constructor says about a body, it means the same: what was sent is not what it should be.
            throw new CannotBeHandledException($"The body of '{name}' cannot be read: {broken.Message}");
        }
    }

    // Null is no answer: whether the marker has committed must be said.
    private InvalidOperationException NoAnswer() => new($"The handler of '{type.Name}' does not say what became of it.");
}
