using System.Collections.Immutable;

namespace FiberLink.Chain.Transactions;

/// <summary>What a dependency is. The numbers are CKB's.</summary>
public enum CellDepType
{
    /// <summary>The cell's data are code or data.</summary>
    Code = 0,

    /// <summary>The cell's data are a list of cells.</summary>
    DepGroup = 1,
}

/// <summary>A cell that is looked at and not spent.</summary>
public readonly record struct CellDep(OutPoint OutPoint, CellDepType DepType);

/// <summary>A cell that is spent.</summary>
/// <param name="PreviousOutput">Which.</param>
/// <param name="Since">Not before; 0 for at once.</param>
public readonly record struct CellInput(OutPoint PreviousOutput, ulong Since = 0);

/// <summary>
/// A transaction of CKB. Its hash leaves the witnesses out, so it is known before anything is signed and stays the same whatever the
/// signatures are.
/// </summary>
public sealed record Transaction
{
    // What a block adds to a transaction's own bytes: the place where it begins.
    private const int PlaceInBlock = sizeof(uint);

    public uint Version { get; init; }

    public ImmutableArray<CellDep> CellDeps { get; init; } = [];

    public ImmutableArray<Bytes32> HeaderDeps { get; init; } = [];

    public required ImmutableArray<CellInput> Inputs { get; init; }

    public required ImmutableArray<CellOutput> Outputs { get; init; }

    /// <summary>One for each output.</summary>
    public required ImmutableArray<ByteString> OutputsData { get; init; }

    public ImmutableArray<ByteString> Witnesses { get; init; } = [];

    /// <summary>How many bytes it takes up in a block: what fees are reckoned by.</summary>
    public int SizeInBlock => ToMolecule().Length + PlaceInBlock;

    /// <summary>Its name on the chain.</summary>
    public Bytes32 Hash() => Bytes32.From(CkbHash.Compute(TransactionForm.WriteRaw(this)));

    /// <summary>All of it, witnesses too: what to keep before it is sent.</summary>
    public byte[] ToMolecule() => TransactionForm.Write(this);

    /// <summary>Reads what <see cref="ToMolecule"/> wrote; null for anything that is not exactly one transaction.</summary>
    public static Transaction? FromMolecule(ReadOnlySpan<byte> bytes) => TransactionForm.Read(bytes);

    /// <summary>Two are equal when every byte is.</summary>
    public bool Equals(Transaction? other) => other is not null && ToMolecule().AsSpan().SequenceEqual(other.ToMolecule());

    public override int GetHashCode() => Hash().GetHashCode();
}
