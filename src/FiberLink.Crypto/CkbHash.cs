using System.Buffers.Binary;
using System.Numerics;

namespace FiberLink.Crypto;

/// <summary>
/// CKB's hash: BLAKE2b with a 32-byte digest, personalised with <c>ckb-default-hash</c>, no key and no salt.
/// The class library has no BLAKE2b, so RFC 7693 is written out here.
/// </summary>
public static class CkbHash
{
    /// <summary>Length of a digest in bytes.</summary>
    public const int Length = 32;

    private const int BlockLength = 128;
    private const int StateWords = 8;
    private const int WorkWords = 16;
    private const int Rounds = 12;

    // Parameter block, first word: digest length 32, no key, fanout 1, depth 1 (little endian).
    private const ulong ParameterWord = 0x01010000UL | Length;

    private static ReadOnlySpan<byte> Personalisation => "ckb-default-hash"u8;

    private static ReadOnlySpan<ulong> InitialVector =>
    [
        0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
        0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
    ];

    // Ten permutations; rounds 10 and 11 take the first two again.
    private static ReadOnlySpan<byte> Permutations =>
    [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
        14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3,
        11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4,
        7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8,
        9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13,
        2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9,
        12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11,
        13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10,
        6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5,
        10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0,
    ];

    /// <summary>The 32-byte digest of <paramref name="data"/>.</summary>
    public static byte[] Compute(ReadOnlySpan<byte> data)
    {
        Span<ulong> state = stackalloc ulong[StateWords];
        InitialVector.CopyTo(state);
        state[0] ^= ParameterWord;
        state[6] ^= BinaryPrimitives.ReadUInt64LittleEndian(Personalisation);
        state[7] ^= BinaryPrimitives.ReadUInt64LittleEndian(Personalisation[8..]);

        var done = 0UL;
        while (data.Length > BlockLength)
        {
            done += BlockLength;
            Compress(state, data[..BlockLength], done, isLast: false);
            data = data[BlockLength..];
        }

        // The last block is always compressed, also when it is full or when there is no data at all.
        Span<byte> last = stackalloc byte[BlockLength];
        last.Clear();
        data.CopyTo(last);
        Compress(state, last, done + (ulong)data.Length, isLast: true);

        var digest = new byte[Length];
        for (var i = 0; i < Length / sizeof(ulong); i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(digest.AsSpan(i * sizeof(ulong)), state[i]);
        }

        return digest;
    }

    private static void Compress(Span<ulong> state, ReadOnlySpan<byte> block, ulong bytesSoFar, bool isLast)
    {
        Span<ulong> message = stackalloc ulong[WorkWords];
        for (var i = 0; i < WorkWords; i++)
        {
            message[i] = BinaryPrimitives.ReadUInt64LittleEndian(block[(i * sizeof(ulong))..]);
        }

        Span<ulong> v = stackalloc ulong[WorkWords];
        state.CopyTo(v);
        InitialVector.CopyTo(v[StateWords..]);
        v[12] ^= bytesSoFar;
        v[14] = isLast ? ~v[14] : v[14];

        for (var round = 0; round < Rounds; round++)
        {
            var order = Permutations.Slice(round % 10 * WorkWords, WorkWords);
            Mix(v, 0, 4, 8, 12, message[order[0]], message[order[1]]);
            Mix(v, 1, 5, 9, 13, message[order[2]], message[order[3]]);
            Mix(v, 2, 6, 10, 14, message[order[4]], message[order[5]]);
            Mix(v, 3, 7, 11, 15, message[order[6]], message[order[7]]);
            Mix(v, 0, 5, 10, 15, message[order[8]], message[order[9]]);
            Mix(v, 1, 6, 11, 12, message[order[10]], message[order[11]]);
            Mix(v, 2, 7, 8, 13, message[order[12]], message[order[13]]);
            Mix(v, 3, 4, 9, 14, message[order[14]], message[order[15]]);
        }

        for (var i = 0; i < StateWords; i++)
        {
            state[i] ^= v[i] ^ v[i + StateWords];
        }
    }

    private static void Mix(Span<ulong> v, int a, int b, int c, int d, ulong x, ulong y)
    {
        v[a] = v[a] + v[b] + x;
        v[d] = BitOperations.RotateRight(v[d] ^ v[a], 32);
        v[c] += v[d];
        v[b] = BitOperations.RotateRight(v[b] ^ v[c], 24);
        v[a] = v[a] + v[b] + y;
        v[d] = BitOperations.RotateRight(v[d] ^ v[a], 16);
        v[c] += v[d];
        v[b] = BitOperations.RotateRight(v[b] ^ v[c], 63);
    }
}
