using FiberLink.Events.Withdrawals;

namespace FiberLink.Domain.Withdrawals;

/// <summary>What a withdrawal is decided on. Those about use are made certain once more in the transaction that holds the money.</summary>
public sealed record PayoutFacts
{
    /// <summary>The policy that holds for the community and the asset.</summary>
    public required PayoutLimits Limits { get; init; }

    /// <summary>Why withdrawals are paused; null when they are not.</summary>
    public string? PausedBecause { get; init; }

    public bool IsMemberDenied { get; init; }

    public bool IsDestinationDenied { get; init; }

    /// <summary>What the member may still withdraw, in smallest units.</summary>
    public required UInt128 Available { get; init; }

    /// <summary>What the member asked for in the last 24 hours, what failed or was cancelled left out.</summary>
    public UInt128 MemberDay { get; init; }

    /// <summary>The same of all members of the community.</summary>
    public UInt128 CommunityDay { get; init; }

    /// <summary>What the member has open.</summary>
    public UInt128 MemberOpen { get; init; }

    /// <summary>When the member asked last, what failed or was cancelled left out.</summary>
    public DateTimeOffset? LastRequestedAt { get; init; }

    /// <summary>When the member first asked for this destination; null when this is the first time.</summary>
    public DateTimeOffset? DestinationSince { get; init; }

    /// <summary>The least that a cell of the recipient's can hold; zero for an invoice.</summary>
    public UInt128 Minimum { get; init; }

    /// <summary>What the member pays for the way: taken off the amount on chain, held on top of it for an invoice.</summary>
    public UInt128 Fee { get; init; }

    /// <summary>Whether anybody can sign or send it.</summary>
    public bool CanBeSent { get; init; } = true;

    /// <summary>What the wallet has left when all that waits is paid; null when that is not known, or does not matter.</summary>
    public UInt128? Liquidity { get; init; }
}
