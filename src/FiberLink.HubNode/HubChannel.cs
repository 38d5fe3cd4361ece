namespace FiberLink.HubNode;

/// <summary>How far a channel has come.</summary>
public enum HubChannelStage
{
    /// <summary>On its way to being open.</summary>
    Opening = 1,

    /// <summary>Open: payments pass, if the peer is connected. That the node doesn't say here: compare with its peers.</summary>
    Ready = 2,

    /// <summary>On its way to being closed; no payment passes.</summary>
    ShuttingDown = 3,

    /// <summary>Closed.</summary>
    Closed = 4,

    /// <summary>A state that we don't know; <see cref="HubChannel.StateName"/> has the node's word.</summary>
    Other = 5,
}

/// <summary>A channel as the node tells of it. Amounts are in smallest units, and without what is reserved on the chain.</summary>
/// <param name="ChannelId"><c>0x</c> and 64 digits.</param>
/// <param name="Peer">The other side's public key; its peer id where the node is older than 0.8.</param>
/// <param name="UdtScript">The token; null for CKB.</param>
/// <param name="Stage">How far it has come.</param>
/// <param name="StateName">The same in the node's words.</param>
/// <param name="IsPublic">Announced to the network.</param>
/// <param name="IsEnabled">Not switched off. It says nothing about whether the peer is connected.</param>
/// <param name="LocalBalance">Ours, with what is offered in payments that are not settled yet.</param>
/// <param name="OfferedBalance">The part of it that is in such payments.</param>
/// <param name="RemoteBalance">The other side's, likewise.</param>
/// <param name="ReceivedBalance">The part of it that is in payments to us which are not settled yet.</param>
/// <param name="PendingTlcs">Those payments. Versions before 0.8 may not tell.</param>
/// <param name="CreatedAt">By the node's clock.</param>
/// <param name="FailureDetail">Why it could not be opened, in the node's words.</param>
public sealed record HubChannel(
    string ChannelId,
    string Peer,
    UdtScript? UdtScript,
    HubChannelStage Stage,
    string StateName,
    bool IsPublic,
    bool IsEnabled,
    UInt128 LocalBalance,
    UInt128 OfferedBalance,
    UInt128 RemoteBalance,
    UInt128 ReceivedBalance,
    IReadOnlyList<PendingTlc> PendingTlcs,
    DateTimeOffset CreatedAt,
    string? FailureDetail)
{
    /// <summary>What there is to say of the stage, in the node's words, with a bar between them; empty where there is nothing.</summary>
    public string StateFlags { get; init; } = "";

    /// <summary>The transaction that funded it: <c>0x</c> and 64 digits; null while there is none.</summary>
    public string? FundingTransaction { get; init; }

    /// <summary>The transaction that closed it, once a block has it: <c>0x</c> and 64 digits.</summary>
    public string? ClosingTransaction { get; init; }

    /// <summary>Closed because both sides had agreed on how, and not because one of them went to the chain.</summary>
    public bool IsClosedByAgreement =>
        Stage is HubChannelStage.Closed && StateFlags.Split('|').Contains("COOPERATIVE", StringComparer.Ordinal);

    /// <summary>The payments that the channel still holds.</summary>
    public IEnumerable<PendingTlc> UnderWay => PendingTlcs.Where(p => !p.IsRemoved);

    /// <summary>What can be sent: a payment under way is still part of the balance.</summary>
    public UInt128 Spendable => Stage is HubChannelStage.Ready ? Difference(LocalBalance, OfferedBalance) : 0;

    /// <summary>What can be received.</summary>
    public UInt128 Receivable => Stage is HubChannelStage.Ready ? Difference(RemoteBalance, ReceivedBalance) : 0;

    private static UInt128 Difference(UInt128 whole, UInt128 part) => whole > part ? whole - part : 0;
}

/// <summary>A payment's part that a channel holds until it settles or is given back.</summary>
/// <param name="PaymentHash">Of the payment.</param>
/// <param name="Amount">In smallest units.</param>
/// <param name="ExpiresAt">When the chain would decide.</param>
/// <param name="IsOutbound">From us to the peer.</param>
/// <param name="IsRemoved">
/// Settled or given back, and both sides have confirmed it: it holds nothing any more. FNN 0.8 goes on listing it until the next thing
/// happens in the channel. Anything less final counts as pending.
/// </param>
public sealed record PendingTlc(PaymentHash PaymentHash, UInt128 Amount, DateTimeOffset ExpiresAt, bool IsOutbound, bool IsRemoved);

/// <summary>A peer the node is connected with.</summary>
/// <param name="Peer">Its public key; its peer id where the node is older than 0.8.</param>
/// <param name="Address">As a multiaddress.</param>
public sealed record HubPeer(string Peer, string Address);
