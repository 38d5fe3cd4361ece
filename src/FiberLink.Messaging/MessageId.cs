using System.Security.Cryptography;
using System.Text;

namespace FiberLink.Messaging;

/// <summary>Makes the id of a message from what it is about, so that what is sent twice is one message.</summary>
public static class MessageId
{
    private const int UuidBytes = 16;

    /// <returns>
    /// The same id for the same name, now and in every later version: messages that wait are found by it. A version 8 UUID (RFC 9562) of
    /// the first 16 bytes of the name's SHA-256.
    /// </returns>
    public static Guid Of(string name)
    {
        var bytes = SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, UuidBytes);

        // Version 8: made by a rule of our own.
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }
}
