using System.Diagnostics.CodeAnalysis;

namespace FiberLink.Chain;

/// <summary>Bytes by value: arguments, data, witnesses. Nobody can change them, and two of the same content are equal.</summary>
public sealed class ByteString : IEquatable<ByteString>
{
    private readonly byte[] _bytes;

    private ByteString(byte[] bytes) => _bytes = bytes;

    public static ByteString Empty { get; } = new([]);

    public int Length => _bytes.Length;

    public ReadOnlySpan<byte> Span => _bytes;

    public static bool operator ==(ByteString? a, ByteString? b) => a is null ? b is null : a.Equals(b);

    public static bool operator !=(ByteString? a, ByteString? b) => !(a == b);

    /// <summary>Copies.</summary>
    public static ByteString From(params ReadOnlySpan<byte> bytes) => bytes.IsEmpty ? Empty : new(bytes.ToArray());

    /// <summary>Reads <c>0x</c> and two digits for each byte, of either case; answers false for anything else.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out ByteString? value)
    {
        value = HexBytes.TryParse(text, text?.Length ?? 0, out var bytes) ? new(bytes) : null;
        return value is not null;
    }

    /// <summary>Reads what <see cref="TryParse"/> reads.</summary>
    /// <exception cref="FormatException">The text is anything else.</exception>
    public static ByteString Parse(string text) =>
        TryParse(text, out var value) ? value : throw new FormatException("Not 0x and two hexadecimal digits for each byte.");

    /// <summary>A fresh array.</summary>
    public byte[] ToBytes() => [.. _bytes];

    public bool Equals(ByteString? other) => other is not null && Span.SequenceEqual(other.Span);

    public override bool Equals(object? obj) => Equals(obj as ByteString);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(_bytes);
        return hash.ToHashCode();
    }

    /// <summary><c>0x</c> and lower-case digits.</summary>
    public override string ToString() => HexBytes.Format(_bytes);
}
