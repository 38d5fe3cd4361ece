using FiberLink.Crypto.Sealing;

namespace FiberLink.EventStore.Sealing;

/// <summary>Keys that are trusted, each for checkpoints of some sizes, because one that was trusted before vouches for it.</summary>
public sealed class KeyChain
{
    private const string VoucherHeader = "fiberlink audit key rotation v1";

    private readonly IReadOnlyList<SealKey> _keys;

    private KeyChain(IReadOnlyList<SealKey> keys) => _keys = keys;

    /// <summary>How many keys are trusted.</summary>
    public int Count => _keys.Count;

    /// <summary>Follows the vouchers from a key that is trusted.</summary>
    /// <param name="origin">The log's name.</param>
    /// <param name="trusted">The key that the auditor got by another way.</param>
    /// <param name="listed">The keys that the log says it has.</param>
    /// <returns>The chain; null when the trusted key is not in the list, or a later one has no voucher of the one before it.</returns>
    public static KeyChain? Follow(string origin, NoteKey trusted, IReadOnlyList<SealKey> listed)
    {
        var from = listed.TakeWhile(k => !k.Key.Equals(trusted)).Count();
        if (from == listed.Count)
        {
            return null;
        }

        for (var i = from + 1; i < listed.Count; i++)
        {
            var (number, key, since, voucher) = listed[i];
            if (number != listed[i - 1].Number + 1 || since < listed[i - 1].SinceSize
                || !SignedNote.TryParse(voucher, out var note) || note.Text != VoucherText(origin, since, key)
                || !note.IsSignedBy([listed[i - 1].Key]))
            {
                return null;
            }
        }

        return new([.. listed.Skip(from)]);
    }

    /// <summary>What the old key signs about the new one.</summary>
    public static string VoucherText(string origin, long size, NoteKey key) =>
        FormattableString.Invariant($"{VoucherHeader}\n{origin}\n{size}\n{key}\n");

    /// <summary>The keys that a checkpoint of this size may be signed by: at a change of hands, the old one and the new one.</summary>
    public IReadOnlyList<NoteKey> For(long size) =>
        [.. _keys.Where((k, i) => size >= k.SinceSize && (i == _keys.Count - 1 || size <= _keys[i + 1].SinceSize)).Select(k => k.Key)];
}
