using System.Text.Json.Nodes;
using FiberLink.HubNode;
using FiberLink.Sandbox.Payments;

namespace FiberLink.Sandbox.Wire;

/// <summary>The node's payment methods.</summary>
internal sealed class PaymentMethods(PaymentBook book, PaymentChecks checks)
{
    private const ulong LimitUnlessGiven = 15;

    // In the order in which the node repeats them in its errors.
    private static readonly string[] SendFields =
    [
        "target_pubkey", "amount", "payment_hash", "final_tlc_expiry_delta", "tlc_expiry_limit", "invoice", "timeout", "max_fee_amount",
        "max_fee_rate", "max_parts", "trampoline_hops", "keysend", "udt_type_script", "allow_self_payment", "custom_records", "hop_hints",
        "dry_run",
    ];

    public RpcReply Send(MethodParameters parameters)
    {
        var (draft, isDry) = (Draft(parameters), parameters.Flag("dry_run"));
        var (order, fault) = checks.Check(draft);
        return order is null
            ? Refuse($"InvalidParameter: Failed to validate payment request: \"{fault}\"", parameters.Echo(SendFields))
            : book.Send(order, isDry) switch
            {
                PaymentAnswer.Done done => new RpcReply.Result(PaymentJson.Write(done.Payment)),
                PaymentAnswer.Refused refused => Refuse(refused.Reason, parameters.Echo(SendFields)),
                var other => throw new InvalidOperationException($"{other} is no answer."),
            };
    }

    public RpcReply Get(MethodParameters parameters)
    {
        var hash = parameters.Hash("payment_hash");
        return book.Find(hash) is { } payment
            ? new RpcReply.Result(PaymentJson.Write(payment))
            : Refuse($"InvalidParameter: Payment session not found: Hash256({hash})", parameters.Echo("payment_hash"));
    }

    public RpcReply List(MethodParameters parameters)
    {
        var status = parameters.OptionalVariant<HubPaymentStatus>(
            "status",
            ("Created", HubPaymentStatus.Created),
            ("Inflight", HubPaymentStatus.Inflight),
            ("Success", HubPaymentStatus.Success),
            ("Failed", HubPaymentStatus.Failed));
        var limit = (int)Math.Min(parameters.OptionalQuantity64("limit") ?? LimitUnlessGiven, int.MaxValue);
        var after = parameters.OptionalHash("after")?.ToString();
        var page = book.All()
            .Where(p => after is null || string.CompareOrdinal(p.Hash.ToString(), after) > 0)
            .Where(p => status is null || p.Status == status)
            .Take(limit)
            .ToArray();
        return new RpcReply.Result(new JsonObject
        {
            ["payments"] = new JsonArray([.. page.Select(p => (JsonNode)PaymentJson.Write(p))]),
            ["last_cursor"] = page.LastOrDefault()?.Hash.ToString(),
        });
    }

    private static PaymentDraft Draft(MethodParameters parameters)
    {
        // The node takes it and does nothing with it, but it must be a number.
        _ = parameters.OptionalQuantity64("timeout");
        return new()
        {
            TargetPubkey = parameters.OptionalPubkey("target_pubkey"),
            Amount = parameters.OptionalQuantity("amount"),
            PaymentHash = parameters.OptionalHash("payment_hash"),
            Invoice = parameters.OptionalText("invoice"),
            FinalTlcExpiryDelta = parameters.OptionalQuantity64("final_tlc_expiry_delta"),
            TlcExpiryLimit = parameters.OptionalQuantity64("tlc_expiry_limit"),
            MaxFeeAmount = parameters.OptionalQuantity("max_fee_amount"),
            MaxFeeRate = parameters.OptionalQuantity64("max_fee_rate"),
            MaxParts = parameters.OptionalQuantity64("max_parts"),
            TrampolineHops = parameters.OptionalPubkeys("trampoline_hops"),
            Keysend = parameters.Flag("keysend"),
            UdtScript = parameters.OptionalScript("udt_type_script"),
            AllowsSelfPayment = parameters.Flag("allow_self_payment"),
            CustomRecords = parameters.OptionalRecords("custom_records"),
        };
    }

    private static RpcReply.Error Refuse(string message, JsonObject echo) => new(RpcReply.ApplicationError, message, echo);
}
