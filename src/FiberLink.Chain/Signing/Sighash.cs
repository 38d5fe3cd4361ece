using System.Buffers.Binary;
using FiberLink.Chain.Transactions;

namespace FiberLink.Chain.Signing;

/// <summary>What the usual lock has signed: the transaction and every witness of its group, zeros in the signature's own place.</summary>
public static class Sighash
{
    /// <summary>The place that a signature will take.</summary>
    public static ByteString EmptyLock { get; } = ByteString.From(new byte[RecoverableSignature.Length]);

    /// <summary>The digest for the group of inputs whose cells have one lock.</summary>
    /// <param name="transaction">Its witness at the first index of the group holds a lock of 65 bytes, whatever they are.</param>
    /// <param name="group">The inputs, in order; at least one.</param>
    /// <exception cref="ArgumentException">There is no group, or no such witness.</exception>
    public static Bytes32 Digest(Transaction transaction, IReadOnlyList<int> group)
    {
        if (group.Count == 0 || group[0] >= transaction.Witnesses.Length)
        {
            throw new ArgumentException("A group has at least one input, and its first one has a witness.", nameof(group));
        }

        var message = new List<byte>(transaction.Hash().ToBytes());
        Append(message, WithLock(transaction.Witnesses[group[0]], EmptyLock));
        foreach (var index in group.Skip(1).Where(i => i < transaction.Witnesses.Length))
        {
            Append(message, transaction.Witnesses[index]);
        }

        // Witnesses of no input belong to every group.
        foreach (var extra in transaction.Witnesses.Skip(transaction.Inputs.Length))
        {
            Append(message, extra);
        }

        return Bytes32.From(CkbHash.Compute([.. message]));
    }

    /// <summary>The transaction with a signature in its place.</summary>
    /// <exception cref="ArgumentException">There is no such witness, or no place in it.</exception>
    public static Transaction WithSignature(Transaction transaction, int firstOfGroup, RecoverableSignature signature) => transaction with
    {
        Witnesses = transaction.Witnesses.SetItem(
            firstOfGroup, WithLock(transaction.Witnesses[firstOfGroup], ByteString.From(signature.ToBytes()))),
    };

    /// <summary>The signature at an index; null if there is none.</summary>
    public static RecoverableSignature? SignatureAt(Transaction transaction, int index) =>
        index < transaction.Witnesses.Length
        && WitnessArgs.FromWitness(transaction.Witnesses[index])?.Lock is { Length: RecoverableSignature.Length } found
            ? RecoverableSignature.FromBytes(found.Span)
            : null;

    private static ByteString WithLock(ByteString witness, ByteString content) =>
        WitnessArgs.FromWitness(witness) is { Lock.Length: RecoverableSignature.Length } args
            ? (args with { Lock = content }).ToWitness()
            : throw new ArgumentException("The witness has no place for a signature.", nameof(witness));

    private static void Append(List<byte> message, ByteString witness)
    {
        Span<byte> length = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)witness.Length);
        message.AddRange(length);
        message.AddRange(witness.Span);
    }
}
