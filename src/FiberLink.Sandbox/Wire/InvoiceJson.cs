using System.Text.Json.Nodes;
using FiberLink.HubNode;
using FiberLink.HubNode.Invoices;
using FiberLink.Sandbox.Invoices;

namespace FiberLink.Sandbox.Wire;

/// <summary>An invoice as the node writes it.</summary>
internal static class InvoiceJson
{
    public static JsonObject Write(SandboxInvoice invoice, string payee)
    {
        // In the order in which the node builds them.
        var attributes = new JsonArray();
        Add(attributes, "description", invoice.Description);
        Add(attributes, "expiry_time", invoice.ExpirySeconds is { } seconds ? HexQuantity.Format(seconds) : null);
        Add(attributes, "fallback_addr", invoice.FallbackAddress);
        if (Features(invoice.AllowsMultiPart, invoice.AllowsTrampoline) is { Count: > 0 } features)
        {
            Add(attributes, "feature", features);
        }

        Add(attributes, "payment_secret", invoice.PaymentSecret);
        Add(attributes, "final_htlc_minimum_expiry_delta", HexQuantity.Format(invoice.FinalExpiryDelta));
        Add(attributes, "udt_script", invoice.UdtScript is { } script ? $"0x{Convert.ToHexStringLower(script.ToMolecule())}" : null);
        Add(attributes, "hash_algorithm", Algorithm(invoice.HashAlgorithm));
        Add(attributes, "payee_public_key", payee);
        return new JsonObject
        {
            ["currency"] = invoice.Currency.ToString(),
            ["amount"] = HexQuantity.Format(invoice.Amount),
            ["signature"] = invoice.Signature,
            ["data"] = new JsonObject
            {
                ["timestamp"] = HexQuantity.Format((UInt128)invoice.Timestamp),
                ["payment_hash"] = invoice.PaymentHash.ToString(),
                ["attrs"] = attributes,
            },
        };
    }

    /// <summary>An invoice of any node, as it was read.</summary>
    public static JsonObject Write(FiberInvoice invoice)
    {
        var attributes = new JsonArray();
        foreach (var attribute in invoice.Contents.Attributes)
        {
            var (name, value) = Attribute(attribute);
            Add(attributes, name, value);
        }

        return new JsonObject
        {
            ["currency"] = invoice.Currency.ToString(),
            ["amount"] = invoice.Amount is { } amount ? HexQuantity.Format(amount) : null,
            ["signature"] = InvoiceText.SignatureOf(invoice),
            ["data"] = new JsonObject
            {
                ["timestamp"] = HexQuantity.Format((UInt128)invoice.CreatedAt.ToUnixTimeMilliseconds()),
                ["payment_hash"] = invoice.PaymentHash.ToString(),
                ["attrs"] = attributes,
            },
        };
    }

    public static JsonObject WithStatus(SandboxInvoice invoice, string payee, HubInvoiceStatus status) => new()
    {
        ["invoice_address"] = invoice.Address,
        ["invoice"] = Write(invoice, payee),
        ["status"] = status.ToString(),
    };

    private static (string Name, JsonNode? Value) Attribute(InvoiceAttribute attribute) => attribute switch
    {
        InvoiceAttribute.ExpiryTime a => ("expiry_time", HexQuantity.Format(a.Seconds)),
        InvoiceAttribute.Description a => ("description", a.Text),
        InvoiceAttribute.FinalHtlcTimeout a => ("final_htlc_timeout", HexQuantity.Format(a.Milliseconds)),
        InvoiceAttribute.FinalHtlcMinimumExpiryDelta a => ("final_htlc_minimum_expiry_delta", HexQuantity.Format(a.Milliseconds)),
        InvoiceAttribute.FallbackAddress a => ("fallback_addr", a.Text),
        InvoiceAttribute.Feature a => ("feature", Features(a.Features.AllowsMpp, a.Features.AllowsTrampolineRouting)),
        InvoiceAttribute.Udt a => ("udt_script", $"0x{Convert.ToHexStringLower(a.Script.ToMolecule())}"),
        InvoiceAttribute.PayeePublicKey a => ("payee_public_key", a.Key.ToString()),
        InvoiceAttribute.HashAlgorithm a => ("hash_algorithm", Algorithm(a.Algorithm)),
        InvoiceAttribute.PaymentSecret a => ("payment_secret", $"0x{Convert.ToHexStringLower(a.ToBytes())}"),
        _ => throw new InvalidOperationException($"{attribute.GetType().Name} has no name."),
    };

    private static string? Algorithm(InvoiceHashAlgorithm? algorithm) => algorithm switch
    {
        InvoiceHashAlgorithm.CkbHash => "ckb_hash",
        InvoiceHashAlgorithm.Sha256 => "sha256",
        _ => null,
    };

    private static JsonArray Features(bool allowsMultiPart, bool allowsTrampoline)
    {
        var features = new JsonArray();
        if (allowsMultiPart)
        {
            features.Add("BASIC_MPP_OPTIONAL");
        }

        if (allowsTrampoline)
        {
            features.Add("TRAMPOLINE_ROUTING_OPTIONAL");
        }

        return features;
    }

    private static void Add(JsonArray attributes, string name, JsonNode? value)
    {
        if (value is not null)
        {
            attributes.Add(new JsonObject { [name] = value });
        }
    }
}
