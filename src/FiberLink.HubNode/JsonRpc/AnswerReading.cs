using System.Text.Json;

namespace FiberLink.HubNode.JsonRpc;

/// <summary>From the node's results to our words.</summary>
internal static class AnswerReading
{
    private const int ScriptBytesMax = UdtScript.ArgsLengthMax + 64;

    // The last millisecond and the last second that our types can hold.
    private static readonly UInt128 TimestampMax = (UInt128)DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();
    private static readonly UInt128 ExpirySecondsMax = (UInt128)(TimeSpan.MaxValue.Ticks / TimeSpan.TicksPerSecond);

    /// <summary>A new invoice is open; the node doesn't say so again.</summary>
    public static HubInvoice CreatedInvoice(JsonElement result) =>
        Invoice(result.Member("invoice", JsonValueKind.Object), result.Text("invoice_address"), HubInvoiceStatus.Open);

    public static HubInvoice InvoiceWithStatus(JsonElement result) =>
        Invoice(result.Member("invoice", JsonValueKind.Object), result.Text("invoice_address"), Status(result.Text("status")));

    public static HubInvoice ParsedInvoice(JsonElement result, string text) =>
        Invoice(result.Member("invoice", JsonValueKind.Object), text, status: null);

    public static NodeInfo Info(JsonElement result)
    {
        var chainHash = Hash(result, "chain_hash").ToString();
        return new(
            result.Text("version"),
            result.Text("commit_hash"),
            Pubkey(result.Text("pubkey")),
            result.OptionalMember("node_name", JsonValueKind.String)?.GetString(),
            chainHash,
            FiberChain.CurrencyOf(chainHash),
            result.Count("channel_count"),
            result.Count("pending_channel_count"),
            result.Count("peers_count"),
            [.. result.Member("udt_cfg_infos", JsonValueKind.Array).EnumerateArray().Select(Token)]);
    }

    private static HubInvoice Invoice(JsonElement invoice, string text, HubInvoiceStatus? status)
    {
        var data = invoice.Member("data", JsonValueKind.Object);
        var attributes = Attributes(data);
        return new(
            Hash(data, "payment_hash"),
            text,
            invoice.OptionalQuantity("amount"),
            Currency(invoice.Text("currency")),
            attributes.OptionalMember("udt_script", JsonValueKind.String) is { } script ? Script(script.GetString()!) : null,
            status,
            Algorithm(attributes.OptionalMember("hash_algorithm", JsonValueKind.String)?.GetString()),
            CreatedAt(data.Quantity("timestamp")),
            attributes.OptionalQuantity("expiry_time") is { } seconds ? Expiry(seconds) : null);
    }

    private static AttributeBag Attributes(JsonElement data)
    {
        var bag = new AttributeBag();
        foreach (var attribute in data.Member("attrs", JsonValueKind.Array).EnumerateArray())
        {
            if (attribute.ValueKind != JsonValueKind.Object)
            {
                throw new FormatException($"An invoice attribute is {attribute.ValueKind} instead of Object.");
            }

            foreach (var member in attribute.EnumerateObject())
            {
                bag.Add(member.Name, attribute);
            }
        }

        return bag;
    }

    private static PaymentHash Hash(JsonElement parent, string name) =>
        PaymentHash.TryParse(parent.Text(name), out var hash)
            ? hash
            : throw new FormatException($"'{name}' is not 0x and 64 hexadecimal digits.");

    private static string Pubkey(string text) =>
        text.Length == 66 && text.All(char.IsAsciiHexDigit)
            ? text
            : throw new FormatException("'pubkey' is not 66 hexadecimal digits.");

    private static NodeToken Token(JsonElement token)
    {
        var script = token.Member("script", JsonValueKind.Object);
        return new(token.Text("name"), script.Text("code_hash"), script.Text("hash_type"), script.Text("args"));
    }

    private static UdtScript Script(string hex) =>
        HexBytes.TryParse(hex, ScriptBytesMax, out var bytes) && UdtScript.TryFromMolecule(bytes, out var script)
            ? script
            : throw new FormatException("'udt_script' is not a script.");

    private static FiberCurrency Currency(string name) => name switch
    {
        "Fibb" => FiberCurrency.Fibb,
        "Fibt" => FiberCurrency.Fibt,
        "Fibd" => FiberCurrency.Fibd,
        _ => throw new FormatException($"'currency' is unknown: {NodeText.Shorten(name)}"),
    };

    private static HubInvoiceStatus Status(string name) => name switch
    {
        "Open" => HubInvoiceStatus.Open,
        "Cancelled" => HubInvoiceStatus.Cancelled,
        "Expired" => HubInvoiceStatus.Expired,
        "Received" => HubInvoiceStatus.Received,
        "Paid" => HubInvoiceStatus.Paid,
        _ => throw new FormatException($"'status' is unknown: {NodeText.Shorten(name)}"),
    };

    private static InvoiceHashAlgorithm Algorithm(string? name) => name switch
    {
        null or "ckb_hash" => InvoiceHashAlgorithm.CkbHash,
        "sha256" => InvoiceHashAlgorithm.Sha256,
        _ => throw new FormatException($"'hash_algorithm' is unknown: {NodeText.Shorten(name)}"),
    };

    private static DateTimeOffset CreatedAt(UInt128 milliseconds) =>
        milliseconds <= TimestampMax
            ? DateTimeOffset.FromUnixTimeMilliseconds((long)milliseconds)
            : throw new FormatException("'timestamp' is beyond the year 9999.");

    private static TimeSpan Expiry(UInt128 seconds) =>
        seconds <= ExpirySecondsMax
            ? TimeSpan.FromTicks((long)seconds * TimeSpan.TicksPerSecond)
            : throw new FormatException("'expiry_time' is beyond what a duration can hold.");

    /// <summary>The list of one-member objects as one object. Attributes that we don't read may be there, and more than once.</summary>
    private sealed class AttributeBag
    {
        private readonly Dictionary<string, JsonElement> _holders = new(StringComparer.Ordinal);
        private readonly HashSet<string> _repeated = new(StringComparer.Ordinal);

        public void Add(string name, JsonElement holder)
        {
            if (!_holders.TryAdd(name, holder))
            {
                _repeated.Add(name);
            }
        }

        public JsonElement? OptionalMember(string name, JsonValueKind kind) => Holder(name)?.Member(name, kind);

        public UInt128? OptionalQuantity(string name) => Holder(name)?.Quantity(name);

        // Two of a kind would let us read one and the payer the other.
        private JsonElement? Holder(string name) =>
            _repeated.Contains(name) ? throw new FormatException($"The invoice has the attribute '{name}' twice.")
            : _holders.TryGetValue(name, out var holder) ? holder
            : null;
    }
}
