using System.Text.Json;

namespace FiberLink.HubNode.Tests;

/// <summary>What real nodes (0.8.1) were asked and answered, kept as data.</summary>
internal static class Vector
{
    public static JsonElement Read(string name)
    {
        using var file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Vectors", $"{name}.json"));
        using var document = JsonDocument.Parse(file);
        return document.RootElement.Clone();
    }

    /// <summary>Recorded calls of one method: the parameters' only object, and the whole answer.</summary>
    public static IEnumerable<(JsonElement Parameters, JsonElement Answer)> Recorded(string method) =>
        Read("rpc-transcript").EnumerateArray()
            .Where(call => call.GetProperty("request").GetProperty("method").GetString() == method)
            .Select(call => (
                call.GetProperty("request").GetProperty("params").EnumerateArray().FirstOrDefault(), call.GetProperty("response")));

    public static JsonElement? Find(this JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null ? member : null;

    /// <summary>The only attribute of this name in an invoice's list.</summary>
    public static JsonElement? Attribute(this JsonElement invoice, string name) =>
        invoice.GetProperty("data").GetProperty("attrs").EnumerateArray()
            .Select(attribute => attribute.Find(name))
            .FirstOrDefault(value => value is not null);
}
