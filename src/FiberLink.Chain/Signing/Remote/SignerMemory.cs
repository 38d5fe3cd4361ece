using System.Runtime.Versioning;

namespace FiberLink.Chain.Signing.Remote;

/// <summary>What keeps a key that is in memory from being seen elsewhere.</summary>
public static class SignerMemory
{
    /// <summary>
    /// Keeps this whole process out of core files, and away from debuggers of the same user. For a process that does nothing but sign.
    /// </summary>
    /// <returns>What could not be done, in sentences; none when all is well.</returns>
    [SupportedOSPlatform("linux")]
    public static IReadOnlyList<string> ForbidDumps() => Posix.ForbidDumps();
}
