using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using FiberLink.HubNode;
using FiberLink.Sandbox.Invoices;

namespace FiberLink.Sandbox.State;

/// <summary>A file of JSON lines: each is a thing as it was from then on.</summary>
internal sealed class StateJournal(string path) : IDisposable
{
    private const string HashOfAnInvoice = "paymentHash";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new PaymentHashConverter(), new QuantityConverter(), new JsonStringEnumConverter() },
    };

    private readonly LineFile _file = new(path);

    /// <exception cref="JsonException">A line is nothing that the node keeps; nothing was skipped silently.</exception>
    public IReadOnlyList<StateLine> ReadAll() => [.. _file.ReadAll().Select(Read)];

    public void Append(StateLine line) => _file.Append(line.Invoice is { } invoice
        ? JsonSerializer.SerializeToUtf8Bytes(invoice, Json)
        : JsonSerializer.SerializeToUtf8Bytes(line, Json));

    public void Dispose() => _file.Dispose();

    private static StateLine Read(string line)
    {
        var node = JsonNode.Parse(line) as JsonObject ?? throw new JsonException("A line of the state file is no object.");
        return (node.ContainsKey(HashOfAnInvoice) ? new(node.Deserialize<SandboxInvoice>(Json)) : node.Deserialize<StateLine>(Json))
            ?? throw new JsonException("A line of the state file is null.");
    }

    private sealed class PaymentHashConverter : JsonConverter<PaymentHash>
    {
        public override PaymentHash Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            PaymentHash.TryParse(reader.GetString(), out var hash) ? hash : throw new JsonException("That is no payment hash.");

        public override void Write(Utf8JsonWriter writer, PaymentHash value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.ToString());
    }

    private sealed class QuantityConverter : JsonConverter<UInt128>
    {
        public override UInt128 Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            HexQuantity.TryParse(reader.GetString(), out var value) ? value : throw new JsonException("That is no quantity.");

        public override void Write(Utf8JsonWriter writer, UInt128 value, JsonSerializerOptions options) =>
            writer.WriteStringValue(HexQuantity.Format(value));
    }
}
