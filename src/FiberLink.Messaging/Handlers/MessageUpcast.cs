using System.Text.Json.Nodes;

namespace FiberLink.Messaging;

/// <summary>Turns the body sent under an old name into the body of a newer name. Pure.</summary>
/// <param name="From">The old stored name.</param>
/// <param name="To">The name it becomes; one with a handler, or the start of another step.</param>
/// <param name="Step">The change of shape.</param>
public sealed record MessageUpcast(string From, string To, Func<JsonObject, JsonObject> Step)
{
    public string From { get; } = Bounds.Text(From, Bounds.NameLengthMax, nameof(From));
}
