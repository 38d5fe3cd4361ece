using System.Globalization;
using FiberLink.Testing;

namespace FiberLink.EndToEnd.Tests.Processes;

/// <summary>
/// A disk of a few megabytes, in memory. It is mounted for one process alone and is gone with it, whatever becomes of the tests; others
/// reach it through that process. Needs the right to mount: as root, or in a user namespace.
/// </summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private const string Ballast = "ballast";
    private const int BlockBytes = 64 << 10;

    // Only who is like the holder in user and group may go through it.
    private const string Mount =
        """
        mount -t tmpfs -o "size=$1,mode=700" small-disk "$2" && chown "$3:$4" "$2" || exit 1
        echo mounted
        if [ "$3" != 0 ]; then exec setpriv --reuid "$3" --regid "$4" --clear-groups cat; fi
        exec cat
        """;

    private readonly RunningProcess _holder;
    private readonly string _folder;

    private SmallDisk(RunningProcess holder, string folder) => (_holder, _folder) = (holder, folder);

    /// <summary>Where others find it.</summary>
    public string Root => $"/proc/{_holder.Id.ToString(CultureInfo.InvariantCulture)}/root{_folder}";

    /// <summary>Makes one.</summary>
    /// <param name="megabytes">How large.</param>
    /// <param name="owner">The numbers of the user and the group whom it is for.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>No disk when we may not mount, and why.</returns>
    public static async Task<(SmallDisk? Disk, string Why)> TryMakeAsync(
        int megabytes, (string User, string Group) owner, CancellationToken ct)
    {
        var folder = Directory.CreateTempSubdirectory("fiberlink-disk-").FullName;
        var isRoot = Environment.IsPrivilegedProcess;
        string[] apart = isRoot ? ["--mount"] : ["--user", "--map-root-user", "--mount"];
        var holder = RunningProcess.Start(
            "unshare",
            [
                .. apart, "--propagation", "private", "sh", "-c", Mount, "sh", $"{megabytes.ToString(CultureInfo.InvariantCulture)}m",
                folder, isRoot ? owner.User : "0", isRoot ? owner.Group : "0",
            ],
            takesOrders: true);
        await Eventually.HoldsAsync("the disk is mounted, or refused", () => holder.HasExited || holder.Lines.Count > 0, ct);
        if (!holder.HasExited)
        {
            return (new(holder, folder), "");
        }

        await holder.DisposeAsync();
        Directory.Delete(folder);
        return (null, $"The right to mount is missing (CAP_SYS_ADMIN, or user namespaces): {holder.Errors}");
    }

    /// <summary>Takes all the room there is.</summary>
    public void Fill()
    {
        using var ballast = new FileStream(Path.Combine(Root, Ballast), FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        for (var block = new byte[BlockBytes]; ;)
        {
            try
            {
                ballast.Write(block);
            }
            catch (IOException)
            {
                return;
            }
        }
    }

    /// <summary>Gives it back.</summary>
    public void Free() => File.Delete(Path.Combine(Root, Ballast));

    public async ValueTask DisposeAsync()
    {
        await _holder.DisposeAsync();
        Directory.Delete(_folder);
    }
}
