namespace FiberLink.HubNode;

/// <summary>
/// Opens and closes channels with coins that the node has no key for. Nothing here is repeated by itself: what came of a call without an
/// answer is seen in the list of channels and on the chain.
/// </summary>
public interface INodeFunding
{
    /// <summary>
    /// Asks the node to agree with a peer on a channel and to make the transaction that funds it. Nothing has moved after it: the
    /// transaction is unsigned, and an opening whose funding is not submitted is forgotten after some minutes, so a lost answer costs
    /// nothing.
    /// </summary>
    Task<NodeAnswer<UnsignedFunding>> AskForFundingAsync(ChannelOpening request, CancellationToken ct);

    /// <summary>
    /// Hands over the signed transaction; from then on the node sends it whenever it and the peer are ready. Persist it first. The
    /// channel's and the transaction's names come back; <see cref="NodeFailure.FundingAlreadySubmitted"/> says that the node has it.
    /// </summary>
    /// <param name="channelId">As <see cref="AskForFundingAsync"/> answered it.</param>
    /// <param name="transaction">The same transaction, with nothing changed but witnesses, as JSON of CKB.</param>
    /// <param name="ct">The caller's.</param>
    Task<NodeAnswer<SubmittedFunding>> SubmitFundingAsync(string channelId, string transaction, CancellationToken ct);

    /// <summary>Gives an opening up whose funding was not submitted; the peer and the node let go of what they had set aside.</summary>
    Task<NodeAnswer<string>> AbandonChannelAsync(string channelId, CancellationToken ct);

    /// <summary>
    /// Begins to close a channel with the peer's agreement, and answers the channel's id. Payments under way are waited for, so this only
    /// begins it: the list of channels tells how far it is, and which transaction closed it.
    /// </summary>
    Task<NodeAnswer<string>> CloseChannelAsync(ChannelClosing request, CancellationToken ct);
}

/// <summary>A script of the chain, in the words of its JSON.</summary>
/// <param name="CodeHash"><c>0x</c> and 64 digits.</param>
/// <param name="HashType"><c>data</c>, <c>type</c>, <c>data1</c> or <c>data2</c>.</param>
/// <param name="Args"><c>0x</c> and digits.</param>
public sealed record NodeScript(string CodeHash, string HashType, string Args);

/// <summary>A channel of coins to be opened.</summary>
/// <param name="Peer">The other side: 66 digits. The node must be connected with it.</param>
/// <param name="Amount">What we put in, in shannon; what the node keeps back of it is part of it.</param>
/// <param name="Owner">The lock whose cells are spent, and to which the channel pays when it is closed.</param>
/// <param name="FeeRate">Shannon for a thousand bytes.</param>
public sealed record ChannelOpening(string Peer, UInt128 Amount, NodeScript Owner, ulong FeeRate);

/// <summary>A channel to be closed.</summary>
/// <param name="ChannelId">Which.</param>
/// <param name="Owner">The lock that is paid.</param>
/// <param name="FeeRate">Shannon for a thousand bytes.</param>
public sealed record ChannelClosing(string ChannelId, NodeScript Owner, ulong FeeRate);

/// <summary>What the node and the peer have agreed on.</summary>
/// <param name="ChannelId">The channel's name, for good.</param>
/// <param name="Transaction">Unsigned, as JSON of CKB. It comes from outside: whoever signs it looks at all of it.</param>
public sealed record UnsignedFunding(string ChannelId, string Transaction);

/// <param name="ChannelId">The channel's name.</param>
/// <param name="TransactionHash"><c>0x</c> and 64 digits.</param>
public sealed record SubmittedFunding(string ChannelId, string TransactionHash);
