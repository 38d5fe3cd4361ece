namespace FiberLink.Service.Settlements;

/// <summary>So many calls a second, and no more than a fifth of that at once.</summary>
internal sealed class CallBudget(int perSecond, TimeProvider time)
{
    private const int BurstShare = 5;
    private const int KeptShare = 4;

    private readonly double _most = Math.Max(1, (double)perSecond / BurstShare);
    private readonly Lock _lock = new();
    private double _left = Math.Max(1, (double)perSecond / BurstShare);
    private long _at = time.GetTimestamp();

    // One call at a time leaves nothing to keep.
    private double Kept => _most < KeptShare ? 0 : _most / KeptShare;

    /// <summary>Takes what there is, at most what is wanted.</summary>
    public int Take(int wanted) => TakeAbove(0, wanted);

    /// <summary>Takes what there is but for a quarter, which is kept for what is more urgent.</summary>
    public int TakeUnurgent(int wanted) => TakeAbove(Kept, wanted);

    /// <summary>Gives back what was taken and not used.</summary>
    public void GiveBack(int unused)
    {
        lock (_lock)
        {
            _left = Math.Min(_most, _left + unused);
        }
    }

    /// <summary>How long until there are so many, or as many as there ever are, if nobody else takes any.</summary>
    public TimeSpan Until(int wanted) => UntilAbove(0, wanted);

    /// <summary>As <see cref="Until"/>, with the quarter that is kept.</summary>
    public TimeSpan UntilUnurgent(int wanted) => UntilAbove(Kept, wanted);

    private int TakeAbove(double kept, int wanted)
    {
        lock (_lock)
        {
            var now = time.GetTimestamp();
            _left = Math.Min(_most, _left + (time.GetElapsedTime(_at, now).TotalSeconds * perSecond));
            _at = now;
            var taken = (int)Math.Clamp(Math.Floor(_left - kept), 0, wanted);
            _left -= taken;
            return taken;
        }
    }

    private TimeSpan UntilAbove(double kept, int wanted)
    {
        lock (_lock)
        {
            return TimeSpan.FromSeconds(Math.Max(0, Math.Min(wanted, _most - kept) + kept - _left) / perSecond);
        }
    }
}
