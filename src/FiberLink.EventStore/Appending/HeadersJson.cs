using System.Text.Json.Serialization;

namespace FiberLink.EventStore;

/// <summary>The headers of an event: a flat JSON object.</summary>
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class HeadersJson : JsonSerializerContext;
