using System.Security.Cryptography;
using System.Text;

namespace FiberLink.Service.CommandHandling;

/// <summary>Makes ids at the edge, where time and chance come in.</summary>
internal sealed class Ids(TimeProvider time)
{
    private const int UuidBytes = 16;

    /// <summary>A version 7 UUID (RFC 9562): it sorts by time.</summary>
    public Guid Next() => Guid.CreateVersion7(time.GetUtcNow());

    /// <summary>The same id for the same name, for what must be asked for once however often it is asked.</summary>
    public static Guid Named(string name)
    {
        var bytes = SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, UuidBytes);

        // Version 8: made by a rule of our own.
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }
}
