using System.Text;
using System.Text.Json;
using FiberLink.HubNode.Invoices;

namespace FiberLink.HubNode.JsonRpc;

/// <summary>Requests that would be wrong at every node are not sent; the others are written as the node reads them.</summary>
internal static class RequestWriting
{
    private const int FeeRateParts = 1000;

    /// <summary>Null if there is nothing against it.</summary>
    public static string? Objection(NewInvoice request) => request switch
    {
        { Amount: var amount } when amount == UInt128.Zero => "An invoice of zero is paid by any amount.",
        { Preimage.IsUnset: true } => "The preimage is not set.",
        { Expiry: var expiry } when expiry < TimeSpan.FromSeconds(1) || expiry.Ticks % TimeSpan.TicksPerSecond != 0 =>
            "An invoice expires after whole seconds, at least one.",
        { Description: { } text } when Encoding.UTF8.GetByteCount(text) > NewInvoice.DescriptionBytesMax =>
            $"A description has at most {NewInvoice.DescriptionBytesMax} bytes.",
        { Description: { } text } when Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) != text =>
            "The description is not Unicode.",
        _ when !Enum.IsDefined(request.Currency) || !Enum.IsDefined(request.HashAlgorithm) =>
            "The currency or the hash algorithm is none that we know.",
        _ => null,
    };

    /// <inheritdoc cref="Objection(NewInvoice)"/>
    public static string? Objection(PaymentRequest request) => request switch
    {
        { Amount: var amount } when amount == UInt128.Zero => "A payment of nothing is none.",
        { Timeout: var timeout } when timeout < TimeSpan.FromSeconds(1) || timeout.Ticks % TimeSpan.TicksPerSecond != 0 =>
            "A payment's time is whole seconds, at least one.",
        _ => InvoiceCodec.Decode(request.Invoice) switch
        {
            Invoices.InvoiceReading.Refused refused => refused.Detail,
            Invoices.InvoiceReading.Decoded { Invoice: var invoice } when invoice.PaymentHash != request.PaymentHash =>
                "The invoice has another payment hash.",
            Invoices.InvoiceReading.Decoded { Invoice: { Amount: { } amount } } when amount != request.Amount =>
                "The invoice has another amount.",
            _ => null,
        },
    };

    public static void Write(Utf8JsonWriter json, NewInvoice request)
    {
        json.WriteString("amount", HexQuantity.Format(request.Amount));
        json.WriteString("currency", request.Currency.ToString());
        json.WriteString("payment_preimage", request.Preimage.ToWire());
        json.WriteString("hash_algorithm", request.HashAlgorithm == InvoiceHashAlgorithm.Sha256 ? "sha256" : "ckb_hash");
        json.WriteString("expiry", Seconds(request.Expiry));
        if (request.Description is { } description)
        {
            json.WriteString("description", description);
        }

        if (request.UdtTypeScript is { } script)
        {
            json.WriteStartObject("udt_type_script");
            json.WriteString("code_hash", script.CodeHash);
            json.WriteString("hash_type", script.HashType);
            json.WriteString("args", script.Args);
            json.WriteEndObject();
        }
    }

    /// <summary>The amount and the hash stand in the invoice too: the node refuses where it reads others there than we did.</summary>
    public static void Write(Utf8JsonWriter json, PaymentRequest request)
    {
        json.WriteString("invoice", request.Invoice);
        json.WriteString("payment_hash", request.PaymentHash.ToString());
        json.WriteString("amount", HexQuantity.Format(request.Amount));
        json.WriteString("max_fee_amount", HexQuantity.Format(request.FeeMax));

        // The node takes the lower of two limits, and its standard for this one is half a percent.
        json.WriteString("max_fee_rate", HexQuantity.Format(FeeRate(request)));
        json.WriteString("timeout", Seconds(request.Timeout));
        json.WriteBoolean("allow_self_payment", false);
    }

    /// <summary>In thousandths of the amount, and so large that it never is the lower limit.</summary>
    private static UInt128 FeeRate(PaymentRequest request) =>
        request.FeeMax > ulong.MaxValue / FeeRateParts
            ? ulong.MaxValue
            : ((request.FeeMax * FeeRateParts) + request.Amount - 1) / request.Amount;

    private static string Seconds(TimeSpan duration) => HexQuantity.Format((UInt128)(duration.Ticks / TimeSpan.TicksPerSecond));
}
