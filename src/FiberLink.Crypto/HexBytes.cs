using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace FiberLink.Crypto;

/// <summary>Bytes as <c>0x</c> and two digits each.</summary>
public static class HexBytes
{
    private const string Prefix = "0x";

    public static string Format(ReadOnlySpan<byte> bytes) => Prefix + Convert.ToHexStringLower(bytes);

    public static bool TryParse([NotNullWhen(true)] string? text, int lengthMax, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = null;
        if (text is null || !text.StartsWith(Prefix, StringComparison.Ordinal) || text.Length > Prefix.Length + (2 * lengthMax))
        {
            return false;
        }

        var digits = text.AsSpan(Prefix.Length);
        var buffer = new byte[digits.Length / 2];
        if (digits.Length % 2 != 0 || Convert.FromHexString(digits, buffer, out _, out _) != OperationStatus.Done)
        {
            return false;
        }

        bytes = buffer;
        return true;
    }
}
