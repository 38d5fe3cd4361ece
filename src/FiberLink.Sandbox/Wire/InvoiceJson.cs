using System.Text.Json.Nodes;
using FiberLink.HubNode;
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
        if (Features(invoice) is { Count: > 0 } features)
        {
            Add(attributes, "feature", features);
        }

        Add(attributes, "payment_secret", invoice.PaymentSecret);
        Add(attributes, "final_htlc_minimum_expiry_delta", HexQuantity.Format(invoice.FinalExpiryDelta));
        Add(attributes, "udt_script", invoice.UdtScript is { } script ? $"0x{Convert.ToHexStringLower(script.ToMolecule())}" : null);
        Add(attributes, "hash_algorithm", invoice.HashAlgorithm switch
        {
            InvoiceHashAlgorithm.CkbHash => "ckb_hash",
            InvoiceHashAlgorithm.Sha256 => "sha256",
            _ => null,
        });
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

    public static JsonObject WithStatus(SandboxInvoice invoice, string payee, HubInvoiceStatus status) => new()
    {
        ["invoice_address"] = invoice.Address,
        ["invoice"] = Write(invoice, payee),
        ["status"] = status.ToString(),
    };

    private static JsonArray Features(SandboxInvoice invoice)
    {
        var features = new JsonArray();
        if (invoice.AllowsMultiPart)
        {
            features.Add("BASIC_MPP_OPTIONAL");
        }

        if (invoice.AllowsTrampoline)
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
