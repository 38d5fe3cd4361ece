using System.Buffers.Binary;

namespace FiberLink.Cli.Seeding;

/// <summary>Numbers that are the same for the same seed, on every machine and for good: SplitMix64 (Steele, Lea, Flood 2014).</summary>
internal sealed class SeededNumbers(ulong seed)
{
    private ulong _state = seed;

    public ulong Next()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>0 or more, and below a bound. Slightly uneven, which doesn't matter here.</summary>
    public int Below(int bound) => (int)(Next() % (ulong)bound);

    /// <summary>A version 7 UUID (RFC 9562) of a time.</summary>
    public Guid Id(DateTimeOffset at)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, (ulong)at.ToUnixTimeMilliseconds() << 16);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Next());
        BinaryPrimitives.WriteUInt16BigEndian(bytes[6..], (ushort)(0x7000 | Below(0x1000)));
        bytes[8] = (byte)(0x80 | (bytes[8] & 0x3F));
        return new(bytes, bigEndian: true);
    }

    /// <summary>0x and 64 hex digits.</summary>
    public string Hash() => $"0x{Next():x16}{Next():x16}{Next():x16}{Next():x16}";
}
