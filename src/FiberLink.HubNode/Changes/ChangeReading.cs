using System.Text.Json;
using FiberLink.HubNode.JsonRpc;

namespace FiberLink.HubNode.Changes;

/// <summary>What a message on the subscription's connection says.</summary>
internal abstract record ChangeMessage
{
    private ChangeMessage()
    {
    }

    /// <summary>The node has taken the subscription.</summary>
    public sealed record Subscribed : ChangeMessage;

    /// <summary>The node has refused it.</summary>
    /// <param name="Reason">Its words.</param>
    /// <param name="IsForGood">It has no such method, or not for us; otherwise it is only busy.</param>
    public sealed record Refused(string Reason, bool IsForGood) : ChangeMessage;

    public sealed record Change(NodeChange Value) : ChangeMessage;

    /// <summary>A change that is of no use to us, or that we don't know.</summary>
    /// <param name="Kind">For the measurements: one of few words.</param>
    public sealed record Ignored(string Kind) : ChangeMessage;

    /// <summary>Not a message of this protocol: the connection is of no use.</summary>
    public sealed record Garbage : ChangeMessage;
}

/// <summary>
/// Reads only what is needed. The node also sends the preimages of our own invoices here: they are never taken out of the message.
/// </summary>
internal static class ChangeReading
{
    private const string Method = "store_changes";
    private const int DepthMax = 64;

    public static ChangeMessage Read(ReadOnlyMemory<byte> text)
    {
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = DepthMax });
            return document.RootElement is { ValueKind: JsonValueKind.Object } message ? Read(message) : new ChangeMessage.Garbage();
        }
        catch (JsonException)
        {
            return new ChangeMessage.Garbage();
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException)
        {
            return new ChangeMessage.Ignored("unreadable");
        }
    }

    private static ChangeMessage Read(JsonElement message)
    {
        if (message.TryGetProperty("method", out var method))
        {
            return method.ValueKind == JsonValueKind.String && method.ValueEquals(Method)
                ? Change(message.Member("params", JsonValueKind.Object).Member("result", JsonValueKind.Object))
                : new ChangeMessage.Ignored("unknown");
        }

        return message.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object
            ? new ChangeMessage.Refused(
                NodeText.Shorten(error.Text("message")),
                error.Member("code", JsonValueKind.Number).TryGetInt64(out var code)
                    && code is NodeRefusals.Unauthorized or NodeRefusals.MethodNotFound)
            : message.TryGetProperty("result", out _) ? new ChangeMessage.Subscribed()
            : new ChangeMessage.Garbage();
    }

    private static ChangeMessage Change(JsonElement change)
    {
        if (change.TryGetProperty("PutCkbInvoiceStatus", out var invoice))
        {
            return new ChangeMessage.Change(
                new NodeChange.InvoiceChanged(invoice.Hash("payment_hash"), InvoiceReading.Status(invoice.Text("invoice_status"))));
        }

        if (change.TryGetProperty("PutPaymentSession", out var payment))
        {
            var session = payment.Member("payment_session", JsonValueKind.Object);
            return new ChangeMessage.Change(
                new NodeChange.PaymentChanged(payment.Hash("payment_hash"), PaymentReading.Status(session.Text("status"))));
        }

        return new ChangeMessage.Ignored(change.TryGetProperty("PutPreimage", out _) ? "preimage" : "unknown");
    }
}
