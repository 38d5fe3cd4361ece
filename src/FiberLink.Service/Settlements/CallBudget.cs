namespace FiberLink.Service.Settlements;

/// <summary>So many calls a second, and no more than a fifth of that at once. For one caller at a time.</summary>
internal sealed class CallBudget(int perSecond, TimeProvider time)
{
    private const int BurstShare = 5;

    private readonly double _most = Math.Max(1, (double)perSecond / BurstShare);
    private double _left = Math.Max(1, (double)perSecond / BurstShare);
    private long _at = time.GetTimestamp();

    /// <summary>Takes what there is, at most what is wanted.</summary>
    public int Take(int wanted)
    {
        var now = time.GetTimestamp();
        _left = Math.Min(_most, _left + (time.GetElapsedTime(_at, now).TotalSeconds * perSecond));
        _at = now;
        var taken = (int)Math.Min(wanted, Math.Floor(_left));
        _left -= taken;
        return taken;
    }

    /// <summary>Gives back what was taken and not used.</summary>
    public void GiveBack(int unused) => _left = Math.Min(_most, _left + unused);

    /// <summary>How long until there are so many, or as many as there ever are.</summary>
    public TimeSpan Until(int wanted) => TimeSpan.FromSeconds(Math.Max(0, Math.Min(wanted, _most) - _left) / perSecond);
}
