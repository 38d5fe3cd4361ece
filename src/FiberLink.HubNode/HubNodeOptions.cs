using System.ComponentModel.DataAnnotations;

namespace FiberLink.HubNode;

/// <summary>Where the hub node is and how patient we are with it. A class and not a record: its token must not be printed.</summary>
public sealed class HubNodeOptions
{
    public const string Section = "HubNode";

    /// <summary>The node's JSON-RPC address, for example <c>http://127.0.0.1:8227</c>.</summary>
    [Required]
    public required Uri Endpoint { get; init; }

    /// <summary>How long one call may take, waiting for its turn included.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1000000", "00:01:00")]
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Calls at one time; more wait for their turn. The node takes 100 connections.</summary>
    [Range(1, 100)]
    public int CallsInFlightMax { get; init; } = 16;

    /// <summary>A biscuit in base64url, when the node asks for one. Never logged.</summary>
    [MaxLength(4096)]
    public string? BearerToken { get; init; }
}
