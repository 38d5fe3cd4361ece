using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace FiberLink.Messaging;

/// <summary>The stored name of a kind of messages, and how their bodies are written.</summary>
/// <param name="Name">Stable, such as <c>issue-invoice.v1</c>.</param>
/// <param name="Json">Strict: what it does not know is an error.</param>
public sealed record MessageType<T>(string Name, JsonTypeInfo<T> Json)
    where T : class
{
    public string Name { get; init => field = Bounds.Text(value, Bounds.NameLengthMax, nameof(Name)); } =
        Bounds.Text(Name, Bounds.NameLengthMax, nameof(Name));

    public string Write(T message) => JsonSerializer.Serialize(message, Json);

    /// <summary>Reads a body in the present shape.</summary>
    /// <exception cref="JsonException">It is not what the name promises; a type's own constructor may say so in other words.</exception>
    internal T Read(string body) => JsonSerializer.Deserialize(body, Json) ?? throw new JsonException("The body is null.");
}
