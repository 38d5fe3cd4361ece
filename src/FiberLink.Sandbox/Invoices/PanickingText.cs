using FiberLink.HubNode.Invoices;

namespace FiberLink.Sandbox.Invoices;

/// <summary>The texts with a right checksum that make a node of version 0.8 panic instead of refusing them.</summary>
internal static class PanickingText
{
    private const int SignatureGroups = 104;
    private const byte SignedMark = 1;

    public static bool Is(string text) =>
        Bech32.Decode(text, out _, out var groups) is Bech32Reading.Read
        && (groups is { Length: SignatureGroups } && groups[0] == SignedMark
            || InvoiceCodec.Decode(text) is InvoiceReading.Refused
            {
                Reason: InvoiceRefusal.NotUnpackable or InvoiceRefusal.BadUtf8 or InvoiceRefusal.BadPayee,
            });
}
