using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using FiberLink.Messaging;

namespace FiberLink.Service.Messages;

internal static class MessageBody
{
    /// <exception cref="CannotBeHandledException">The body is not what the message's name promises.</exception>
    public static T Read<T>(WaitingMessage message, JsonTypeInfo<T> json)
    {
        try
        {
            return JsonSerializer.Deserialize(message.Body, json) ?? throw new JsonException("The body is null.");
        }
        catch (JsonException broken)
        {
            throw new CannotBeHandledException($"The body of {message.Name} cannot be read: {broken.Message}");
        }
    }
}
