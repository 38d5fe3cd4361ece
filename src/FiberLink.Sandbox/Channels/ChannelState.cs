using FiberLink.HubNode;

namespace FiberLink.Sandbox.Channels;

/// <summary>A channel at one moment. A payment under way is still part of the side that it comes from.</summary>
/// <param name="Opened">As it was opened.</param>
/// <param name="Local">Ours, with what is offered.</param>
/// <param name="Offered">The part of it that is under way to the peer.</param>
/// <param name="Remote">The peer's, with what is on its way to us.</param>
/// <param name="Received">The part of it that is on its way to us.</param>
/// <param name="IsConnected">Whether the peer is there; nothing passes without it.</param>
/// <param name="Moves">How many payments have been settled in it.</param>
internal sealed record ChannelState(
    SandboxChannel Opened,
    UInt128 Local,
    UInt128 Offered,
    UInt128 Remote,
    UInt128 Received,
    bool IsConnected,
    long Moves)
{
    public UInt128 Spendable => IsConnected && Opened.Stage is ChannelStage.Ready ? Local - Offered : 0;

    public UInt128 Receivable => IsConnected && Opened.Stage is ChannelStage.Ready ? Remote - Received : 0;
}

/// <summary>One thing that a channel holds.</summary>
/// <param name="Tlc">How much and until when.</param>
/// <param name="PaymentHash">For which payment.</param>
/// <param name="IsOutbound">From us to the peer.</param>
/// <param name="IsRemoved">Settled or given back; a node goes on listing it until the channel moves again.</param>
internal sealed record PendingState(SandboxTlc Tlc, PaymentHash PaymentHash, bool IsOutbound, bool IsRemoved);
