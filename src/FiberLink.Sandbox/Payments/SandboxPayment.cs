using FiberLink.HubNode;
using FiberLink.Sandbox.Channels;

namespace FiberLink.Sandbox.Payments;

/// <summary>A payment of ours as the node keeps it.</summary>
internal sealed record SandboxPayment
{
    public required PaymentHash Hash { get; init; }

    /// <summary>66 digits.</summary>
    public required string Payee { get; init; }

    /// <summary>What the payee gets, in smallest units.</summary>
    public required UInt128 Amount { get; init; }

    /// <summary>The token; null for CKB.</summary>
    public UdtScript? UdtScript { get; init; }

    /// <summary>The text that is paid; null for a payment without one.</summary>
    public string? Invoice { get; init; }

    public required UInt128 FeeMax { get; init; }

    public required HubPaymentStatus Status { get; init; }

    /// <summary>What the way costs.</summary>
    public UInt128 Fee { get; init; }

    /// <summary>In milliseconds since 1970.</summary>
    public required long CreatedAt { get; init; }

    /// <summary>Of the last failure; success doesn't change it, as the node has it.</summary>
    public required long LastUpdatedAt { get; init; }

    /// <summary>The node's words, while it is failed.</summary>
    public string? FailedError { get; init; }

    public bool AllowsMultiPart { get; init; }

    /// <summary>By their keys, as they were given; the node adds one for a payment that may go in parts.</summary>
    public IReadOnlyDictionary<string, string>? CustomRecords { get; init; }

    /// <summary>How it goes; none where no way was found.</summary>
    public IReadOnlyList<PaymentPart> Parts { get; init; } = [];

    /// <summary>What becomes of it.</summary>
    public required PaymentFate Fate { get; init; }

    /// <summary>When that is, in milliseconds since 1970; null when somebody has to say so.</summary>
    public long? EndsAt { get; init; }

    public bool IsFinal => Status is HubPaymentStatus.Success or HubPaymentStatus.Failed;

    /// <summary>It may still arrive, whatever its status says.</summary>
    public bool IsUnderWay => Parts.Any(p => p.End == PartEnd.None);

    /// <summary>The payee has been paid, whatever its status says.</summary>
    public bool IsTaken => Parts.Any(p => p.End == PartEnd.Taken);
}

/// <summary>What has become of a part.</summary>
internal enum PartEnd
{
    /// <summary>Nothing yet.</summary>
    None = 1,

    /// <summary>The payee has it.</summary>
    Taken = 2,

    /// <summary>It came back.</summary>
    GivenBack = 3,
}

/// <summary>A part of a payment, in one channel.</summary>
/// <param name="Tlc">What the channel holds for it, with its part of the fee.</param>
/// <param name="End">What has become of it.</param>
internal sealed record PaymentPart(SandboxTlc Tlc, PartEnd End);
