using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using FiberLink.Chain.Signing.Journal;
using FiberLink.Chain.Transactions;

namespace FiberLink.Chain.Signing.Remote;

/// <summary>What may stand in a signer's settings file. All else is refused: a limit with a slip in its name would not hold.</summary>
internal sealed record SignerSettingsForm
{
    public const int BytesMax = 256 * 1024;

    /// <summary><c>mainnet</c>, <c>testnet</c> or <c>dev</c>.</summary>
    public string? Network { get; init; }

    /// <summary>For <c>dev</c>: how the chain's nodes call it.</summary>
    public string? NodeName { get; init; }

    public string? Keystore { get; init; }

    public string? PassphraseFile { get; init; }

    public string? Socket { get; init; }

    public string? Journal { get; init; }

    public string? Node { get; init; }

    public bool BelieveClientsForTestsOnly { get; init; }

    public ImmutableArray<uint>? AllowedUserIds { get; init; }

    public LimitForm? Ckb { get; init; }

    public UInt128? FeeCap { get; init; }

    public ImmutableArray<TokenForm>? Tokens { get; init; }

    /// <summary>Those of the usual lock and the chain's token codes, where nothing is said.</summary>
    public ImmutableArray<CellDepForm>? CellDeps { get; init; }

    /// <summary>Addresses; anybody may be paid where nothing is said.</summary>
    public ImmutableArray<string>? AllowedDestinations { get; init; }

    public ImmutableArray<string>? DeniedDestinations { get; init; }

    /// <summary>Whether coins may be put into Fiber channels; not where nothing is said.</summary>
    public bool FundChannels { get; init; }

    public int? InputsHeldHours { get; init; }

    public int? InputsMax { get; init; }

    /// <exception cref="SignerStartException">The text is something else; the message names the member.</exception>
    public static SignerSettingsForm Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, SignerSettingsJson.Default.SignerSettingsForm)
                ?? throw new SignerStartException("settings", "The file holds nothing.");
        }
        catch (JsonException e)
        {
            throw new SignerStartException(e.Path is { Length: > 2 } path ? path[2..] : "settings", e.Message);
        }
    }

    /// <exception cref="SignerStartException">Settings are wrong: all of them are named.</exception>
    public SignerSettings Read(string folder) => new SignerSettingsReader(this, folder).Read();

    /// <summary>In smallest units.</summary>
    public sealed record LimitForm([property: JsonRequired] UInt128 PerTransaction, [property: JsonRequired] UInt128 PerHour);

    public sealed record TokenForm(
        [property: JsonRequired] string Name,
        [property: JsonRequired] ScriptForm Script,
        [property: JsonRequired] UInt128 PerTransaction,
        [property: JsonRequired] UInt128 PerHour);

    /// <param name="OutPoint">A transaction's hash, a colon and the number of the output.</param>
    /// <param name="DepType"><c>code</c> or <c>dep_group</c>.</param>
    public sealed record CellDepForm([property: JsonRequired] OutPoint OutPoint, [property: JsonRequired] string DepType);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    AllowDuplicateProperties = false,
    ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true,
    Converters = [typeof(Bytes32Json), typeof(OutPointJson), typeof(UnitsJson)])]
[JsonSerializable(typeof(SignerSettingsForm))]
internal sealed partial class SignerSettingsJson : JsonSerializerContext;
