using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace FiberLink.Postgres;

/// <summary>Where the private server keeps its things: under the folder it was given, or elsewhere when that does not do.</summary>
/// <param name="Asked">The folder that was asked for.</param>
/// <param name="Home">The folder in use, as a physical path.</param>
internal sealed partial record ServerFolders(string Asked, string Home)
{
    // The kernel takes 103 bytes on macOS and 107 on Linux.
    private const int SocketPathBytesMax = 100;
    private const string PlacedElsewhere = "fiberlink-postgres-";
    private static readonly string[] Elsewhere = ["/var/tmp", "/tmp"];

    public string Data => Path.Combine(Home, "postgres");

    /// <summary>Where initdb works; the folder gets its real name only when it is complete.</summary>
    public string Unfinished => Path.Combine(Home, "postgres.unfinished");

    public string Sockets => Path.Combine(Home, "run");

    public string LogFile => Path.Combine(Home, "postgres.log");

    public string PreviousLogFile => Path.Combine(Home, "postgres.log.1");

    private bool IsElsewhere => Path.GetFileName(Home).StartsWith(PlacedElsewhere, StringComparison.Ordinal);

    private string Link => Path.Combine(Asked, "postgres");

    /// <summary>The version that wrote the data under a folder, or null when there is no data.</summary>
    public static int? DataMajor(string asked)
    {
        var file = Path.Combine(asked, "postgres", "PG_VERSION");
        return File.Exists(file) && int.TryParse(File.ReadAllText(file).Trim(), CultureInfo.InvariantCulture, out var major) ? major : null;
    }

    /// <summary>The place in use now, or the folder itself when none is.</summary>
    /// <exception cref="PrivatePostgresException">A link leads to a place that is not ours.</exception>
    public static async Task<ServerFolders> InUseAsync(string asked, CancellationToken ct)
    {
        var link = new DirectoryInfo(Path.Combine(asked, "postgres"));
        if (link.LinkTarget is { } target)
        {
            if (Path.GetDirectoryName(target) is { } used && Directory.Exists(used))
            {
                await AssertOursAsync(used, ct);
                return new ServerFolders(asked, used);
            }

            File.Delete(link.FullName); // What it led to has been cleared away.
        }

        return new ServerFolders(asked, await PhysicalAsync(asked, ct));
    }

    /// <summary>The place in use, or else one that the account can reach and whose socket path fits.</summary>
    public static async Task<ServerFolders> ChooseAsync(
        string asked, int port, ServerAccount account, IProgress<string>? log, CancellationToken ct)
    {
        var inUse = await InUseAsync(asked, ct);
        if (inUse.IsElsewhere)
        {
            return inUse;
        }

        var physical = inUse.Home;
        var obstacle = !Plain().IsMatch(physical) ? "has characters that do not go into the address of a socket"
            : Encoding.UTF8.GetByteCount($"{physical}/run/.s.PGSQL.{port}") > SocketPathBytesMax ? "is too long for a socket"
            : !await account.CanEnterAsync(physical, ct) ? $"is closed to the user '{account}', who runs the server"
            : null;
        if (obstacle is null)
        {
            return inUse;
        }

        var link = new DirectoryInfo(inUse.Link);
        if (link.Exists && link.LinkTarget is null)
        {
            throw new PrivatePostgresException($"There is data in {link.FullName}, but the path {obstacle}. Open it, or start fresh.");
        }

        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(physical)))[..16];
        var home = Path.Combine(Elsewhere.First(Directory.Exists), PlacedElsewhere + hash);
        log?.Report($"{physical} {obstacle}; the database goes to {home}, linked from {link.FullName}.");
        await CreateElsewhereAsync(home, ct);
        var folders = new ServerFolders(asked, home);
        Directory.CreateSymbolicLink(link.FullName, folders.Data);
        return folders;
    }

    /// <summary>Creates what is missing and keeps the last log beside the new one, so that logs stay bounded.</summary>
    public async Task PrepareAsync(ServerAccount account, CancellationToken ct)
    {
        await account.OwnFolderAsync(Sockets, ct);
        if (File.Exists(LogFile))
        {
            File.Move(LogFile, PreviousLogFile, overwrite: true);
        }

        await using (File.Open(LogFile, FileMode.CreateNew))
        {
        }

        await account.OwnAsync(LogFile, ct);
    }

    /// <summary>Removes the data, the sockets and the logs, wherever they are. The server must have stopped.</summary>
    public void Delete()
    {
        foreach (var folder in (string[])[Data, Unfinished, Sockets])
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        File.Delete(LogFile);
        File.Delete(PreviousLogFile);
        if (IsElsewhere)
        {
            Directory.Delete(Home);
            File.Delete(Link);
        }
    }

    /// <summary>The path without links, since that is how the kernel names the working directory of a process.</summary>
    private static async Task<string> PhysicalAsync(string folder, CancellationToken ct)
    {
        var result = await ChildProcess.RunAsync(["/bin/sh", "-c", "cd \"$1\" && pwd -P", "sh", folder], ct);
        return result.Well ? result.Output : throw new PrivatePostgresException(result.Output);
    }

    private static async Task CreateElsewhereAsync(string home, CancellationToken ct)
    {
        if (!OperatingSystem.IsWindows())
        {
            // Everybody may pass through; what is inside belongs to the server's account alone.
            Directory.CreateDirectory(
                home,
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
                | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        }

        await AssertOursAsync(home, ct);
    }

    /// <summary>Anybody can create a folder in a place for everybody, so one that is not ours may be a trap.</summary>
    private static async Task AssertOursAsync(string folder, CancellationToken ct)
    {
        if (new DirectoryInfo(folder).LinkTarget is not null || !(await ChildProcess.RunAsync(["test", "-O", folder], ct)).Well)
        {
            throw new PrivatePostgresException($"{folder} belongs to somebody else; remove it.");
        }
    }

    [GeneratedRegex(@"^[A-Za-z0-9/._ +@-]+$")]
    private static partial Regex Plain();
}
