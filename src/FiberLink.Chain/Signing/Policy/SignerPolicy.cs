using System.Collections.Immutable;
using FiberLink.Chain.Transactions;

namespace FiberLink.Chain.Signing.Policy;

/// <summary>How much of one asset may leave the wallet, in smallest units. What goes back to the wallet does not count.</summary>
/// <param name="Name"><c>ckb</c> for coins; for a token, how answers and logs call it.</param>
/// <param name="Type">The token's type script; null for coins.</param>
/// <param name="PerTransaction">In one transaction. For coins the fee counts, and what recipients of tokens get with them.</param>
/// <param name="PerHour">In any sixty minutes, over all transactions together.</param>
public sealed record AssetLimit(string Name, Script? Type, UInt128 PerTransaction, UInt128 PerHour)
{
    public const string Coins = "ckb";

    /// <summary>What the journal calls the asset: the hash of its type, which stays when the name is changed.</summary>
    internal string Key => Type?.Hash().ToHex() ?? Coins;
}

/// <summary>What a signer signs, whoever asks. Whatever is not allowed here is refused.</summary>
public sealed record SignerPolicy
{
    /// <summary>How long what left counts against the limit of an hour.</summary>
    public static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly ImmutableArray<CellDep> _cellDeps;

    public required ChainParameters Chain { get; init; }

    /// <summary>The limits; one for coins, and one for each token that may be spent at all.</summary>
    public required ImmutableArray<AssetLimit> Limits { get; init; }

    /// <summary>The most shannon that one transaction may leave to the miners.</summary>
    public required ulong FeeCap { get; init; }

    /// <summary>The cells of code that a transaction may name; by default those of the usual lock and of the chain's token codes.</summary>
    public ImmutableArray<CellDep> CellDeps
    {
        get => _cellDeps.IsDefault ? [.. Chain.Sighash.CellDeps.Concat(Chain.TokenCodes.SelectMany(c => c.CellDeps))] : _cellDeps;
        init => _cellDeps = value;
    }

    /// <summary>The only locks that may be paid; null for any.</summary>
    public ImmutableHashSet<Script>? AllowedDestinations { get; init; }

    /// <summary>Locks that are never paid, also when they are among the allowed ones.</summary>
    public ImmutableHashSet<Script> DeniedDestinations { get; init; } = [];

    /// <summary>
    /// Whether coins may be put into Fiber channels: by transactions that somebody else has made, and in which a peer takes part. The
    /// limits hold for them as for all others.
    /// </summary>
    public bool FundsChannels { get; init; }

    /// <summary>How long no other transaction is signed that spends a cell for which one was signed.</summary>
    public TimeSpan InputsHeld { get; init; } = TimeSpan.FromHours(24);

    /// <summary>The most cells that one transaction may spend.</summary>
    public int InputsMax { get; init; } = 500;

    /// <summary>The limit of an asset, by its type script; null for a token that is not on the list.</summary>
    internal AssetLimit? LimitOf(Script? type) => Limits.FirstOrDefault(l => l.Type == type);
}
