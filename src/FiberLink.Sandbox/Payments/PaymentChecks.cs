using System.Buffers.Binary;
using FiberLink.HubNode;
using FiberLink.HubNode.Invoices;
using FiberLink.Sandbox.Invoices;

namespace FiberLink.Sandbox.Payments;

/// <summary>The node's checks of a payment before it does anything: their order, their words. Nothing is stored when one objects.</summary>
internal sealed class PaymentChecks(SandboxIdentity identity, TimeProvider time)
{
    private const ulong ExpiryDeltaMin = 9_600_000;
    private const ulong ExpiryLimitMax = 1_209_600_000;
    private const ulong FinalExpiryDeltaUnlessGiven = 14_400_000;
    private const ulong FeeRateUnlessGiven = 5;
    private const int FeeRateParts = 1000;
    private const int PartsMax = 24;
    private const int PartsUnlessGiven = 12;
    private const int TrampolineHopsMax = 5;
    private const int CustomRecordsBytesMax = 2048;
    private const int SecretLength = 32;
    private const int AmountLength = 16;
    private const string PartsRecord = "0x10000";

    /// <summary>The order, or the node's words for what is wrong.</summary>
    public (PaymentOrder? Order, string? Fault) Check(PaymentDraft draft)
    {
        FiberInvoice? invoice = null;
        if (draft.Invoice is { } text)
        {
            invoice = InvoiceText.Read(text).Invoice;
            if (invoice is null)
            {
                return (null, "invoice is invalid");
            }

            if (invoice.ExpiresAt is { } end && end <= time.GetUtcNow())
            {
                return (null, "invoice is expired");
            }
        }

        return Missing(draft, invoice) is { } fault ? (null, fault) : Check(Order(draft, invoice), draft, invoice);
    }

    private static string? Missing(PaymentDraft draft, FiberInvoice? invoice) =>
        OneOf("target_pubkey", draft.TargetPubkey, invoice?.Payee?.ToString())
        ?? OneOf("amount", draft.Amount?.ToString(), invoice?.Amount?.ToString())
        ?? (draft.UdtScript is { } script && invoice?.UdtScript is { } written && script != written
            ? "udt_type_script does not match the invoice"
            : null)
        ?? HashFault(draft, invoice);

    private static string? HashFault(PaymentDraft draft, FiberInvoice? invoice) => draft switch
    {
        { Keysend: true, PaymentHash: not null } => "keysend payment should not have payment_hash",
        { Keysend: true, Invoice: not null } => "keysend payment should not have invoice",
        { Keysend: true } => null,
        _ => OneOf("payment_hash", draft.PaymentHash?.ToString(), invoice?.PaymentHash.ToString()),
    };

    private static string? OneOf(string name, object? given, object? written) =>
        given is null && written is null ? $"{name} is missing"
        : given is not null && written is not null && !given.Equals(written) ? $"{name} does not match the invoice"
        : null;

    private PaymentOrder Order(PaymentDraft draft, FiberInvoice? invoice)
    {
        var amount = (draft.Amount ?? invoice?.Amount)!.Value;
        var preimage = draft.Keysend ? identity.DrawPreimage() : null;
        var hash = preimage is not null
            ? Preimage.Parse(preimage).Hash(InvoiceHashAlgorithm.CkbHash)
            : (draft.PaymentHash ?? invoice?.PaymentHash)!.Value;
        return new(
            hash,
            (draft.TargetPubkey ?? invoice?.Payee?.ToString())!,
            amount,
            FeeMax(amount, draft),
            draft.UdtScript ?? invoice?.UdtScript,
            draft.Invoice,
            Milliseconds(invoice?.FinalExpiryDelta) ?? draft.FinalTlcExpiryDelta ?? FinalExpiryDeltaUnlessGiven,
            invoice is { AllowsMpp: true } ? (int)Math.Min(draft.MaxParts ?? PartsUnlessGiven, PartsMax) : 1,
            preimage)
        {
            AllowsSelfPayment = draft.AllowsSelfPayment,
            CustomRecords = invoice is { AllowsMpp: true } ? WithParts(draft.CustomRecords, invoice, amount) : draft.CustomRecords,
        };
    }

