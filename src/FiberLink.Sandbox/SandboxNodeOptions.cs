using System.ComponentModel.DataAnnotations;
using FiberLink.HubNode;

namespace FiberLink.Sandbox;

/// <summary>How the sandbox node is to behave.</summary>
public sealed class SandboxNodeOptions
{
    public const string Section = "Sandbox";

    /// <summary>Where it listens: on loopback only, because whoever reaches it can make it say anything. Port 0 takes a free one.</summary>
    [Required]
    public Uri Listen { get; init; } = new("http://127.0.0.1:8227");

    /// <summary>A file of JSON lines from which invoices, payments and channels survive a restart; null keeps them in memory.</summary>
    public string? StateFile { get; init; }

    /// <summary>The network it claims to be on.</summary>
    [EnumDataType(typeof(FiberCurrency))]
    public FiberCurrency Currency { get; init; } = FiberCurrency.Fibt;

    /// <summary>
    /// Decides the node's key and the preimages it draws; null draws preimages by chance, with the key of seed 0, so that a node
    /// keeps its identity over a restart.
    /// </summary>
    public int? Seed { get; init; }

    /// <summary>
    /// A <see cref="Chain.SandboxChain"/> on which channels are funded and closed; null for none. Its peers have as many coins as they need
    /// there.
    /// </summary>
    public Uri? Chain { get; init; }
}
