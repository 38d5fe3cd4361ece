using System.Text.Json;
using FiberLink.HubNode;
using FiberLink.Sandbox.Invoices;

namespace FiberLink.Sandbox.Control;

/// <summary>What control requests say. A <see cref="FormatException"/> says what is wrong with one.</summary>
internal static class ControlReading
{
    private const int CountMax = 1_000_000;

    /// <summary>The longest delay or absence that can be asked for.</summary>
    private const long MillisecondsMax = 24 * 60 * 60 * 1000;

    public static T Read<T>(ReadOnlySpan<byte> body) =>
        JsonSerializer.Deserialize<T>(body.IsEmpty ? "{}"u8 : body, ControlWire.Json) ?? throw new FormatException("The body is null.");

    /// <summary>The hash that is meant, or the node's words for what is wrong with the invoice's text.</summary>
    public static (PaymentHash Hash, string? Fault) Hash(ControlWire.InvoiceChoice choice) => choice switch
    {
        { PaymentHash: { } text, Invoice: null } => (PaymentHash.Parse(text), null),
        { PaymentHash: null, Invoice: { } text } => HashOf(text),
        _ => throw new FormatException("Say which invoice: payment_hash or invoice, one of them."),
    };

    public static int Count(int count) => count is >= 0 and <= CountMax
        ? count
        : throw new FormatException($"From 0 to {CountMax}.");

    public static TimeSpan Duration(long milliseconds) => milliseconds is >= 0 and <= MillisecondsMax
        ? TimeSpan.FromMilliseconds(milliseconds)
        : throw new FormatException($"From 0 to {MillisecondsMax} milliseconds.");

    public static double Share(double share) => share is >= 0 and <= 1
        ? share
        : throw new FormatException("A share is from 0 to 1.");

    public static UInt128 Quantity(string text) =>
        HexQuantity.TryParse(text, out var value) ? value : throw new FormatException("An amount is a 0x quantity.");

    public static UdtScript? Script(ControlWire.Script? script) =>
        script is null ? null : new(script.CodeHash, script.HashType, script.Args);

    private static (PaymentHash Hash, string? Fault) HashOf(string text)
    {
        var (invoice, fault) = InvoiceText.Read(text);
        return (invoice?.PaymentHash ?? default, fault);
    }
}
