using FiberLink.Events.Money;

using Names = FiberLink.Service.Startup.ServiceSettings.Names;

namespace FiberLink.Service.Startup;

public sealed partial class SettingsReader
{
    private UsdSettings Usd() =>
        new()
        {
            Sources = Optional(Names.UsdRates, UsdSettings.ParseSources, "a JSON array of sources, each {name, url, path}", []),
            Stablecoins = Optional(Names.UsdStablecoins, UsdSettings.ParseStablecoins, "codes of tokens, separated by commas", []),
            RefreshEvery = Seconds(Names.UsdRefreshSeconds, 60, 10, 3_600),
            AgeMax = Seconds(Names.UsdRateAgeSeconds, 86_400, 60, 86_400),
            JumpPercent = (int)Whole(Names.UsdJumpPercent, 50, 1, 900),
        };

    /// <summary>A rate of what nobody can hold is a slip of the pen, and so is a second rate of what is worth a dollar.</summary>
    private void CheckUsd(ServiceSettings settings)
    {
        var known = settings.Tokens.Select(t => t.Asset).Prepend(Asset.Ckb).ToHashSet();
        var quoted = settings.Usd.Sources.SelectMany(s => s.Path.Keys).Distinct().ToList();
        foreach (var asset in quoted.Where(a => !known.Contains(a)))
        {
            _problems.Add($"{Names.UsdRates} has a path for {asset}, which {Names.Assets} does not name.");
        }

        foreach (var asset in settings.Usd.Stablecoins.Where(a => !known.Contains(a)))
        {
            _problems.Add($"{Names.UsdStablecoins} names {asset}, which {Names.Assets} does not.");
        }

        foreach (var asset in settings.Usd.Stablecoins.Where(quoted.Contains))
        {
            _problems.Add($"{Names.UsdStablecoins} names {asset}, and {Names.UsdRates} has a path for it: only one can hold.");
        }

        if (settings.Usd.AgeMax < settings.Usd.RefreshEvery)
        {
            _problems.Add($"{Names.UsdRateAgeSeconds} is less than {Names.UsdRefreshSeconds}: rates would be too old before they are new.");
        }
    }
}
