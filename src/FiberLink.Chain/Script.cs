using FiberLink.Crypto.Molecule;

namespace FiberLink.Chain;

/// <summary>How the code hash of a script names its code. The numbers are CKB's.</summary>
#pragma warning disable CA1027 // They are no flags, though they happen to look so.
public enum ScriptHashType
#pragma warning restore CA1027
{
    /// <summary>By the hash of a cell's data, run by the first version of the virtual machine.</summary>
    Data = 0,

    /// <summary>By the hash of a cell's type script.</summary>
    Type = 1,

    /// <summary>As <see cref="Data"/>, by the second version of the virtual machine.</summary>
    Data1 = 2,

    /// <summary>As <see cref="Data"/>, by the third version of the virtual machine.</summary>
    Data2 = 4,
}

/// <summary>Who may spend a cell (as its lock), or what the cell is (as its type).</summary>
/// <param name="CodeHash">Which code runs.</param>
/// <param name="HashType">How the hash names it.</param>
/// <param name="Args">What the code is told: for most locks, 20 bytes of a public key's hash.</param>
public sealed record Script(Bytes32 CodeHash, ScriptHashType HashType, ByteString Args)
{
    /// <summary>How many bytes of a cell it takes up.</summary>
    public int OccupiedBytes => Bytes32.Length + 1 + Args.Length;

    /// <summary>What it is known by in other scripts and signatures: CKB's hash of <see cref="ToMolecule"/>.</summary>
    public Bytes32 Hash() => Bytes32.From(CkbHash.Compute(ToMolecule()));

    /// <summary>CKB's encoding: a table of three fields.</summary>
    public byte[] ToMolecule() =>
        MoleculeWriter.Items(CodeHash.ToBytes(), [(byte)HashType], MoleculeWriter.Bytes(Args.Span));
}
