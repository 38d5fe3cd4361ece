using FiberLink.HubNode;

namespace FiberLink.Sandbox.Payments;

/// <summary>A payment that may be sent, as far as its form goes.</summary>
/// <param name="Hash">What it will be known by.</param>
/// <param name="Payee">66 digits.</param>
/// <param name="Amount">In smallest units, above zero.</param>
/// <param name="FeeMax">The lower of the two limits that can be given.</param>
/// <param name="UdtScript">The token; null for CKB.</param>
/// <param name="Invoice">The text that is paid; null for a payment without one.</param>
/// <param name="FinalExpiryDelta">How long the last lock must run, in milliseconds.</param>
/// <param name="PartsMax">1 for a payment that may not go in parts.</param>
/// <param name="Preimage">Of a payment without an invoice, which brings it along.</param>
internal sealed record PaymentOrder(
    PaymentHash Hash,
    string Payee,
    UInt128 Amount,
    UInt128 FeeMax,
    UdtScript? UdtScript,
    string? Invoice,
    ulong FinalExpiryDelta,
    int PartsMax,
    string? Preimage)
{
    public bool AllowsMultiPart => PartsMax > 1;

    public bool AllowsSelfPayment { get; init; }

    /// <summary>Null where none were given.</summary>
    public IReadOnlyDictionary<string, string>? CustomRecords { get; init; }
}
