using FiberLink.HubNode;

namespace FiberLink.Sandbox.Channels;

/// <summary>A channel as it was opened. What is in it now follows from what has passed through it.</summary>
internal sealed record SandboxChannel
{
    /// <summary>From 0 on, in the order of opening.</summary>
    public required int Number { get; init; }

    /// <summary>Which of the node's peers is at the other end, from 0 on.</summary>
    public required int Peer { get; init; }

    /// <summary>The token; null for CKB.</summary>
    public UdtScript? UdtScript { get; init; }

    /// <summary>In smallest units, without what is reserved on the chain.</summary>
    public required UInt128 LocalAtStart { get; init; }

    public required UInt128 RemoteAtStart { get; init; }

    /// <summary>In milliseconds since 1970.</summary>
    public required long CreatedAt { get; init; }

    /// <summary>How far it is.</summary>
    public ChannelStage Stage { get; init; }

    /// <summary>The channel's name, where it was agreed on before it had a number.</summary>
    public string? Id { get; init; }

    /// <summary>The transaction that funds it, in the chain's encoding; null for one that was there from the beginning.</summary>
    public string? Funding { get; init; }

    /// <summary>The script to which it pays ours when it is closed.</summary>
    public UdtScript? CloseTo { get; init; }

    /// <summary>Shannon for a thousand bytes of what closes it.</summary>
    public ulong CloseFeeRate { get; init; }

    /// <summary>The transaction that closes it, in the chain's encoding.</summary>
    public string? Closing { get; init; }
}
