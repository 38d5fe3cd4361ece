using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using FiberLink.HubNode;
using FiberLink.Sandbox.Invoices;

namespace FiberLink.Sandbox.State;

/// <summary>
/// A file of JSON lines, only ever appended to: each line is a thing as it was from then on. A last line without its end is what a
/// crash left behind; it was never answered to anybody and is dropped.
/// </summary>
internal sealed class StateJournal : IDisposable
{
    private const byte LineEnd = (byte)'\n';
    private const string HashOfAnInvoice = "paymentHash";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new PaymentHashConverter(), new QuantityConverter(), new JsonStringEnumConverter() },
    };

    private readonly Lock _lock = new();
    private readonly FileStream _file;

    public StateJournal(string path) =>
        _file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);

    /// <exception cref="JsonException">A line is nothing that the node keeps; nothing was skipped silently.</exception>
    public IReadOnlyList<StateLine> ReadAll()
    {
        var bytes = new byte[_file.Length];
        _file.Position = 0;
        _file.ReadExactly(bytes);
        var whole = bytes.AsSpan(0, bytes.AsSpan().LastIndexOf(LineEnd) + 1);
        _file.SetLength(whole.Length);
        _file.Position = whole.Length;
        return [.. Encoding.UTF8.GetString(whole).Split((char)LineEnd, StringSplitOptions.RemoveEmptyEntries).Select(Read)];
    }

    public void Append(StateLine line)
    {
        byte[] bytes =
        [
            .. line.Invoice is { } invoice
                ? JsonSerializer.SerializeToUtf8Bytes(invoice, Json)
                : JsonSerializer.SerializeToUtf8Bytes(line, Json),
            LineEnd,
        ];
        lock (_lock)
        {
            _file.Write(bytes);
            _file.Flush();
        }
    }

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
