using System.Globalization;
using FiberLink.HubNode.Invoices;

namespace FiberLink.Sandbox.Invoices;

/// <summary>The texts of invoices, as nodes write them, and the node's words for what is wrong with one.</summary>
internal static class InvoiceText
{
    private const int PrefixLength = 4;
    private const int SignatureGroups = 104;

    /// <summary>The invoice with its text and signature.</summary>
    /// <exception cref="FormatException">There is no text that says this.</exception>
    public static SandboxInvoice Signed(SandboxInvoice invoice, InvoiceKey key)
    {
        try
        {
            var signed = key.Sign(new(
                invoice.Currency,
                invoice.Amount,
                DateTimeOffset.FromUnixTimeMilliseconds(invoice.Timestamp),
                invoice.PaymentHash,
                [.. Attributes(invoice, key.PublicKey)]));
            return invoice with { Address = InvoiceCodec.Encode(signed), Signature = SignatureOf(signed) };
        }
        catch (ArgumentException e)
        {
            throw new FormatException(e.Message, e);
        }
    }

    /// <summary>One byte for each five-bit group, as the node writes it.</summary>
    public static string SignatureOf(FiberInvoice invoice) => Convert.ToHexStringLower(Bech32.ToGroups(invoice.Signature.ToBytes()));

    /// <summary>The invoice of any node, or the node's words for what is wrong.</summary>
    public static (FiberInvoice? Invoice, string? Fault) Read(string text)
    {
        if (Bech32.Decode(text, out var prefix, out var groups) is var reading and not Bech32Reading.Read)
        {
            return (null, Fault(reading));
        }

        if (prefix.Length < PrefixLength || prefix[..PrefixLength] is not ("fibb" or "fibt" or "fibd")
            || prefix.AsSpan(PrefixLength).IndexOfAnyExceptInRange('0', '9') >= 0)
        {
            return (null, $"Parsing failed with malformed HRP: {prefix}");
        }

        UInt128? amount = null;
        if (prefix.Length > PrefixLength)
        {
            if (!UInt128.TryParse(prefix.AsSpan(PrefixLength), NumberStyles.None, CultureInfo.InvariantCulture, out var written))
            {
                return (null, "Failed to parse amount: number too large to fit in target type");
            }

            amount = written;
        }

        if (groups.Length < SignatureGroups)
        {
            return (null, "Too short data part");
        }

        // The node doesn't mind zeros before the amount.
        var plain = Bech32.Encode(string.Create(CultureInfo.InvariantCulture, $"{prefix[..PrefixLength]}{amount}"), groups);
        return InvoiceCodec.Decode(plain) switch
        {
            InvoiceReading.Decoded { Invoice: var invoice } => (invoice, null),
            InvoiceReading.Refused refused => (null, Fault(refused)),
            var other => throw new InvalidOperationException($"{other} is no reading."),
        };
    }

    private static IEnumerable<InvoiceAttribute> Attributes(SandboxInvoice invoice, PublicKey payee) => new InvoiceAttribute?[]
    {
        invoice.Description is { } description ? new InvoiceAttribute.Description(description) : null,
        invoice.ExpirySeconds is { } seconds ? new InvoiceAttribute.ExpiryTime(seconds) : null,
        invoice.FallbackAddress is { } fallback ? new InvoiceAttribute.FallbackAddress(fallback) : null,
        invoice.AllowsMultiPart || invoice.AllowsTrampoline
            ? new InvoiceAttribute.Feature(InvoiceFeatures.Offering(invoice.AllowsMultiPart, invoice.AllowsTrampoline))
            : null,
        invoice.PaymentSecret is { } secret ? new InvoiceAttribute.PaymentSecret(Convert.FromHexString(secret[2..])) : null,
        new InvoiceAttribute.FinalHtlcMinimumExpiryDelta(invoice.FinalExpiryDelta),
        invoice.UdtScript is { } script ? new InvoiceAttribute.Udt(script) : null,
        invoice.HashAlgorithm is { } algorithm ? new InvoiceAttribute.HashAlgorithm(algorithm) : null,
        new InvoiceAttribute.PayeePublicKey(payee),
    }.OfType<InvoiceAttribute>();

    private static string Fault(InvoiceReading.Refused refused) => refused.Reason switch
    {
        InvoiceRefusal.BadSignature or InvoiceRefusal.HighSignature or InvoiceRefusal.BadRecoveryId or InvoiceRefusal.PayeeMismatch
            or InvoiceRefusal.NotPackedAsWritten or InvoiceRefusal.NotSigned => "Invalid signature",
        _ => $"Molecule error: {refused.Detail}",
    };

    private static string Fault(Bech32Reading reading) => "Bech32 error: " + reading switch
    {
        Bech32Reading.MixedCase => "mixed-case strings not allowed",
        Bech32Reading.NoSeparator => "missing human-readable separator, \"1\"",
        Bech32Reading.BadCharacter => "invalid character",
        Bech32Reading.TooShort => "invalid length",
        _ => "invalid checksum",
    };
}
