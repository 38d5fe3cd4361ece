using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace FiberLink.Crypto;

/// <summary>Thirty-two bytes by value, without an array that somebody could change.</summary>
public readonly record struct Bytes32(ulong A, ulong B, ulong C, ulong D)
{
    public const int Length = 32;

    private const string Prefix = "0x";

    /// <summary>Takes exactly 32 bytes.</summary>
    /// <exception cref="ArgumentException">There are more or fewer.</exception>
    public static Bytes32 From(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Length)
        {
            throw new ArgumentException($"Exactly {Length} bytes are needed, not {bytes.Length}.", nameof(bytes));
        }

        return new(
            BinaryPrimitives.ReadUInt64BigEndian(bytes),
            BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]),
            BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]),
            BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]));
    }

    /// <summary>Reads what <see cref="TryParse"/> reads.</summary>
    /// <exception cref="FormatException">The text is anything else.</exception>
    public static Bytes32 Parse(string text) =>
        TryParse(text, out var value) ? value : throw new FormatException("Not 0x and 64 hexadecimal digits.");

    /// <summary>Reads <c>0x</c> and 64 hexadecimal digits of either case; answers false for anything else.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Bytes32 value)
    {
        value = default;
        if (text is null || text.Length != Prefix.Length + (2 * Length) || !text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[Length];
        if (Convert.FromHexString(text.AsSpan(Prefix.Length), bytes, out _, out _) != System.Buffers.OperationStatus.Done)
        {
            return false;
        }

        value = From(bytes);
        return true;
    }

    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, A);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], B);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], C);
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], D);
    }

    /// <summary>A fresh array of the 32 bytes.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[Length];
        CopyTo(bytes);
        return bytes;
    }

    /// <summary><c>0x</c> and 64 lower-case digits.</summary>
    public override string ToString() => ToHex();

    /// <summary><c>0x</c> and 64 lower-case digits.</summary>
    public string ToHex()
    {
        Span<byte> bytes = stackalloc byte[Length];
        CopyTo(bytes);
        return Prefix + Convert.ToHexStringLower(bytes);
    }
}
