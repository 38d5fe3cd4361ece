using FiberLink.Events.Money;
using FiberLink.Service.Startup;

namespace FiberLink.Service.Rates;

/// <summary>A rate, who told it and when we were told.</summary>
/// <param name="Source">The source's name.</param>
/// <param name="Rate">What was told.</param>
/// <param name="FetchedAt">When.</param>
internal sealed record ToldRate(string Source, UsdRate Rate, DateTimeOffset FetchedAt);

/// <summary>What became of the rates that were told of an asset.</summary>
internal enum RateReception
{
    /// <summary>One is known now.</summary>
    Taken = 1,

    /// <summary>One that is far from the last is known now: two sources say it.</summary>
    TakenAsConfirmed = 2,

    /// <summary>Far from the last, and told by one alone: the last one stays known for as long as it is fresh.</summary>
    HeldBack = 3,
}

/// <summary>
/// The last rate of each asset. One far from it is used when two sources say it and not before: what is recorded with a withdrawal is
/// never corrected, and no rate does less harm than a wrong one.
/// </summary>
internal sealed class RateBook(UsdSettings settings, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Asset, ToldRate> _last = [];

    /// <summary>Null when none is known that is fresh enough.</summary>
    public ToldRate? Fresh(Asset asset) => Last(asset) is { } last && IsFresh(last) ? last : null;

    /// <summary>The last that was taken, however old.</summary>
    public ToldRate? Last(Asset asset)
    {
        lock (_lock)
        {
            return _last.GetValueOrDefault(asset);
        }
    }

    /// <summary>Takes note of what sources say of an asset in one round, the first one foremost.</summary>
    /// <param name="asset">The asset.</param>
    /// <param name="told">One at least, each of a source of its own.</param>
    /// <param name="hasOthers">Whether more than one source knows the asset, answering or not.</param>
    public RateReception Hear(Asset asset, IReadOnlyList<ToldRate> told, bool hasOthers)
    {
        lock (_lock)
        {
            // Where nobody can confirm anything, a rate too old to be used is too old to be compared with as well.
            var last = _last.GetValueOrDefault(asset);
            if (last is null || (!hasOthers && !IsFresh(last)))
            {
                _last[asset] = told[0];
                return RateReception.Taken;
            }

            if (told.FirstOrDefault(t => AreNear(t, last)) is { } near)
            {
                _last[asset] = near;
                return RateReception.Taken;
            }

            if (told.FirstOrDefault(t => told.Any(u => u.Source != t.Source && AreNear(t, u))) is { } confirmed)
            {
                _last[asset] = confirmed;
                return RateReception.TakenAsConfirmed;
            }

            return RateReception.HeldBack;
        }
    }

    private bool IsFresh(ToldRate told) => time.GetUtcNow() - told.FetchedAt <= settings.AgeMax;

    private bool AreNear(ToldRate a, ToldRate b) => a.Rate.IsWithin(settings.JumpPercent, b.Rate);
}
