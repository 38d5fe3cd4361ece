using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using FiberLink.Events.Money;
using FiberLink.Service.Rates;

namespace FiberLink.Service.Startup;

/// <summary>Who is asked for an asset's worth in US dollars.</summary>
/// <param name="Name">Stands in what is recorded.</param>
/// <param name="Url">Answers a GET with JSON. It may carry a key, and is never logged.</param>
/// <param name="Path">Where in the answer the rate of each asset stands.</param>
public sealed record UsdSource(string Name, Uri Url, IReadOnlyDictionary<Asset, JsonPointer> Path);

/// <summary>How amounts are worth dollars.</summary>
public sealed partial record UsdSettings
{
    /// <summary>More than two are there for when two are away.</summary>
    public const int SourcesMax = 4;

    /// <summary>In the order in which they are asked.</summary>
    public IReadOnlyList<UsdSource> Sources { get; init; } = [];

    /// <summary>What is worth a dollar by agreement.</summary>
    public IReadOnlyCollection<Asset> Stablecoins { get; init; } = [];

    /// <summary>The pause between two rounds.</summary>
    public TimeSpan RefreshEvery { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How old a rate may be when it is used.</summary>
    public TimeSpan AgeMax { get; init; } = TimeSpan.FromHours(24);

    /// <summary>A rate that differs by more from the last one is used when two sources say it.</summary>
    public int JumpPercent { get; init; } = 50;

    public IEnumerable<UsdSource> SourcesOf(Asset asset) => Sources.Where(s => s.Path.ContainsKey(asset));

    /// <summary>
    /// Reads <c>[{"name":"coingecko","url":"https://…","path":{"CKB":"/nervos-network/usd"}}]</c>. The address is never in a message.
    /// </summary>
    /// <exception cref="FormatException">The text is not that; the message says why.</exception>
    public static IReadOnlyList<UsdSource> ParseSources(string json)
    {
        IReadOnlyList<SourceSetting> sources;
        try
        {
            sources = JsonSerializer.Deserialize(json, UsdSettingsJson.Default.IReadOnlyListSourceSetting) ?? [];
        }
        catch (JsonException broken)
        {
            throw new FormatException($"it is not a JSON array of sources: {broken.Message}", broken);
        }

        return sources.Count is < 1 or > SourcesMax
                ? throw new FormatException($"there are {sources.Count} sources; 1 to {SourcesMax} are taken")
            : HasTwice(sources.Select(s => s?.Name)) ? throw new FormatException("two sources have one name")
            : HasTwice(sources.Select(s => s?.Url)) ? throw new FormatException("two sources have one address: none confirms the other")
            : [.. sources.Select(Source)];
    }

    /// <summary>Reads <c>USDI,RUSD</c>.</summary>
    /// <exception cref="FormatException">The text is not that.</exception>
    public static IReadOnlyCollection<Asset> ParseStablecoins(string text)
    {
        var codes = text.Split(',', StringSplitOptions.TrimEntries);
        return codes.FirstOrDefault(c => !Asset.IsCode(c) || c == Asset.Ckb.Code) is { } wrong
            ? throw new FormatException($"'{wrong}' is not a token's code")
            : HasTwice(codes) ? throw new FormatException("a token is named twice")
            : [.. codes.Select(c => new Asset(c))];
    }

    // Annotations are not kept for the elements of a list, nor for what a dictionary holds.
    private static UsdSource Source(SourceSetting? source) =>
        source is null ? throw new FormatException("a source is null")
        : !SourceName().IsMatch(source.Name) || source.Name == UsdRates.StaticSource
            ? throw new FormatException($"'{source.Name}' is not a source's name (1 to 32 small letters, digits, - or _)")
        : !Uri.TryCreate(source.Url, UriKind.Absolute, out var url) || !IsTaken(url)
            ? throw new FormatException($"the address of {source.Name} is not an https:// address without name, password and fragment")
        : source.Path.Count == 0 ? throw new FormatException($"{source.Name} has a path for no asset")
        : new(source.Name, url, source.Path.ToDictionary(p => CodeOf(p.Key, source.Name), p => PointerOf(p.Value, source.Name)));

    private static bool IsTaken(Uri url) =>
        (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback))
        && url is { UserInfo.Length: 0, Fragment.Length: 0 };

    private static Asset CodeOf(string code, string source) =>
        Asset.IsCode(code) ? new Asset(code) : throw new FormatException($"the path of {source} names '{code}', which is no asset's code");

    private static JsonPointer PointerOf(string? pointer, string source) =>
        pointer is null ? throw new FormatException($"a path of {source} is null") : JsonPointer.Parse(pointer);

    private static bool HasTwice(IEnumerable<string?> texts)
    {
        var seen = new HashSet<string?>(StringComparer.Ordinal);
        return !texts.All(seen.Add);
    }

    [GeneratedRegex(@"^[a-z0-9_-]{1,32}\z")]
    private static partial Regex SourceName();

    internal sealed record SourceSetting(string Name, string Url, IReadOnlyDictionary<string, string?> Path);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(IReadOnlyList<UsdSettings.SourceSetting>))]
internal sealed partial class UsdSettingsJson : JsonSerializerContext;
