using System.Net.Sockets;
using System.Runtime.Versioning;

namespace FiberLink.Chain.Signing.Remote;

/// <summary>The folder and the file of a signer's socket: nobody gets near it who may not.</summary>
[SupportedOSPlatform("linux")]
internal static class SocketPlace
{
    // What the kernel's structure takes, its last zero left out.
    private const int PathBytesMax = 107;

    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Group = UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.SetGroup;
    private const UnixFileMode SocketOwner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode SocketGroup = UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    /// <summary>A socket that listens there.</summary>
    /// <param name="path">Where; absolute.</param>
    /// <param name="isShared">Whether users of its group may come as well.</param>
    /// <param name="backlog">How many may wait to be let in.</param>
    /// <exception cref="SignerStartException">The place is not safe, or another signer is there.</exception>
    public static Socket Listen(string path, bool isShared, int backlog)
    {
        if (System.Text.Encoding.UTF8.GetByteCount(path) > PathBytesMax)
        {
            throw new SignerStartException("socket", $"'{path}' is longer than the {PathBytesMax} bytes that a socket's path may have.");
        }

        try
        {
            PrepareFolder(Path.GetDirectoryName(path)!, isShared);
            RemoveLeftOver(path);
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                // Between this and the next line, the folder's mode keeps others out.
                socket.Bind(new UnixDomainSocketEndPoint(path));
                File.SetUnixFileMode(path, isShared ? SocketOwner | SocketGroup : SocketOwner);
                socket.Listen(backlog);
                return socket;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SocketException)
        {
            throw new SignerStartException("socket", $"'{path}' cannot be used: {e.Message}");
        }
    }

    private static void PrepareFolder(string folder, bool isShared)
    {
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder, Owner);
        }

        var mode = File.GetUnixFileMode(folder);
        var allowed = isShared ? Owner | Group : Owner;
        if ((mode & ~allowed) != 0)
        {
            throw new SignerStartException(
                "socket", $"The folder '{folder}' may be used by others: chmod {(isShared ? "750" : "700")}, or take another one.");
        }
    }

    private static void RemoveLeftOver(string path)
    {
        if (!File.Exists(path))
        {
            return;
        }

        if (IsPlainFile(path))
        {
            throw new SignerStartException("socket", $"'{path}' is a file with something else in it.");
        }

        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            File.Delete(path);
            return;
        }

        throw new SignerStartException("socket", $"Somebody listens at '{path}' already.");
    }

    // A socket cannot be opened as a file.
    private static bool IsPlainFile(string path)
    {
        try
        {
            using var file = File.OpenHandle(path);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
