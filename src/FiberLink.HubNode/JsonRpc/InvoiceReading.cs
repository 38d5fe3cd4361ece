using System.Text.Json;

namespace FiberLink.HubNode.JsonRpc;

/// <summary>Invoices, from the node's results to our words.</summary>
internal static class InvoiceReading
{
    private const int ScriptBytesMax = UdtScript.ArgsLengthMax + 64;

    // The last second that our type can hold.
    private static readonly UInt128 ExpirySecondsMax = (UInt128)(TimeSpan.MaxValue.Ticks / TimeSpan.TicksPerSecond);

    /// <summary>A new invoice is open; the node doesn't say so again.</summary>
    public static HubInvoice CreatedInvoice(JsonElement result) =>
        Invoice(result.Member("invoice", JsonValueKind.Object), result.Text("invoice_address"), HubInvoiceStatus.Open);

    public static HubInvoice InvoiceWithStatus(JsonElement result) =>
        Invoice(result.Member("invoice", JsonValueKind.Object), result.Text("invoice_address"), Status(result.Text("status")));

    public static HubInvoice ParsedInvoice(JsonElement result, string text) =>
        Invoice(result.Member("invoice", JsonValueKind.Object), text, status: null);

    private static HubInvoice Invoice(JsonElement invoice, string text, HubInvoiceStatus? status)
    {
        var data = invoice.Member("data", JsonValueKind.Object);
        var attributes = Attributes(data);
        return new(
            data.Hash("payment_hash"),
            text,
            invoice.OptionalQuantity("amount"),
            Currency(invoice.Text("currency")),
            attributes.OptionalText("udt_script") is { } script ? Script(script) : null,
            status,
            Algorithm(attributes.OptionalText("hash_algorithm")),
            data.Time("timestamp"),
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
                bag.Add(member.Name, member.Value);
            }
        }

        return bag;
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

    public static HubInvoiceStatus Status(string name) => name switch
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
        null or "ckb_hash" or "CkbHash" => InvoiceHashAlgorithm.CkbHash,
        "sha256" or "Sha256" => InvoiceHashAlgorithm.Sha256,
        _ => throw new FormatException($"'hash_algorithm' is unknown: {NodeText.Shorten(name)}"),
    };

    private static TimeSpan Expiry(UInt128 seconds) =>
        seconds <= ExpirySecondsMax
            ? TimeSpan.FromTicks((long)seconds * TimeSpan.TicksPerSecond)
            : throw new FormatException("'expiry_time' is beyond what a duration can hold.");

    /// <summary>
    /// The list of one-member objects as one object. Attributes that we don't read may be there, and more than once. Old versions write
    /// names in another case: a token's script that is not recognised would make the invoice one of CKB.
    /// </summary>
    private sealed class AttributeBag
    {
        private readonly Dictionary<string, JsonElement> _values = new(StringComparer.OrdinalIgnoreCase);
        private readonly HashSet<string> _repeated = new(StringComparer.OrdinalIgnoreCase);

        public void Add(string name, JsonElement value)
        {
            var key = Key(name);
            if (!_values.TryAdd(key, value))
            {
                _repeated.Add(key);
            }
        }

        public string? OptionalText(string name) =>
            Value(name) switch
            {
                null => null,
                { ValueKind: JsonValueKind.String } text => text.GetString(),
                { } other => throw new FormatException($"'{name}' is {other.ValueKind} instead of {JsonValueKind.String}."),
            };

        public UInt128? OptionalQuantity(string name) => OptionalText(name) is { } text ? JsonReading.ToQuantity(text, name) : null;

        // Two of a kind would let us read one and the payer the other.
        private JsonElement? Value(string name) =>
            _repeated.Contains(Key(name)) ? throw new FormatException($"The invoice has the attribute '{name}' twice.")
            : _values.TryGetValue(Key(name), out var value) ? value
            : null;

        private static string Key(string name) => name.Replace("_", "", StringComparison.Ordinal);
    }
}
