namespace FiberLink.Messaging;

/// <summary>Who handles what: a list that one can read. Nothing is scanned for.</summary>
public sealed class HandlerList
{
    private readonly Dictionary<string, Handler> _byName = new(StringComparer.Ordinal);

    /// <summary>Says that messages of a type have a handler, and what is particular about them.</summary>
    /// <param name="type">The type.</param>
    /// <param name="options">Null for the usual.</param>
    public HandlerOf<T> On<T>(MessageType<T> type, HandlerOptions? options = null)
        where T : class => new(this, type, options ?? HandlerOptions.Default);

    internal IReadOnlyDictionary<string, HandlerOptions> Limited =>
        _byName.Where(h => h.Value.Options is { ConcurrencyMax: not null } or { Destination: not null })
            .ToDictionary(h => h.Key, h => h.Value.Options, StringComparer.Ordinal);

    internal Handler? Find(string name) => _byName.GetValueOrDefault(name);

    internal void Add(string name, Handler handler)
    {
        if (!_byName.TryAdd(name, handler))
        {
            throw new ArgumentException($"'{name}' has two handlers.", nameof(name));
        }
    }

    /// <param name="Options">What is particular about it.</param>
    /// <param name="HandleAsync">Answers with the messages that commit with the marker; null when the handler has committed it.</param>
    internal sealed record Handler(
        HandlerOptions Options, Func<MessageContext, CancellationToken, Task<IReadOnlyList<OutgoingMessage>?>> HandleAsync);
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
        list.Add(type.Name, new(options, (context, ct) => handle(type.Read(context.Message), context, ct)));
        return list;
    }

    // Null is no answer: whether the marker has committed must be said.
    private InvalidOperationException NoAnswer() => new($"The handler of '{type.Name}' does not say what became of it.");
}
