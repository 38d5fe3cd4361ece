namespace FiberLink.Sandbox.Channels;

/// <summary>An amount that a channel holds for a payment until it is settled or given back.</summary>
/// <param name="Channel">The channel's number.</param>
/// <param name="Id">Counted by each channel and direction from 0 on.</param>
/// <param name="Amount">In smallest units; on the way out with what the way costs.</param>
/// <param name="Expiry">When the chain would decide, in milliseconds since 1970.</param>
internal sealed record SandboxTlc(int Channel, long Id, UInt128 Amount, long Expiry);
