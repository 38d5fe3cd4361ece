using System.Collections.Immutable;
using FiberLink.Chain.Transactions;

namespace FiberLink.Chain;

/// <summary>Code that everybody on a chain knows, and where a transaction finds it.</summary>
/// <param name="CodeHash">Of the scripts that use it.</param>
/// <param name="HashType">Of the scripts that use it.</param>
/// <param name="CellDeps">What a transaction must name so that it can run.</param>
public sealed record KnownScript(Bytes32 CodeHash, ScriptHashType HashType, ImmutableArray<CellDep> CellDeps)
{
    /// <summary>A script of this code.</summary>
    public Script With(ByteString args) => new(CodeHash, HashType, args);

    /// <summary>Whether a script is of this code, whatever its arguments.</summary>
    public bool IsCodeOf(Script script) => script.CodeHash == CodeHash && script.HashType == HashType;
}

/// <summary>
/// What differs from chain to chain. A development chain is <see cref="Testnet"/> with its own places of code, and the name that its
/// nodes give it.
/// </summary>
public sealed record ChainParameters
{
    /// <summary>How many bytes of a public key's hash are the arguments of the usual locks.</summary>
    public const int KeyHashLength = 20;

    private const string SighashCodeHash = "0x9bd7e06f3ecf4be0f2fcd2188b23f1b9fcc88e5d4b65a8637b17723bbda3cce8";
    private const string MultisigCodeHash = "0x5c5069eb0857efc65e1bca0c07df34c31663b3622fd3876c876320fc9634e2a8";
    private const string MainnetGenesisDeps = "0x71a7ba8fc96349fea0ed3a5c47992e3b4084b031a42264a018e0072e8172e46c";
    private const string TestnetGenesisDeps = "0xf8de3bb47d055cdf460d93a2a6e1b05f7432f9777c8c474abf4eec1d4aee5d37";

    private const string MainnetFunding = "0xe45b1f8f21bff23137035a3ab751d75b36a981deec3e7820194b9c042967f4f1";
    private const string TestnetFunding = "0x6c67887fe201ee0c7853f1682c0b77c0e6214044c156c7558269390a8afa6d7c";

    public static ChainParameters Mainnet { get; } = new()
    {
        NodeName = "ckb",
        AddressPrefix = "ckb",
        Sighash = Known(SighashCodeHash, ScriptHashType.Type, MainnetGenesisDeps, 0, CellDepType.DepGroup),
        Multisig = Known(MultisigCodeHash, ScriptHashType.Type, MainnetGenesisDeps, 1, CellDepType.DepGroup),
        AnyoneCanPay = Known(
            "0xd369597ff47f29fbc0d47d2e3775370d1250b85140c670e4718af712983a2354", ScriptHashType.Type,
            "0x4153a2014952d7cac45f285ce9a7c5c0c0e1b21f2d378b82ac1433cb11c25c4d", 0, CellDepType.DepGroup),
        TokenCodes = [Known(
            "0x50bd8d6680b8b9cf98b73f3c08faf8b2a21914311954118ad6609be6e78a1b95", ScriptHashType.Data1,
            "0xc07844ce21b38e4b071dd0e1ee3b0e27afd8d7532491327f39b786343f558ab7", 0, CellDepType.Code)],
        Funding = new(Bytes32.Parse(MainnetFunding), ScriptHashType.Type, []),
    };

    public static ChainParameters Testnet { get; } = new()
    {
        NodeName = "ckb_testnet",
        AddressPrefix = "ckt",
        Sighash = Known(SighashCodeHash, ScriptHashType.Type, TestnetGenesisDeps, 0, CellDepType.DepGroup),
        Multisig = Known(MultisigCodeHash, ScriptHashType.Type, TestnetGenesisDeps, 1, CellDepType.DepGroup),
        AnyoneCanPay = Known(
            "0x3419a1c09eb2567f6552ee7a8ecffd64155cffe0f1796e6e61ec088d740c1356", ScriptHashType.Type,
            "0xec26b0f85ed839ece5f11c4c4e837ec359f5adc4420410f6453b1f6b60fb96a6", 0, CellDepType.DepGroup),
        TokenCodes = [Known(
            "0x25c29dc317811a6f6f3985a7a9ebc4838bd388d19d0feeecf0bcd60f6c0975bb", ScriptHashType.Type,
            "0xbf6fb538763efec2a70a6a3dcb7242787087e1030c4e7d86585bc63a9d337f5f", 0, CellDepType.Code)],
        Funding = new(Bytes32.Parse(TestnetFunding), ScriptHashType.Type, []),
    };

    /// <summary>What nodes call the chain: <c>ckb</c>, <c>ckb_testnet</c>, or what a development chain's configuration says.</summary>
    public required string NodeName { get; init; }

    /// <summary>What addresses begin with: <c>ckb</c> on the main network, <c>ckt</c> on all others.</summary>
    public required string AddressPrefix { get; init; }

    /// <summary>The usual lock: one signature over everything, by a key of which the arguments are the hash.</summary>
    public required KnownScript Sighash { get; init; }

    /// <summary>The lock of several keys.</summary>
    public required KnownScript Multisig { get; init; }

    /// <summary>The lock of a cell to which anybody may add.</summary>
    public required KnownScript AnyoneCanPay { get; init; }

    /// <summary>The codes of tokens that can be sent: xUDT, and whatever else a token that is dealt in here uses.</summary>
    public required ImmutableArray<KnownScript> TokenCodes { get; init; }

    /// <summary>
    /// The lock of what a Fiber channel holds; its arguments are a hash of both sides' keys. Nothing of ours spends such a cell, so it is
    /// not known here where its code is.
    /// </summary>
    public required KnownScript Funding { get; init; }

    /// <summary>The usual lock of a key.</summary>
    public Script LockOf(PublicKey key) => Sighash.With(ByteString.From(CkbHash.Compute(key.ToBytes()).AsSpan(..KeyHashLength)));

    private static KnownScript Known(string codeHash, ScriptHashType hashType, string dep, uint index, CellDepType depType) =>
        new(Bytes32.Parse(codeHash), hashType, [new(new(Bytes32.Parse(dep), index), depType)]);
}
