using System.Text;
using System.Text.Json.Nodes;

namespace FiberLink.EventStore.InMemory;

/// <summary>JSON as PostgreSQL's jsonb gives it back: members in another order than they were written in.</summary>
/// <remarks>So a reader that depends on the order of members fails here as it would fail there.</remarks>
internal static class JsonbForm
{
    public static string Of(string json) => Reordered(JsonNode.Parse(json))?.ToJsonString() ?? "null";

    // jsonb sorts keys by their length in UTF-8, then by their bytes.
    private static JsonNode? Reordered(JsonNode? node) =>
        node switch
        {
            JsonObject members => new JsonObject(
                members
                    .OrderBy(m => Encoding.UTF8.GetByteCount(m.Key)).ThenBy(m => m.Key, StringComparer.Ordinal)
                    .Select(m => KeyValuePair.Create(m.Key, Reordered(m.Value)))),
            JsonArray items => new JsonArray([.. items.Select(Reordered)]),
            null => null,
            _ => node.DeepClone(),
        };
}
