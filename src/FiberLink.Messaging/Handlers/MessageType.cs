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

    /// <exception cref="CannotBeHandledException">The body is not what the message's name promises.</exception>
    public T Read(WaitingMessage message)
    {
        try
        {
            return JsonSerializer.Deserialize(message.Body, Json) ?? throw new JsonException("The body is null.");
        }
        catch (JsonException broken)
        {
            throw new CannotBeHandledException($"The body of {message.Name} cannot be read: {broken.Message}");
        }
    }
}
