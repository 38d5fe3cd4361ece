using System.Text.Json.Nodes;

namespace FiberLink.Sandbox.Wire;

/// <summary>From a body to a body, by JSON-RPC.</summary>
internal interface IAnswerCalls
{
    /// <summary>Null where nothing is answered: a notification, or a batch of nothing else.</summary>
    /// <param name="body">What was sent.</param>
    /// <param name="subscribe">Takes who sent it into the subscription; null where there is no line to tell on.</param>
    Task<JsonNode?> AnswerAsync(ReadOnlyMemory<byte> body, Func<int>? subscribe);
}
