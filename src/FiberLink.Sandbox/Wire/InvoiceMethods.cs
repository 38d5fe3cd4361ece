using System.Text;
using System.Text.Json.Nodes;
using FiberLink.HubNode;
using FiberLink.Sandbox.Control;
using FiberLink.Sandbox.Invoices;

namespace FiberLink.Sandbox.Wire;

/// <summary>The node's invoice methods: their rules, their order of checking, their words.</summary>
internal sealed class InvoiceMethods(
    InvoiceBook book, Faults faults, SandboxIdentity identity, FiberCurrency currency, TimeProvider time)
{
    private const ulong FinalExpiryDeltaMin = 9_600_000;
    private const ulong FinalExpiryDeltaMax = 1_209_600_000;

    private static readonly string[] NewInvoiceFields =
    [
        "amount", "description", "currency", "payment_preimage", "payment_hash", "expiry", "fallback_address", "final_expiry_delta",
        "udt_type_script", "hash_algorithm", "allow_mpp", "allow_trampoline_routing",
    ];

    public RpcReply New(MethodParameters parameters)
    {
        var (amount, description) = (parameters.Quantity("amount"), parameters.OptionalText("description"));
        var asked = parameters.OptionalVariant<FiberCurrency>(
            "currency", ("Fibb", FiberCurrency.Fibb), ("Fibt", FiberCurrency.Fibt), ("Fibd", FiberCurrency.Fibd))
            ?? throw MethodParameters.Missing("currency");
        var (preimage, givenHash) = (parameters.OptionalPreimage("payment_preimage"), parameters.OptionalHash("payment_hash"));
        var delta = parameters.OptionalQuantity64("final_expiry_delta") ?? FinalExpiryDeltaMin;
        var algorithm = parameters.OptionalVariant<InvoiceHashAlgorithm>(
            "hash_algorithm", ("ckb_hash", InvoiceHashAlgorithm.CkbHash), ("sha256", InvoiceHashAlgorithm.Sha256));
        var allowsMultiPart = parameters.Flag("allow_mpp");
        var draft = new
        {
            Expiry = parameters.OptionalQuantity64("expiry"),
            Fallback = parameters.OptionalText("fallback_address"),
            Script = parameters.OptionalScript("udt_type_script"),
            AllowsTrampoline = parameters.Flag("allow_trampoline_routing"),
        };
        if (Objection(asked, preimage, givenHash, delta, description) is { } objection)
        {
            return Refuse(objection, parameters.Echo(NewInvoiceFields));
        }

        var hash = givenHash ?? (preimage ?? identity.DrawPreimage()).Hash(algorithm ?? InvoiceHashAlgorithm.CkbHash);
        var timestamp = time.GetUtcNow().ToUnixTimeMilliseconds();
        var invoice = new SandboxInvoice
        {
            PaymentHash = hash,
            Address = "",
            Amount = amount,
            Currency = asked,
            Timestamp = timestamp,
            Signature = "",
            Description = description,
            ExpirySeconds = draft.Expiry,
            FallbackAddress = draft.Fallback,
            FinalExpiryDelta = delta,
            AllowsMultiPart = allowsMultiPart,
            AllowsTrampoline = draft.AllowsTrampoline,
            PaymentSecret = allowsMultiPart ? identity.HashOf($"payment secret of {hash}") : null,
            UdtScript = draft.Script,
            HashAlgorithm = algorithm,
            IsHold = givenHash is not null,
        };

        // Signing takes time, and is for nothing when the hash is taken: a cheap look comes first.
        invoice = book.Find(hash) is null ? InvoiceText.Signed(invoice, identity.Key) : invoice;
        return book.Add(invoice) is BookAnswer.Refused refused
            ? Refuse(refused.Reason, parameters.Echo(NewInvoiceFields))
            : new RpcReply.Result(new JsonObject
            {
                ["invoice_address"] = invoice.Address,
                ["invoice"] = InvoiceJson.Write(invoice, identity.Pubkey),
            });
    }

    public static RpcReply Parse(MethodParameters parameters)
    {
        var (invoice, fault) = InvoiceText.Read(parameters.Text("invoice"));
        return invoice is not null
            ? new RpcReply.Result(new JsonObject { ["invoice"] = InvoiceJson.Write(invoice) })
            : Refuse(fault!, parameters.Echo("invoice"));
    }

    public RpcReply Get(MethodParameters parameters)
    {
        var hash = parameters.Hash("payment_hash");
        return book.Find(hash) is { } invoice
            ? WithStatus(faults.Reported(invoice), invoice.StatusAt(time.GetUtcNow()))
            : Refuse("invoice not found", parameters.Echo("payment_hash"));
    }

    public RpcReply Cancel(MethodParameters parameters) => book.Cancel(parameters.Hash("payment_hash")) switch
    {
        BookAnswer.Done done => WithStatus(done.Invoice, HubInvoiceStatus.Cancelled),
        BookAnswer.Refused refused => Refuse(refused.Reason, parameters.Echo("payment_hash")),
        var other => throw new InvalidOperationException($"{other} is no answer."),
    };

    public RpcReply Settle(MethodParameters parameters) =>
        book.Settle(parameters.Hash("payment_hash"), parameters.Preimage("payment_preimage")) is BookAnswer.Refused refused
            ? Refuse(refused.Reason, parameters.Echo("payment_hash", "payment_preimage"))
            : new RpcReply.Result([]);

    private string? Objection(FiberCurrency asked, Preimage? preimage, PaymentHash? hash, ulong delta, string? description)
    {
        if (asked != currency)
        {
            return $"Currency must be {currency} with the chain network";
        }

        if (preimage is not null && hash is not null)
        {
            return "Both payment_hash and payment_preimage are set";
        }

        if (delta < FinalExpiryDeltaMin)
        {
            return $"final_expiry_delta must be greater than or equal to {FinalExpiryDeltaMin}";
        }

        if (delta > FinalExpiryDeltaMax)
        {
            return $"final_expiry_delta must be less than or equal to {FinalExpiryDeltaMax}";
        }

        return description is not null && Encoding.UTF8.GetByteCount(description) is var length and > NewInvoice.DescriptionBytesMax
            ? $"Description with length of {length} is too long, max length is {NewInvoice.DescriptionBytesMax}"
            : null;
    }

    private RpcReply.Result WithStatus(SandboxInvoice invoice, HubInvoiceStatus status) =>
        new(InvoiceJson.WithStatus(invoice, identity.Pubkey, status));

    private static RpcReply.Error Refuse(string message, JsonObject echo) => new(RpcReply.ApplicationError, message, echo);
}
