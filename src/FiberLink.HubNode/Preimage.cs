using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace FiberLink.HubNode;

/// <summary>How a preimage becomes a payment hash.</summary>
public enum InvoiceHashAlgorithm
{
    /// <summary>BLAKE2b as CKB uses it: the node's default.</summary>
    CkbHash = 1,

    /// <summary>SHA-256, as Lightning uses it.</summary>
    Sha256 = 2,
}

/// <summary>
/// The 32 secret bytes whose release takes the money. It goes to the node and nowhere else: it is never printed, so that
/// a log line that mentions it stays harmless.
/// </summary>
public readonly record struct Preimage
{
    private readonly Bytes32 _value;

    private Preimage(Bytes32 value) => _value = value;

    /// <summary>True for <c>default</c>: a preimage that somebody forgot to set is not a secret.</summary>
    public bool IsUnset => _value == default;

    /// <summary>Takes exactly 32 bytes.</summary>
    /// <exception cref="ArgumentException">There are more or fewer than 32.</exception>
    public static Preimage FromBytes(ReadOnlySpan<byte> bytes) => new(Bytes32.From(bytes));

    /// <summary>Reads <c>0x</c> and 64 hexadecimal digits of either case.</summary>
    /// <exception cref="FormatException">The text is anything else. The message doesn't repeat it.</exception>
    public static Preimage Parse(string text) =>
        TryParse(text, out var preimage) ? preimage : throw new FormatException("A preimage is 0x and 64 hexadecimal digits.");

    /// <summary>Reads what <see cref="Parse"/> reads; answers false for anything else.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Preimage preimage)
    {
        var ok = Bytes32.TryParse(text, out var value);
        preimage = new(value);
        return ok;
    }

    /// <summary>The payment hash this preimage opens.</summary>
    public PaymentHash Hash(InvoiceHashAlgorithm algorithm)
    {
        Span<byte> bytes = stackalloc byte[Bytes32.Length];
        _value.CopyTo(bytes);
        return PaymentHash.FromBytes(algorithm switch
        {
            InvoiceHashAlgorithm.CkbHash => CkbHash.Compute(bytes),
            InvoiceHashAlgorithm.Sha256 => SHA256.HashData(bytes),
            _ => throw new ArgumentOutOfRangeException(nameof(algorithm), algorithm, "No such hash algorithm."),
        });
    }

    /// <summary>Always the same text.</summary>
    public override string ToString() => "preimage(hidden)";

    internal string ToWire() => _value.ToHex();
}
