using Microsoft.Extensions.Logging;

namespace FiberLink.HubNode.JsonRpc;

/// <summary>
/// Who the node said it is. Kept from its last answer until the next outage: after one, another node may stand at the same address.
/// </summary>
internal sealed class NodeIdentity(string? expectedPubkey, ILogger log)
{
    private readonly string? _expected = expectedPubkey is null ? null : InfoReading.Pubkey(expectedPubkey);
    private readonly Lock _lock = new();
    private NodeInfo? _known;
    private string? _warnedOf;
    private string? _complainedOf;

    /// <summary>A certain node is expected, so nothing may be asked of one that has not said who it is.</summary>
    public bool IsExpected => _expected is not null;

    /// <summary>Null until it has said so, and again after an outage.</summary>
    public NodeInfo? Known
    {
        get
        {
            lock (_lock)
            {
                return _known;
            }
        }
    }

    public void Forget()
    {
        lock (_lock)
        {
            _known = null;
        }
    }

    /// <summary>Takes note of what the node says; null if it is as expected.</summary>
    public NodeAnswer<NodeInfo>.Failed? Learn(NodeInfo info)
    {
        lock (_lock)
        {
            if (_expected is not null && info.Pubkey != _expected)
            {
                _known = null;
                if (_complainedOf != info.Pubkey)
                {
                    _complainedOf = info.Pubkey;
                    NodeLog.WrongNode(log, info.Pubkey, _expected);
                }

                return new(NodeFailure.WrongNode, $"The node's public key is {info.Pubkey}, expected is {_expected}.");
            }

            if (_warnedOf != info.Version && (!NodeVersion.TryParse(info.Version, out var version) || version.IsUntried))
            {
                _warnedOf = info.Version;
                NodeLog.UnknownVersion(log, NodeText.Shorten(info.Version));
            }

            (_known, _complainedOf) = (info, null);
            return null;
        }
    }
}
