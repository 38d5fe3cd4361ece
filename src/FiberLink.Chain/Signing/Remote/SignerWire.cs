using System.Collections.Immutable;
using System.Text.Json.Serialization;
using FiberLink.Chain.Signing.Journal;

namespace FiberLink.Chain.Signing.Remote;

/// <summary>
/// What goes over the signer's socket: a connection carries one line of JSON there and one back. Numbers of units are decimal digits in
/// strings, bytes are hexadecimal.
/// </summary>
internal static class SignerWire
{
    public const int Version = 1;

    public const string AskSign = "sign";
    public const string AskStatus = "status";
    public const string AskForget = "forget";

    /// <summary>A line's most bytes. A transaction of 500 cells takes a quarter of it.</summary>
    public const int LineBytesMax = 1024 * 1024;

    public sealed record Request([property: JsonRequired] int Version, [property: JsonRequired] string Ask)
    {
        /// <summary>For <see cref="AskSign"/>.</summary>
        public Sign? Sign { get; init; }

        /// <summary>For <see cref="AskForget"/>.</summary>
        public Forget? Forget { get; init; }
    }

    /// <param name="Network">As the chain's nodes call it.</param>
    /// <param name="Transaction">All of it, unsigned, in the chain's encoding.</param>
    /// <param name="Cells">What the inputs spend, in order, as the client believes.</param>
    /// <param name="Digest">What the client reckons is to be signed.</param>
    public sealed record Sign(
        [property: JsonRequired] string Network,
        [property: JsonRequired] string Transaction,
        [property: JsonRequired] ImmutableArray<SpentCell> Cells,
        [property: JsonRequired] Bytes32 Digest);

    public sealed record SpentCell(
        [property: JsonRequired] UInt128 Capacity,
        [property: JsonRequired] ScriptForm Lock,
        ScriptForm? Type,
        [property: JsonRequired] string Data);

    public sealed record Forget([property: JsonRequired] Bytes32 Transaction, [property: JsonRequired] string Reason);

    /// <summary>One of them is there.</summary>
    public sealed record Answer([property: JsonRequired] int Version)
    {
        public string? Signature { get; init; }

        public Refusal? Refusal { get; init; }

        public SignerStatus? Status { get; init; }

        /// <summary>Whether the journal knew the transaction, and from now on does not.</summary>
        public bool? Forgotten { get; init; }
    }

    /// <param name="Reason">A name of <see cref="SigningRefusal"/>.</param>
    /// <param name="Detail">For people.</param>
    /// <param name="Figures">Where it is a limit.</param>
    public sealed record Refusal(
        [property: JsonRequired] string Reason, [property: JsonRequired] string Detail, SigningFigures? Figures = null);
}

/// <summary>A script as CKB's JSON has it.</summary>
internal sealed record ScriptForm(
    [property: JsonRequired] string CodeHash, [property: JsonRequired] string HashType, [property: JsonRequired] string Args)
{
    // Args come with the rest of a cell that the chain holds, where a byte costs a coin.
    private const int ArgsLengthMax = 4096;

    public static ScriptForm Of(Script script) =>
        new(script.CodeHash.ToHex(), ScriptHashTypes.NameOf(script.HashType), script.Args.ToString());

    /// <summary>Null where a part has not its form.</summary>
    public Script? Read() =>
        Bytes32.TryParse(CodeHash, out var hash)
        && ScriptHashTypes.Find(HashType) is { } hashType
        && ByteString.TryParse(Args, out var args) && args.Length <= ArgsLengthMax
            ? new(hash, hashType, args)
            : null;

#pragma warning disable CA1308 // The chain's names are in lower case.
#pragma warning restore CA1308
}

/// <summary>How a signer stands.</summary>
/// <param name="Address">Of the wallet whose key it holds.</param>
/// <param name="PublicKey">The key's public half; what a client is told to expect.</param>
/// <param name="Network">As the chain's nodes call it.</param>
/// <param name="LooksCellsUp">False where it believes its clients what cells hold: for tests and the sandbox alone.</param>
/// <param name="Assets">The limits, and what is used of them.</param>
/// <param name="FeeCap">In shannon.</param>
/// <param name="Transactions">How many its journal knows.</param>
/// <param name="InputsHeld">For how many cells no other transaction is signed at present.</param>
/// <param name="JournalWorks">False after a write that failed: nothing is signed until it is started again.</param>
public sealed record SignerStatus(
    [property: JsonRequired] string Address,
    [property: JsonRequired] string PublicKey,
    [property: JsonRequired] string Network,
    [property: JsonRequired] bool LooksCellsUp,
    [property: JsonRequired] ImmutableArray<SignerAssetStatus> Assets,
    [property: JsonRequired] UInt128 FeeCap,
    [property: JsonRequired] int Transactions,
    [property: JsonRequired] int InputsHeld,
    [property: JsonRequired] bool JournalWorks);

/// <param name="Asset"><c>ckb</c>, or the name of a token.</param>
/// <param name="PerTransaction">What one transaction may let out, in smallest units.</param>
/// <param name="PerHour">What an hour may.</param>
/// <param name="UsedWithinHour">What the last hour has.</param>
public sealed record SignerAssetStatus(
    [property: JsonRequired] string Asset,
    [property: JsonRequired] UInt128 PerTransaction,
    [property: JsonRequired] UInt128 PerHour,
    [property: JsonRequired] UInt128 UsedWithinHour);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    AllowDuplicateProperties = false,
    Converters = [typeof(Bytes32Json), typeof(UnitsJson)])]
[JsonSerializable(typeof(SignerWire.Request))]
[JsonSerializable(typeof(SignerWire.Answer))]
internal sealed partial class SignerWireJson : JsonSerializerContext;
