using FiberLink.Domain.Money;
using FiberLink.Events.Money;

namespace FiberLink.Service.Startup;

/// <summary>How the hub's own money is watched and moved.</summary>
public sealed record TreasurySettings
{
    /// <summary>The only addresses that the hot wallet is swept to.</summary>
    public IReadOnlyList<string> ColdAddresses { get; init; } = [];

    /// <summary>The only peers with which channels are opened: 66 lower-case digits each.</summary>
    public IReadOnlyList<string> Peers { get; init; } = [];

    /// <summary>
    /// The most of each asset that leaves for cold addresses and channels in 24 hours; what is not named does not leave.
    /// </summary>
    public IReadOnlyDictionary<Asset, UInt128> DayMax { get; init; } = new Dictionary<Asset, UInt128>();

    /// <summary>What of an asset may leave in 24 hours, in smallest units.</summary>
    public UInt128 DayMaxOf(Asset asset) => DayMax.GetValueOrDefault(asset);

    /// <summary>Below this the hot wallet is low.</summary>
    public IReadOnlyDictionary<Asset, UInt128> Floors { get; init; } = new Dictionary<Asset, UInt128>();

    /// <summary>A difference between books and reality of no more than this is none.</summary>
    public IReadOnlyDictionary<Asset, UInt128> Tolerances { get; init; } = new Dictionary<Asset, UInt128>();

    /// <summary>The pause between two looks at the wallet and the channels; infinite for none at all.</summary>
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Reads <c>CKB:1000,USDI:50</c>: amounts as people count them.</summary>
    /// <exception cref="FormatException">The text is not that; the message says why.</exception>
    public static IReadOnlyDictionary<Asset, UInt128> ParseAmounts(string text, IEnumerable<AssetDefinition> tokens)
    {
        var known = tokens.Prepend(AssetDefinition.Ckb).ToDictionary(t => t.Asset.Code, StringComparer.Ordinal);
        var amounts = new Dictionary<Asset, UInt128>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (part.Split(':') is not [var code, var amount] || !known.TryGetValue(code, out var asset))
            {
                throw new FormatException($"'{part}' is no known asset and an amount");
            }

            if (AmountText.Parse(amount, asset, out var problem) is not { } parsed)
            {
                throw new FormatException($"'{amount}' is no amount of {code}: {problem}");
            }

            if (!amounts.TryAdd(asset.Asset, parsed.Units))
            {
                throw new FormatException($"{code} is named twice");
            }
        }

        return amounts;
    }
}
