using System.Buffers.Binary;
using System.Globalization;
using FiberLink.HubNode;

namespace FiberLink.Sandbox.Invoices;

/// <summary>
/// The text of a sandbox invoice. It has the outer form of a real one (prefix, amount, bech32m, signature at the end) and fits a QR code,
/// but inside there is only the payment hash and the time: the sandbox reads no invoices but its own, and wallets read none of these.
/// </summary>
internal static class InvoiceText
{
    private const int PrefixLength = 4;
    private const int HashBytes = 32;
    private const int TimestampBytes = sizeof(long);
    private const int SignatureGroups = 104;
    private const byte IsSigned = 1;

    public static (string Address, string Signature) Write(
        SandboxIdentity identity, FiberCurrency currency, UInt128 amount, PaymentHash hash, long timestamp)
    {
        var data = new byte[HashBytes + TimestampBytes];
        hash.ToBytes().CopyTo(data, 0);
        BinaryPrimitives.WriteInt64LittleEndian(data.AsSpan(HashBytes), timestamp);
        var prefix = Prefix(currency, amount);
        var signature = Bech32m.ToGroups(identity.Sign(prefix, data));
        return (Bech32m.Encode(prefix, [IsSigned, .. Bech32m.ToGroups(data), .. signature]), Convert.ToHexStringLower(signature));
    }

    /// <summary>The payment hash, or the node's words for what is wrong.</summary>
    public static (PaymentHash Hash, string? Fault) Read(SandboxIdentity identity, string text)
    {
        if (Bech32m.Decode(text, out var prefix, out var groups) is var reading and not Bech32mReading.Read)
        {
            return (default, Fault(reading));
        }

        if (prefix.Length < PrefixLength || CurrencyOf(prefix[..PrefixLength]) is not { } currency
            || prefix.AsSpan(PrefixLength).IndexOfAnyExceptInRange('0', '9') >= 0)
        {
            return (default, $"Parsing failed with malformed HRP: {prefix}");
        }

        UInt128 amount = 0;
        if (prefix.Length > PrefixLength
            && !UInt128.TryParse(prefix.AsSpan(PrefixLength), NumberStyles.None, CultureInfo.InvariantCulture, out amount))
        {
            return (default, "Failed to parse amount: number too large to fit in target type");
        }

        if (groups.Length < SignatureGroups)
        {
            return (default, "Too short data part");
        }

        return ReadData(identity, Prefix(currency, amount), groups) is { } hash ? (hash, null) : (default, "Invalid signature");
    }

    private static PaymentHash? ReadData(SandboxIdentity identity, string prefix, ReadOnlySpan<byte> groups)
    {
        if (groups[0] != IsSigned || groups.Length <= SignatureGroups
            || Bech32m.FromGroups(groups[1..^SignatureGroups]) is not { Length: HashBytes + TimestampBytes } data)
        {
            return null;
        }

        return groups[^SignatureGroups..].SequenceEqual(Bech32m.ToGroups(identity.Sign(prefix, data)))
            ? PaymentHash.FromBytes(data.AsSpan(0, HashBytes))
            : null;
    }

    private static string Prefix(FiberCurrency currency, UInt128 amount) =>
        string.Create(CultureInfo.InvariantCulture, $"{PrefixOf(currency)}{amount}");

    private static string PrefixOf(FiberCurrency currency) => currency switch
    {
        FiberCurrency.Fibb => "fibb",
        FiberCurrency.Fibt => "fibt",
        _ => "fibd",
    };

    private static FiberCurrency? CurrencyOf(string prefix) => prefix switch
    {
        "fibb" => FiberCurrency.Fibb,
        "fibt" => FiberCurrency.Fibt,
        "fibd" => FiberCurrency.Fibd,
        _ => null,
    };

    private static string Fault(Bech32mReading reading) => "Bech32 error: " + reading switch
    {
        Bech32mReading.MixedCase => "mixed-case strings not allowed",
        Bech32mReading.NoSeparator => "missing human-readable separator, \"1\"",
        Bech32mReading.BadCharacter => "invalid character",
        Bech32mReading.TooShort => "invalid length",
        _ => "invalid checksum",
    };
}
