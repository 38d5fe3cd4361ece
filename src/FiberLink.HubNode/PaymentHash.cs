using System.Diagnostics.CodeAnalysis;

namespace FiberLink.HubNode;

/// <summary>What an invoice is known by: the 32-byte hash of its preimage.</summary>
public readonly record struct PaymentHash
{
    private readonly Bytes32 _value;

    private PaymentHash(Bytes32 value) => _value = value;

    /// <summary>Takes exactly 32 bytes.</summary>
    /// <exception cref="ArgumentException">There are more or fewer than 32.</exception>
    public static PaymentHash FromBytes(ReadOnlySpan<byte> bytes) => new(Bytes32.From(bytes));

    /// <summary>Reads <c>0x</c> and 64 hexadecimal digits of either case.</summary>
    /// <exception cref="FormatException">The text is anything else.</exception>
    public static PaymentHash Parse(string text) =>
        TryParse(text, out var hash) ? hash : throw new FormatException("A payment hash is 0x and 64 hexadecimal digits.");

    /// <summary>Reads what <see cref="Parse"/> reads; answers false for anything else.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out PaymentHash hash)
    {
        var ok = Bytes32.TryParse(text, out var value);
        hash = new(value);
        return ok;
    }

    /// <summary>A fresh array of the 32 bytes.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[Bytes32.Length];
        _value.CopyTo(bytes);
        return bytes;
    }

    /// <summary><c>0x</c> and 64 lower-case digits, as the node writes it.</summary>
    public override string ToString() => _value.ToHex();
}
