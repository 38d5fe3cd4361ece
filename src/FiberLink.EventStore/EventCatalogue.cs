using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace FiberLink.EventStore;

/// <summary>Turns the body stored under an old name into the body of a newer name. Pure.</summary>
/// <param name="From">The old stored name.</param>
/// <param name="To">The name it becomes; catalogued, or the start of another step.</param>
/// <param name="Step">The change of shape.</param>
public sealed record Upcast(string From, string To, Func<JsonObject, JsonObject> Step);

/// <summary>Turns events into stored names and bodies, and back. An unknown name is an error, never a skip.</summary>
public sealed class EventCatalogue
{
    private readonly Dictionary<Type, (string Name, string DotnetType, JsonTypeInfo Json)> _byType = [];
    private readonly Dictionary<string, JsonTypeInfo> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Upcast> _upcasts = new(StringComparer.Ordinal);

    public EventCatalogue(IEnumerable<(string Name, JsonTypeInfo Json)> events, IEnumerable<Upcast>? upcasts = null)
    {
        foreach (var (name, json) in events)
        {
            _byName.Add(name, json);
            _byType.Add(json.Type, (name, $"{json.Type.FullName}, {json.Type.Assembly.GetName().Name}", json));
        }

        foreach (var upcast in upcasts ?? [])
        {
            if (_byName.ContainsKey(upcast.From))
            {
                throw new ArgumentException($"{upcast.From} is both a current event and an old one.", nameof(upcasts));
            }

            _upcasts.Add(upcast.From, upcast);
        }
    }

    /// <exception cref="ArgumentException">The event's type is not in the catalogue.</exception>
    public (string Name, string Body) Write(object @event) =>
        _byType.TryGetValue(@event.GetType(), out var entry)
            ? (entry.Name, JsonSerializer.Serialize(@event, entry.Json))
            : throw new ArgumentException($"{@event.GetType()} is not in the event catalogue.", nameof(@event));

    /// <exception cref="ArgumentException">The event's type is not in the catalogue.</exception>
    internal StoredEvent ToStored(object @event) =>
        _byType.TryGetValue(@event.GetType(), out var entry)
            ? new(entry.Name, entry.DotnetType, JsonSerializer.SerializeToUtf8Bytes(@event, entry.Json))
            : throw new ArgumentException($"{@event.GetType()} is not in the event catalogue.", nameof(@event));

    /// <summary>The event that was stored, in its present shape.</summary>
    /// <param name="name">The name it is stored under.</param>
    /// <param name="body">Its JSON.</param>
    /// <param name="position">Where it is in the log, for the message when it cannot be read.</param>
    /// <exception cref="UnreadableEventException">The name is unknown, or the body is not what the name promises.</exception>
    public object Read(string name, string body, long? position = null)
    {
        try
        {
            for (var step = 0; _upcasts.TryGetValue(name, out var upcast) && step <= _upcasts.Count; step++)
            {
                name = upcast.To;
                body = upcast.Step(JsonNode.Parse(body)!.AsObject()).ToJsonString();
            }

            return _byName.TryGetValue(name, out var json)
                ? JsonSerializer.Deserialize(body, json) ?? throw new JsonException("The body is null.")
                : throw new UnreadableEventException($"No event is catalogued under '{name}'.", null) { Position = position };
        }
        catch (Exception broken) when (broken is not (UnreadableEventException or OutOfMemoryException))
        {
            // Whatever a step or a constructor says about a body, it means the same: what is stored is not what it should be.
            throw new UnreadableEventException($"The body of '{name}' cannot be read: {broken.Message}", broken) { Position = position };
        }
    }
}

/// <summary>The log holds something this program cannot read: it is older than the log, or the log was changed.</summary>
public sealed class UnreadableEventException(string message, Exception? cause) : Exception(message, cause)
{
    /// <summary>Where it is in the log, when that is known.</summary>
    public long? Position { get; init; }
}
