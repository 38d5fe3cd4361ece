using FiberLink.HubNode;
using FiberLink.Sandbox.State;

namespace FiberLink.Sandbox.Channels;

/// <summary>
/// The node's channels and who of its peers is there. A node begins with one channel of CKB; one for a token opens itself when the first
/// payment of that token arrives.
/// </summary>
internal sealed class ChannelBook
{
    public const int ChannelsMax = 100;

    private static readonly UInt128 LocalAtStart = 40_100_000_000;
    private static readonly UInt128 RemoteAtStart = 400_000_000_000_000;
    private static readonly UInt128 TokensAtStart = new(54_210, 2_003_764_205_206_896_640); // 10²⁴

    private readonly Lock _lock = new();
    private readonly List<ChannelAccount> _channels = [];
    private readonly HashSet<int> _peersAway = [];
    private readonly StateJournal? _journal;
    private readonly TimeProvider _time;

    /// <param name="journal">Null keeps them in memory.</param>
    /// <param name="opened">Those of an earlier run.</param>
    /// <param name="time">Says when a channel was opened.</param>
    public ChannelBook(StateJournal? journal, IEnumerable<SandboxChannel> opened, TimeProvider time)
    {
        (_journal, _time) = (journal, time);

        // Each as often as it has changed; the last word counts.
        _channels.AddRange(opened.GroupBy(c => c.Number).OrderBy(c => c.Key).Select(c => new ChannelAccount(c.Last())));
        if (_channels.Count == 0)
        {
            Add(peer: 0, script: null, LocalAtStart, RemoteAtStart);
        }
    }

    /// <summary>How many peers have a channel with us.</summary>
    public int Peers
    {
        get
        {
            lock (_lock)
            {
                return _channels.Max(c => c.Opened.Peer) + 1;
            }
        }
    }

    public IReadOnlyList<ChannelState> All()
    {
        lock (_lock)
        {
            return [.. _channels.Select(StateOf)];
        }
    }

    /// <summary>Each with what it lists as pending.</summary>
    public IReadOnlyList<(ChannelState Channel, IReadOnlyList<PendingState> Pending)> WithPending()
    {
        lock (_lock)
        {
            return [.. _channels.Select(c => (StateOf(c), c.Pending()))];
        }
    }

    public bool IsConnected(int peer)
    {
        lock (_lock)
        {
            return !_peersAway.Contains(peer);
        }
    }

    public void Connect(int peer, bool isConnected)
    {
        lock (_lock)
        {
            if (isConnected)
            {
                _peersAway.Remove(peer);
            }
            else
            {
                _peersAway.Add(peer);
            }
        }
    }

    /// <summary>Null when there are too many, or the two sides together are too much.</summary>
    /// <param name="peer">One of the node's peers, or the next one.</param>
    /// <param name="script">The token; null for CKB.</param>
    /// <param name="local">Ours.</param>
    /// <param name="remote">The peer's.</param>
    public ChannelState? Open(int peer, UdtScript? script, UInt128 local, UInt128 remote)
    {
        lock (_lock)
        {
            return _channels.Count < ChannelsMax && remote <= UInt128.MaxValue - local ? StateOf(Add(peer, script, local, remote)) : null;
        }
    }

    /// <summary>A channel whose funding was sent; null when there are too many.</summary>
    public ChannelState? Add(SandboxChannel funded)
    {
        lock (_lock)
        {
            return _channels.Count < ChannelsMax ? StateOf(Keep(funded with { Number = _channels.Count })) : null;
        }
    }

    /// <summary>It is further than it was.</summary>
    public void Change(int number, Func<SandboxChannel, SandboxChannel> change)
    {
        lock (_lock)
        {
            var channel = _channels[number];
            channel.Opened = change(channel.Opened);
            _journal?.Append(new(Channel: channel.Opened));
        }
    }

    /// <summary>A payment to us arrives: the first channel with room for it holds it; null where none has.</summary>
    public SandboxTlc? TryReceive(PaymentHash hash, UdtScript? script, UInt128 amount, long expiry)
    {
        lock (_lock)
        {
            if (script is not null && _channels.Count < ChannelsMax && _channels.All(c => c.Opened.UdtScript != script))
            {
                Add(peer: 0, script, local: 0, TokensAtStart);
            }

            return _channels.Where(c => c.Opened.UdtScript == script && !_peersAway.Contains(c.Opened.Peer))
                .Select(c => c.TryHold(hash, amount, expiry, isOutbound: false))
                .FirstOrDefault(held => held is not null);
        }
    }

    /// <summary>A payment of ours goes out, in all its parts or not at all: then null.</summary>
    public IReadOnlyList<SandboxTlc>? TrySend(PaymentHash hash, IReadOnlyList<(int Channel, UInt128 Amount)> parts, long expiry)
    {
        lock (_lock)
        {
            var held = new List<SandboxTlc>();
            foreach (var (channel, amount) in parts)
            {
                if (_channels[channel].TryHold(hash, amount, expiry, isOutbound: true) is not { } tlc)
                {
                    held.ForEach(h => _channels[h.Channel].End(h, isOutbound: true, isSettled: false));
                    return null;
                }

                held.Add(tlc);
            }

            return held;
        }
    }

    /// <summary>What was held reaches the other side, or goes back to where it came from.</summary>
    public void End(SandboxTlc tlc, bool isOutbound, bool isSettled)
    {
        lock (_lock)
        {
            _channels[tlc.Channel].End(tlc, isOutbound, isSettled);
        }
    }

    /// <summary>What was held when the node stopped is held again.</summary>
    public void Restore(PaymentHash hash, SandboxTlc tlc, bool isOutbound)
    {
        lock (_lock)
        {
            _channels[tlc.Channel].Restore(hash, tlc, isOutbound);
        }
    }

    /// <summary>What had passed before the node stopped has passed.</summary>
    public void RestoreMove(SandboxTlc tlc, bool isOutbound)
    {
        lock (_lock)
        {
            _channels[tlc.Channel].RestoreMove(tlc, isOutbound);
        }
    }

    private ChannelAccount Add(int peer, UdtScript? script, UInt128 local, UInt128 remote) => Keep(new SandboxChannel
    {
        Number = _channels.Count,
        Peer = peer,
        UdtScript = script,
        LocalAtStart = local,
        RemoteAtStart = remote,
        CreatedAt = _time.GetUtcNow().ToUnixTimeMilliseconds(),
    });

    private ChannelAccount Keep(SandboxChannel channel)
    {
        _journal?.Append(new(Channel: channel));
        _channels.Add(new ChannelAccount(channel));
        return _channels[^1];
    }

    private ChannelState StateOf(ChannelAccount channel) => channel.State(!_peersAway.Contains(channel.Opened.Peer));
}
