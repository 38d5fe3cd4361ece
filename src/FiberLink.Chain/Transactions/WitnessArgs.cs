using FiberLink.Crypto.Molecule;

namespace FiberLink.Chain.Transactions;

/// <summary>The usual content of a witness: what the lock and the types are shown. A part that is null is left out.</summary>
public sealed record WitnessArgs(ByteString? Lock = null, ByteString? InputType = null, ByteString? OutputType = null)
{
    public ByteString ToWitness() => ByteString.From(MoleculeWriter.Items(Part(Lock), Part(InputType), Part(OutputType)));

    /// <summary>Null for anything else.</summary>
    public static WitnessArgs? FromWitness(ByteString witness)
    {
        var bytes = witness.Span;
        Span<Range> fields = stackalloc Range[3];
        return MoleculeReader.TryTable(bytes, fields)
            && TryPart(bytes[fields[0]], out var own)
            && TryPart(bytes[fields[1]], out var input)
            && TryPart(bytes[fields[2]], out var output)
            ? new(own, input, output)
            : null;
    }

    private static byte[] Part(ByteString? content) => content is null ? [] : MoleculeWriter.Bytes(content.Span);

    private static bool TryPart(ReadOnlySpan<byte> bytes, out ByteString? part)
    {
        part = null;
        if (bytes.IsEmpty)
        {
            return true;
        }

        var ok = MoleculeReader.TryBytes(bytes, out var content);
        part = ok ? ByteString.From(content) : null;
        return ok;
    }
}