    /// <summary>By this a payee knows which parts belong together: its own secret, and their sum, low byte first.</summary>
    private static Dictionary<string, string> WithParts(IReadOnlyDictionary<string, string>? given, FiberInvoice invoice, UInt128 amount)
    {
        var record = new byte[SecretLength + AmountLength];
        invoice.Contents.Find<InvoiceAttribute.PaymentSecret>()?.ToBytes().CopyTo(record, 0);
        BinaryPrimitives.WriteUInt128LittleEndian(record.AsSpan(SecretLength), amount);
        return new(given ?? new Dictionary<string, string>(), StringComparer.Ordinal)
        {
            [PartsRecord] = $"0x{Convert.ToHexStringLower(record)}",
        };
    }

    private static (PaymentOrder? Order, string? Fault) Check(PaymentOrder order, PaymentDraft draft, FiberInvoice? invoice)
    {
        var limit = draft.TlcExpiryLimit ?? ExpiryLimitMax;
        var parts = draft.MaxParts ?? PartsUnlessGiven;
        var fault = order switch
        {
            { Amount: var amount } when amount == UInt128.Zero => "amount must be greater than 0",
            { Amount: var amount, FeeMax: var fee } when fee > UInt128.MaxValue - amount =>
                $"amount + max_fee_amount overflow: amount = {amount}, max_fee_amount = Some({fee})",
            { FinalExpiryDelta: < ExpiryDeltaMin or > ExpiryLimitMax } =>
                $"invalid final_tlc_expiry_delta, expect between {ExpiryDeltaMin} and {ExpiryLimitMax}",
            _ when limit < order.FinalExpiryDelta =>
                $"tlc_expiry_limit is too small, final_tlc_expiry_delta: {order.FinalExpiryDelta}, tlc_expiry_limit: {limit}",
            _ when limit > ExpiryLimitMax => $"tlc_expiry_limit is too large, expect it to less than {ExpiryLimitMax}",
            _ when draft.TrampolineHops is { Count: 0 } => "trampoline_hops must be non-empty when provided",
            _ when draft.TrampolineHops is { Count: > TrampolineHopsMax } => $"too many trampoline_hops, at most {TrampolineHopsMax}",
            { UdtScript: null, Amount: var amount } when amount >= ulong.MaxValue =>
                $"The payment amount ({amount}) should be less than {ulong.MaxValue}",
            { CustomRecords: { } records } when records.Values.Sum(v => (v.Length - 2) / 2) > CustomRecordsBytesMax =>
                $"the sum size of custom_records's value can not more than {CustomRecordsBytesMax} bytes",
            _ when draft.MaxParts is not null && (parts is 0 or > PartsMax || (parts == 1 && invoice is { AllowsMpp: true })) =>
                $"invalid max_parts, value should be in range [1, {PartsMax}]",
            _ when draft.MaxParts > 1 && invoice is not { AllowsMpp: true } => "payment invoice is not allow MPP",
            _ => null,
        };
        return fault is null ? (order, null) : (null, fault);
    }

    /// <summary>The lower of what was given and what the rate allows, which is half a percent unless it was given.</summary>
    private static UInt128 FeeMax(UInt128 amount, PaymentDraft draft)
    {
        UInt128 rate = draft.MaxFeeRate ?? FeeRateUnlessGiven;
        var byRate = rate == 0 || amount <= (UInt128.MaxValue - FeeRateParts) / rate
            ? ((amount * rate) + FeeRateParts - 1) / FeeRateParts
            : UInt128.MaxValue - amount;
        return draft.MaxFeeAmount is { } given ? UInt128.Min(given, byRate) : byRate;
    }

    private static ulong? Milliseconds(TimeSpan? duration) => duration is { } d ? (ulong)(d.Ticks / TimeSpan.TicksPerMillisecond) : null;
}
