using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using FiberLink.HubNode;

namespace FiberLink.Sandbox.Invoices;

/// <summary>
/// A file of JSON lines, only ever appended to: each line is an invoice as it was from then on. A last line without its end is what a
/// crash left behind; it was never answered to anybody and is dropped.
/// </summary>
internal sealed class InvoiceJournal : IDisposable
{
    private const byte LineEnd = (byte)'\n';

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new PaymentHashConverter(), new QuantityConverter(), new JsonStringEnumConverter() },
    };

    private readonly FileStream _file;

    public InvoiceJournal(string path) =>
        _file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);

    /// <exception cref="JsonException">A line is not an invoice; nothing was skipped silently.</exception>
    public IReadOnlyList<SandboxInvoice> ReadAll()
    {
        var bytes = new byte[_file.Length];
        _file.Position = 0;
        _file.ReadExactly(bytes);
        var whole = bytes.AsSpan(0, bytes.AsSpan().LastIndexOf(LineEnd) + 1);
        _file.SetLength(whole.Length);
        _file.Position = whole.Length;
        return
        [
            .. Encoding.UTF8.GetString(whole)
                .Split((char)LineEnd, StringSplitOptions.RemoveEmptyEntries)
                .Select(line => JsonSerializer.Deserialize<SandboxInvoice>(line, Json)
                    ?? throw new JsonException("A line of the state file is null.")),
        ];
    }

    public void Append(SandboxInvoice invoice)
    {
        _file.Write([.. JsonSerializer.SerializeToUtf8Bytes(invoice, Json), LineEnd]);
        _file.Flush();
    }

    public void Dispose() => _file.Dispose();

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
