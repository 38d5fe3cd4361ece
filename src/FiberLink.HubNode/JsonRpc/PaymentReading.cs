using System.Text.Json;

namespace FiberLink.HubNode.JsonRpc;

/// <summary>Payments, from the node's results to our words.</summary>
internal static class PaymentReading
{
    // Under this key the node keeps what a payment in parts needs.
    private const string MultiPartRecord = "0x10000";

    public static HubPayment Payment(JsonElement result)
    {
        var status = Status(result.Text("status"));
        return new(
            result.Hash("payment_hash"),
            status,
            result.Quantity("fee"),
            result.Time("created_at"),
            result.Time("last_updated_at"),
            status is HubPaymentStatus.Failed ? PaymentTexts.Failure(result.OptionalText("failed_error") ?? "") : null,
            result.OptionalMember("custom_records", JsonValueKind.Object) is { } records && records.TryGetProperty(MultiPartRecord, out _));
    }

    public static PaymentPage Page(JsonElement result, int limit)
    {
        var payments = result.Member("payments", JsonValueKind.Array).EnumerateArray().Select(Payment).ToArray();
        return new(payments, payments.Length < limit ? null : payments[^1].PaymentHash);
    }

    public static HubPaymentStatus Status(string name) => name switch
    {
        "Created" => HubPaymentStatus.Created,
        "Inflight" => HubPaymentStatus.Inflight,
        "Success" => HubPaymentStatus.Success,
        "Failed" => HubPaymentStatus.Failed,
        _ => throw new FormatException($"'status' is unknown: {NodeText.Shorten(name)}"),
    };
}
