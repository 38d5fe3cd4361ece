using System.ComponentModel.DataAnnotations;
using FiberLink.Chain;

namespace FiberLink.Sandbox.Chain;

/// <summary>How the sandbox chain is to behave.</summary>
public sealed class SandboxChainOptions
{
    public const string Section = "SandboxChain";

    /// <summary>Where it listens: on loopback only, because whoever reaches it can make it say anything. Port 0 takes a free one.</summary>
    [Required]
    public Uri Listen { get; init; } = new("http://127.0.0.1:8114");

    /// <summary>A file of JSON lines from which blocks and the pool survive a restart; null keeps them in memory.</summary>
    public string? StateFile { get; init; }

    /// <summary>Whose scripts it knows, and the name that it gives itself.</summary>
    [Required]
    public ChainParameters Chain { get; init; } = ChainParameters.Testnet;

    /// <summary>How often a block comes by itself; null for only when told.</summary>
    public TimeSpan? BlockInterval { get; init; }

    /// <summary>In which block after it was sent a transaction is: the first proposes it, and real nodes need two more.</summary>
    [Range(1, 1000)]
    public int BlocksToCommit { get; init; } = 3;

    /// <summary>The lowest fee rate that the pool takes, in shannon for a thousand bytes.</summary>
    public ulong MinFeeRate { get; init; } = 1000;

    /// <summary>
    /// What a transaction must pay for its own bytes beside the fees of those in whose place it comes, in shannon for a thousand bytes;
    /// null where none is replaced.
    /// </summary>
    public ulong? MinReplacingRate { get; init; } = 1500;
}
