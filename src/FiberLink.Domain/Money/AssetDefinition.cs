using FiberLink.Events.Money;

namespace FiberLink.Domain.Money;

/// <summary>A token's type script on CKB; null for CKB itself.</summary>
/// <param name="CodeHash">0x and 64 hex digits.</param>
/// <param name="HashType">data, type, data1 or data2.</param>
/// <param name="Args">0x and an even number of hex digits.</param>
public sealed record TokenScript(string CodeHash, string HashType, string Args);

/// <summary>What is configured about an asset: how it is written, how much of it may move, and what it is on chain.</summary>
/// <param name="Asset">The asset.</param>
/// <param name="Decimals">How many digits stand behind the decimal point: 8 for CKB.</param>
/// <param name="UnitsMax">The most smallest units in one amount.</param>
/// <param name="Script">The token's script; null for CKB.</param>
public sealed record AssetDefinition(Asset Asset, int Decimals, UInt128 UnitsMax, TokenScript? Script)
{
    /// <summary>No token in use has more; an amount text stays readable.</summary>
    public const int DecimalsMax = 30;

    /// <summary>
    /// The least of a token that is withdrawn to an address at once, in smallest units; null when it is not withdrawn to addresses. The hub
    /// pays for the room that each of its cells takes up.
    /// </summary>
    public UInt128? ChainMinimum { get; init; }

    /// <summary>CKB: 8 decimals; the node refuses 2⁶⁴−1 shannon and more.</summary>
    public static AssetDefinition Ckb { get; } = new(Asset.Ckb, 8, ulong.MaxValue - 1, null);

    /// <summary>A token with nothing configured but its script and decimals.</summary>
    public static AssetDefinition Token(Asset asset, int decimals, TokenScript script) =>
        new(asset, decimals, Amount.UnitsMax, script);
}
