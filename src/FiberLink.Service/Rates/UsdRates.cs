using FiberLink.Events.Money;
using FiberLink.Events.Withdrawals;
using FiberLink.Service.Startup;

namespace FiberLink.Service.Rates;

/// <summary>
/// What amounts are worth in US dollars, as far as it is known here and now: nobody is asked, and a rate that cannot be had keeps nothing
/// from being completed.
/// </summary>
internal sealed class UsdRates(ServiceSettings settings, AssetSettings assets, RateBook book, TimeProvider time)
{
    /// <summary>The source of a stablecoin's rate.</summary>
    public const string StaticSource = "static_1p0";

    /// <summary>Whether there will ever be a rate: somebody is set up to tell one.</summary>
    public bool CanQuote(Asset asset) => IsStable(asset) || settings.Usd.SourcesOf(asset).Any();

    /// <returns>Null when no rate is known that is fresh enough.</returns>
    public UsdQuote? Quote(Amount amount)
    {
        if (assets.Find(amount.Asset.Code) is not { } asset)
        {
            // Without its decimals nobody knows what one of it is.
            return null;
        }

        var told = IsStable(amount.Asset) ? new ToldRate(StaticSource, UsdRate.One, time.GetUtcNow()) : book.Fresh(amount.Asset);
        return told?.Rate.Cents(amount.Units, asset.Decimals) is { } cents
            ? new UsdQuote(told.Rate.Text, cents, told.Source, told.FetchedAt)
            : null;
    }

    private bool IsStable(Asset asset) => settings.Usd.Stablecoins.Contains(asset);
}
