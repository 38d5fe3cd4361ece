namespace FiberLink.HubNode;

/// <summary>Who the node is. Pin <paramref name="Pubkey"/> and <paramref name="Currency"/> to notice a node that was swapped.</summary>
/// <param name="Version">For example <c>0.8.1</c>.</param>
/// <param name="CommitHash">The build.</param>
/// <param name="Pubkey">66 hexadecimal digits without <c>0x</c>.</param>
/// <param name="NodeName">As announced; null when it has none.</param>
/// <param name="ChainHash">Hash of the chain's first block.</param>
/// <param name="Currency">Derived from <paramref name="ChainHash"/>.</param>
/// <param name="ChannelCount">Open channels.</param>
/// <param name="PendingChannelCount">Channels on their way to being open.</param>
/// <param name="PeersCount">Connected peers.</param>
/// <param name="Addresses">Where peers find it, as multiaddresses.</param>
/// <param name="Tokens">The tokens the node is configured with.</param>
public sealed record NodeInfo(
    string Version,
    string CommitHash,
    string Pubkey,
    string? NodeName,
    string ChainHash,
    FiberCurrency Currency,
    uint ChannelCount,
    uint PendingChannelCount,
    uint PeersCount,
    IReadOnlyList<string> Addresses,
    IReadOnlyList<NodeToken> Tokens);

/// <summary>A token from the node's configuration.</summary>
/// <param name="Name">The node's own name for it.</param>
/// <param name="CodeHash"><c>0x</c> and 64 digits.</param>
/// <param name="HashType"><c>data</c>, <c>type</c>, <c>data1</c> or <c>data2</c>.</param>
/// <param name="ArgsPattern">The arguments, or a regular expression for them: that is why this is not a <see cref="UdtScript"/>.</param>
public sealed record NodeToken(string Name, string CodeHash, string HashType, string ArgsPattern);
