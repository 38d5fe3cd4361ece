using System.Security.Cryptography;
using System.Text;

namespace FiberLink.HubNode.Invoices;

/// <summary>What an invoice's signature is over: the prefix, the packed data, and a zero where those don't fill whole groups.</summary>
internal static class SigningDigest
{
    private const int BytesOfWholeGroups = 5;

    public static byte[] Of(string prefix, ReadOnlySpan<byte> packed)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.ASCII.GetBytes(prefix));
        hash.AppendData(packed);
        if (packed.Length % BytesOfWholeGroups != 0)
        {
            hash.AppendData([0]);
        }

        return hash.GetHashAndReset();
    }
}
