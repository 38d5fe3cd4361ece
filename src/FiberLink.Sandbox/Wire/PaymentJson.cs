using System.Globalization;
using System.Text.Json.Nodes;
using FiberLink.Sandbox.Payments;

namespace FiberLink.Sandbox.Wire;

/// <summary>A payment as the node writes it: in answers, and otherwise to subscribers.</summary>
internal static class PaymentJson
{
    private const int Tries = 5;

    public static JsonObject Write(SandboxPayment payment) => new()
    {
        ["payment_hash"] = payment.Hash.ToString(),
        ["status"] = payment.Status.ToString(),
        ["created_at"] = HexQuantity.Format((UInt128)payment.CreatedAt),
        ["last_updated_at"] = HexQuantity.Format((UInt128)payment.LastUpdatedAt),
        ["failed_error"] = payment.FailedError,
        ["fee"] = HexQuantity.Format(payment.Fee),
        ["custom_records"] = Records(payment),
    };

    /// <summary>With plain numbers instead of hexadecimal ones, as the node has it in what it tells of changes.</summary>
    public static JsonObject WriteSession(SandboxPayment payment) => new()
    {
        ["request"] = new JsonObject
        {
            ["target_pubkey"] = payment.Payee,
            ["amount"] = Number(payment.Amount),
            ["payment_hash"] = payment.Hash.ToString(),
            ["invoice"] = payment.Invoice,
            ["max_fee_amount"] = Number(payment.FeeMax),
            ["keysend"] = payment.Invoice is null,
            ["udt_type_script"] = payment.UdtScript is { } script ? $"0x{Convert.ToHexStringLower(script.ToMolecule())}" : null,
            ["preimage"] = null,
            ["custom_records"] = Records(payment),
            ["allow_mpp"] = payment.AllowsMultiPart,
            ["dry_run"] = false,
        },
        ["last_error"] = payment.FailedError,
        ["last_error_code"] = null,
        ["try_limit"] = Tries,
        ["status"] = payment.Status.ToString(),
        ["created_at"] = payment.CreatedAt,
        ["last_updated_at"] = payment.LastUpdatedAt,
    };

    private static JsonObject? Records(SandboxPayment payment) => payment.CustomRecords is { } records
        ? new(records.Select(r => KeyValuePair.Create<string, JsonNode?>(r.Key, r.Value)))
        : null;

    private static JsonNode Number(UInt128 number) => JsonNode.Parse(number.ToString(CultureInfo.InvariantCulture))!;
}
