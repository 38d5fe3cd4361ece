using FiberLink.HubNode;

namespace FiberLink.Sandbox.Channels;

/// <summary>What is in one channel. Both sides together are always what it was opened with, and neither is ever below zero.</summary>
internal sealed class ChannelAccount(SandboxChannel first)
{
    // Thousands may be held at once; what has left is few, because the next to come sweeps it away.
    private readonly Dictionary<(long Id, bool IsOutbound), PendingState> _held = [];
    private readonly List<PendingState> _removed = [];
    private UInt128 _local = first.LocalAtStart;
    private UInt128 _remote = first.RemoteAtStart;
    private UInt128 _offered;
    private UInt128 _received;
    private long _idsOut;
    private long _idsIn;
    private long _moves;

    /// <summary>As it was opened, and how far it is now.</summary>
    public SandboxChannel Opened { get; set; } = first;

    public ChannelState State(bool isConnected) =>
        new(Opened, _local, _offered, _remote, _received, isConnected, _moves);

    /// <summary>What it lists as pending, what has just left first.</summary>
    public IReadOnlyList<PendingState> Pending() => [.. _removed, .. _held.Values.OrderBy(p => p.Tlc.Id)];

    /// <summary>Null where this side has too little that isn't under way already.</summary>
    public SandboxTlc? TryHold(PaymentHash hash, UInt128 amount, long expiry, bool isOutbound)
    {
        if (Opened.Stage is not ChannelStage.Ready || amount > (isOutbound ? _local - _offered : _remote - _received))
        {
            return null;
        }

        var tlc = new SandboxTlc(Opened.Number, isOutbound ? _idsOut : _idsIn, amount, expiry);
        Restore(hash, tlc, isOutbound);
        return tlc;
    }

    /// <summary>Takes in what was held when the node stopped.</summary>
    public void Restore(PaymentHash hash, SandboxTlc tlc, bool isOutbound)
    {
        Count(tlc, isOutbound);
        _removed.Clear();
        _held.Add((tlc.Id, isOutbound), new(tlc, hash, isOutbound, IsRemoved: false));
        if (isOutbound)
        {
            _offered = checked(_offered + tlc.Amount);
        }
        else
        {
            _received = checked(_received + tlc.Amount);
        }
    }

    /// <summary>Takes in what had passed before the node stopped.</summary>
    public void RestoreMove(SandboxTlc tlc, bool isOutbound)
    {
        // In any order: what came in may be taken in after what it was spent on, so a side may wrap around on the way.
        Count(tlc, isOutbound);
        _moves++;
        (_local, _remote) = isOutbound
            ? unchecked((_local - tlc.Amount, _remote + tlc.Amount))
            : unchecked((_local + tlc.Amount, _remote - tlc.Amount));
    }

    /// <summary>It reaches the other side, or goes back to where it came from.</summary>
    public void End(SandboxTlc tlc, bool isOutbound, bool isSettled)
    {
        if (!_held.Remove((tlc.Id, isOutbound), out var held))
        {
            throw new InvalidOperationException($"Channel {Opened.Number} holds nothing with the number {tlc.Id}.");
        }

        _removed.Add(held with { IsRemoved = true });
        if (isOutbound)
        {
            _offered -= tlc.Amount;
        }
        else
        {
            _received -= tlc.Amount;
        }

        if (isSettled)
        {
            Move(tlc.Amount, isOutbound);
        }
    }

    private void Move(UInt128 amount, bool isOutbound)
    {
        _moves++;
        (_local, _remote) = isOutbound
            ? (checked(_local - amount), checked(_remote + amount))
            : (checked(_local + amount), checked(_remote - amount));
    }

    private void Count(SandboxTlc tlc, bool isOutbound)
    {
        if (isOutbound)
        {
            _idsOut = Math.Max(_idsOut, tlc.Id + 1);
        }
        else
        {
            _idsIn = Math.Max(_idsIn, tlc.Id + 1);
        }
    }
}
