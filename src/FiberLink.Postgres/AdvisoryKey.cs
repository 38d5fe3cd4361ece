using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace FiberLink.Postgres;

/// <summary>The number by which PostgreSQL knows a named advisory lock.</summary>
public static class AdvisoryKey
{
    /// <summary>The same name gives the same key in every process, version and machine: the first 64 bits of its SHA-256.</summary>
    public static long Of(string name) => BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(name)));
}
