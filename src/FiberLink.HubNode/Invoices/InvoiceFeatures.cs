namespace FiberLink.HubNode.Invoices;

/// <summary>
/// A set of numbered bits. The even ones demand something of the payer's node, the odd ones offer it. Kept byte for byte, since the
/// signature is over the bytes and zeros at their end count.
/// </summary>
public sealed record InvoiceFeatures
{
    private const int BasicMpp = 2;
    private const int TrampolineRouting = 4;
    private const int KnownBits = 6;

    private readonly byte[] _bytes;

    /// <summary>Takes the bits as invoices carry them: the lowest first in each byte.</summary>
    public InvoiceFeatures(ReadOnlySpan<byte> bytes) => _bytes = bytes.ToArray();

    /// <summary>A payment may come in several parts.</summary>
    public bool AllowsMpp => Has(BasicMpp) || Has(BasicMpp + 1);

    /// <summary>A payer may leave finding the way to nodes on it.</summary>
    public bool AllowsTrampolineRouting => Has(TrampolineRouting) || Has(TrampolineRouting + 1);

    /// <summary>Something is demanded that isn't known here.</summary>
    public bool DemandsTheUnknown =>
        Enumerable.Range(0, 8 * _bytes.Length).Any(bit => bit >= KnownBits && bit % 2 == 0 && Has(bit));

    /// <summary>What a node writes for an invoice that offers these.</summary>
    public static InvoiceFeatures Offering(bool mpp, bool trampolineRouting) =>
        new([(byte)((mpp ? 1 << (BasicMpp + 1) : 0) | (trampolineRouting ? 1 << (TrampolineRouting + 1) : 0))]);

    /// <summary>Whether a bit is set.</summary>
    /// <param name="bit">From zero on; bits beyond the last byte are not set.</param>
    public bool Has(int bit) => bit / 8 < _bytes.Length && ((_bytes[bit / 8] >> (bit % 8)) & 1) != 0;

    /// <summary>A fresh array of the bytes.</summary>
    public byte[] ToBytes() => [.. _bytes];

    public bool Equals(InvoiceFeatures? other) => other is not null && _bytes.AsSpan().SequenceEqual(other._bytes);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(_bytes);
        return hash.ToHashCode();
    }

    /// <summary>The bytes in hexadecimal digits.</summary>
    public override string ToString() => HexBytes.Format(_bytes);
}
