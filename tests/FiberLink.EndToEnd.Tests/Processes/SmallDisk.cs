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

    private const string Mount =
        """
        mount -t tmpfs -o "size=$1,mode=700" small-disk "$3" && chown "$2" "$3" && echo mounted || exit 1
        if [ "$2" != "$(id -u)" ] && [ "$4" = root ]; then exec setpriv --reuid "$2" --clear-groups cat; fi
        exec cat
        """;

    private readonly RunningProcess _holder;
    private readonly string _folder;

    private SmallDisk(RunningProcess holder, string folder) => (_holder, _folder) = (holder, folder);

    /// <summary>Where others find it.</summary>
    public string Root => $"/proc/{_holder.Id.ToString(CultureInfo.InvariantCulture)}/root{_folder}";

    /// <summary>Makes one.</summary>
    /// <param name="megabytes">How large.</param>
    /// <param name="owner">The number of the user whom it is for.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>No disk when we may not mount, and why.</returns>
    public static async Task<(SmallDisk? Disk, string Why)> TryMakeAsync(int megabytes, int owner, CancellationToken ct)
    {
        var folder = Directory.CreateTempSubdirectory("fiberlink-disk-").FullName;
        var isRoot = Environment.IsPrivilegedProcess;
        string[] apart = isRoot ? ["--mount"] : ["--user", "--map-root-user", "--mount"];
        var holder = RunningProcess.Start(
            "unshare",
            [
                .. apart, "--propagation", "private", "sh", "-c", Mount, "sh", $"{megabytes.ToString(CultureInfo.InvariantCulture)}m",
                isRoot ? owner.ToString(CultureInfo.InvariantCulture) : "0", folder, isRoot ? "root" : "user",
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
