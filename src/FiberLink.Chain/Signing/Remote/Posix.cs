using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace FiberLink.Chain.Signing.Remote;

/// <summary>What a signer needs of the system and the class library doesn't have.</summary>
[SupportedOSPlatform("linux")]
[SuppressMessage("Interoperability", "SYSLIB1054", Justification = "Plain numbers and texts; the generator would need unsafe code.")]
internal static class Posix
{
    private const int SocketLevel = 1;
    private const int PeerCredentials = 17;
    private const int PeerCredentialsLength = 3 * sizeof(int);
    private const int SetDumpable = 4;
    private const int CoreLimit = 4;
    private const int ReadOnly = 0;

    /// <summary>The user as whom this process acts.</summary>
    public static uint UserId => GetEffectiveUserId();

    /// <summary>The user as whom the other end of a unix socket was connected, as the kernel has it.</summary>
    /// <exception cref="IOException">The kernel doesn't say.</exception>
    public static uint PeerUserId(System.Net.Sockets.Socket socket)
    {
        Span<byte> credentials = stackalloc byte[PeerCredentialsLength];
        return socket.GetRawSocketOption(SocketLevel, PeerCredentials, credentials) == PeerCredentialsLength
            ? MemoryMarshal.Read<uint>(credentials[sizeof(int)..])
            : throw new IOException("The kernel doesn't say who is at the other end.");
    }

    /// <summary>
    /// Keeps this process's memory out of core files and away from debuggers of the same user. Answers with what could not be done.
    /// </summary>
    public static IReadOnlyList<string> ForbidDumps()
    {
        List<string> failed = [];
        if (Prctl(SetDumpable, 0, 0, 0, 0) != 0)
        {
            failed.Add($"The process could not be made undumpable (error {Marshal.GetLastPInvokeError()}).");
        }

        if (SetResourceLimit(CoreLimit, new ResourceLimit(0, 0)) != 0)
        {
            failed.Add($"The size of core files could not be limited to nothing (error {Marshal.GetLastPInvokeError()}).");
        }

        return failed;
    }

    /// <summary>Puts a folder's entries on the disk.</summary>
    /// <exception cref="IOException">The system won't.</exception>
    public static void FlushFolder(string path)
    {
        var folder = OpenFile(path, ReadOnly);
        if (folder < 0)
        {
            throw new IOException($"The folder '{path}' cannot be opened (error {Marshal.GetLastPInvokeError()}).");
        }

        var result = FlushFile(folder);
        var error = Marshal.GetLastPInvokeError();
        _ = CloseFile(folder);
        if (result != 0)
        {
            throw new IOException($"The folder '{path}' cannot be put on the disk (error {error}).");
        }
    }

    [DllImport("libc", EntryPoint = "geteuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint GetEffectiveUserId();

    [DllImport("libc", EntryPoint = "prctl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Prctl(int option, nuint second, nuint third, nuint fourth, nuint fifth);

    [DllImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetResourceLimit(int resource, in ResourceLimit limit);

    [DllImport("libc", EntryPoint = "open", SetLastError = true, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int OpenFile([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int FlushFile(int file);

    [DllImport("libc", EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int CloseFile(int file);

    private readonly record struct ResourceLimit(nuint Soft, nuint Hard);
}
