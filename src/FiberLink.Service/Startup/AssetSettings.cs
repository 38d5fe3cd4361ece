using System.Text.Json;
using System.Text.Json.Serialization;
using FiberLink.Domain.Money;
using FiberLink.Events.Money;

namespace FiberLink.Service.Startup;

/// <summary>The assets that this service knows: CKB always, tokens as configured.</summary>
internal sealed class AssetSettings
{
    private readonly Dictionary<Asset, AssetDefinition> _byAsset;

    public AssetSettings(IEnumerable<AssetDefinition> tokens) =>
        _byAsset = tokens.Prepend(AssetDefinition.Ckb).ToDictionary(a => a.Asset);

    public IReadOnlyCollection<AssetDefinition> All => _byAsset.Values;

    public AssetDefinition? Find(string code) => Asset.IsCode(code) ? _byAsset.GetValueOrDefault(new Asset(code)) : null;

    /// <summary>The definition of an asset; one that is only in old events is written in smallest units.</summary>
    public AssetDefinition Of(Asset asset) =>
        _byAsset.GetValueOrDefault(asset) ?? new AssetDefinition(asset, 0, Amount.UnitsMax, null);

    /// <summary>The asset of an invoice: CKB without a script, else the token of that script; null when it is none we know.</summary>
    public Asset? OfScript(TokenScript? script) =>
        script is null ? Asset.Ckb : _byAsset.Values.FirstOrDefault(a => a.Script == script)?.Asset;

    public string Format(Amount amount) => AmountText.Format(amount.Units, Of(amount.Asset).Decimals);

    public string Format(Asset asset, Int128 units) => AmountText.Format(units, Of(asset).Decimals);

    /// <summary>
    /// Reads <c>[{"asset":"USDI","decimals":8,"script":{"codeHash":"0x…","hashType":"type","args":"0x…"}}]</c>; with
    /// <c>"chainWithdrawals":{"minimum":"20"}</c> beside the script the token is withdrawn to addresses too.
    /// </summary>
    /// <exception cref="FormatException">The text is not that; the message says why.</exception>
    public static IReadOnlyList<AssetDefinition> Parse(string json)
    {
        IReadOnlyList<TokenSetting> tokens;
        try
        {
            tokens = JsonSerializer.Deserialize(json, AssetSettingsJson.Default.IReadOnlyListTokenSetting) ?? [];
        }
        catch (JsonException broken)
        {
            throw new FormatException($"it is not a JSON array of tokens: {broken.Message}", broken);
        }

        foreach (var token in tokens)
        {
            // Annotations are not kept for the elements of a list.
            if (token is null)
            {
                throw new FormatException("a token is null");
            }

            if (!Asset.IsCode(token.Asset) || token.Asset == Asset.Ckb.Code)
            {
                throw new FormatException($"'{token.Asset}' is not a token's code (2 to {Asset.CodeLengthMax} capital letters or digits)");
            }

            if (token.Decimals is < 0 or > AssetDefinition.DecimalsMax)
            {
                throw new FormatException($"{token.Asset} has {token.Decimals} decimals; 0 to {AssetDefinition.DecimalsMax} are allowed");
            }
        }

        return tokens.Select(t => t.Asset).Distinct(StringComparer.Ordinal).Count() == tokens.Count
            ? [.. tokens.Select(Definition)]
            : throw new FormatException("a token is named twice");
    }

    private static AssetDefinition Definition(TokenSetting token)
    {
        var asset = AssetDefinition.Token(new Asset(token.Asset), token.Decimals, token.Script);
        return token.ChainWithdrawals is not { Minimum: var text } ? asset
            : AmountText.Parse(text, asset, out var problem) is { } minimum ? asset with { ChainMinimum = minimum.Units }
            : throw new FormatException($"the minimum of {token.Asset}'s chainWithdrawals, '{text}', is {problem}");
    }

    internal sealed record TokenSetting(string Asset, int Decimals, TokenScript Script, ChainSetting? ChainWithdrawals = null);

    /// <param name="Minimum">The least that is withdrawn to an address, as people count it.</param>
    internal sealed record ChainSetting(string Minimum);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(IReadOnlyList<AssetSettings.TokenSetting>))]
internal sealed partial class AssetSettingsJson : JsonSerializerContext;
