using FiberLink.HubNode;

namespace FiberLink.Sandbox.Payments;

/// <summary>What <c>send_payment</c> was given: each member of the right kind, none of them checked, null where it was left out.</summary>
internal sealed record PaymentDraft
{
    public string? TargetPubkey { get; init; }

    public UInt128? Amount { get; init; }

    public PaymentHash? PaymentHash { get; init; }

    public string? Invoice { get; init; }

    public ulong? FinalTlcExpiryDelta { get; init; }

    public ulong? TlcExpiryLimit { get; init; }

    public UInt128? MaxFeeAmount { get; init; }

    /// <summary>In thousandths.</summary>
    public ulong? MaxFeeRate { get; init; }

    public ulong? MaxParts { get; init; }

    public IReadOnlyList<string>? TrampolineHops { get; init; }

    public bool Keysend { get; init; }

    public UdtScript? UdtScript { get; init; }

    public bool AllowsSelfPayment { get; init; }

    public IReadOnlyDictionary<string, string>? CustomRecords { get; init; }
}
