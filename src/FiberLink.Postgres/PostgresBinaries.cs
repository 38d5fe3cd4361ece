using System.Text.RegularExpressions;

namespace FiberLink.Postgres;

/// <summary>A folder with initdb, postgres and pg_ctl of one version.</summary>
internal sealed partial record PostgresBinaries(string Folder, int Major)
{
    public const int OldestMajor = 15;

    private const string DebianRoot = "/usr/lib/postgresql";
    private const string ClusterSettings = "/etc/postgresql-common/createcluster.conf";
    private static readonly string[] Needed = ["initdb", "postgres", "pg_ctl"];

    public string Initdb => Path.Combine(Folder, "initdb");

    public string PgCtl => Path.Combine(Folder, "pg_ctl");

    /// <summary>The version that wrote the data, or else the first on the search path, or else the newest of Debian's.</summary>
    /// <param name="dataMajor">The version that wrote the data that is there, or null when there is none.</param>
    /// <param name="log">Hears that something is being installed.</param>
    /// <param name="ct">Cancels the search.</param>
    /// <exception cref="PostgresIsMissingException">There is none, it is too old, or it cannot read the data.</exception>
    public static async Task<PostgresBinaries> FindOrInstallAsync(int? dataMajor, IProgress<string>? log, CancellationToken ct)
    {
        var found = await FindAsync(ct);
        if (!found.Exists(b => b.Major >= OldestMajor) && Environment.IsPrivilegedProcess && ChildProcess.Find("apt-get") is { } apt)
        {
            await InstallAsync(apt, log, ct);
            found = await FindAsync(ct);
        }

        var usable = found.FindAll(b => b.Major >= OldestMajor);
        if (usable.Count == 0)
        {
            throw new PostgresIsMissingException(
                found.Count == 0 ? "PostgreSQL was not found." : $"PostgreSQL {found[0].Major} in {found[0].Folder} is too old.");
        }

        return dataMajor is null
            ? usable[0]
            : usable.Find(b => b.Major == dataMajor) ?? throw new PostgresIsMissingException(
                $"The data was written by PostgreSQL {dataMajor}, and only {usable[0].Major} was found.");
    }

    private static async Task<List<PostgresBinaries>> FindAsync(CancellationToken ct)
    {
        var onPath = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Where(Path.IsPathRooted);
        var debian = Directory.Exists(DebianRoot)
            ? Directory.GetDirectories(DebianRoot)
                .OrderByDescending(d => int.TryParse(Path.GetFileName(d), out var major) ? major : 0)
                .Select(d => Path.Combine(d, "bin"))
            : [];

        var found = new List<PostgresBinaries>();
        foreach (var folder in onPath.Concat(debian).Where(f => Needed.All(n => File.Exists(Path.Combine(f, n)))))
        {
            var version = await ChildProcess.RunAsync([Path.Combine(folder, "postgres"), "--version"], ct);
            if (version.Well && FirstNumber().Match(version.Output) is { Success: true } match)
            {
                found.Add(new PostgresBinaries(folder, int.Parse(match.Value, System.Globalization.CultureInfo.InvariantCulture)));
            }
        }

        return found;
    }

    private static async Task InstallAsync(string apt, IProgress<string>? log, CancellationToken ct)
    {
        log?.Report("PostgreSQL is missing; installing Debian's package (apt-get install postgresql).");
        await WithoutClusterAsync(ct);
        foreach (var arguments in (string[][])[["update"], ["install", "-y", "--no-install-recommends", "postgresql"]])
        {
            var result = await ChildProcess.RunAsync(
                [apt, "-q", .. arguments],
                new Dictionary<string, string> { ["DEBIAN_FRONTEND"] = "noninteractive" },
                inherit: true, // It may need a proxy's settings.
                ct);
            if (!result.Well && arguments[0] == "install")
            {
                throw new PostgresIsMissingException(
                    $"apt-get install postgresql failed: {result.Output.Split('\n')[^1]}\n");
            }
        }
    }

    /// <summary>Keeps the package from creating and starting a server of its own.</summary>
    private static async Task WithoutClusterAsync(CancellationToken ct)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(ClusterSettings)!);
        var settings = File.Exists(ClusterSettings) ? await File.ReadAllTextAsync(ClusterSettings, ct) : "";
        await File.WriteAllTextAsync(
            ClusterSettings, CreateMainCluster().Replace(settings, "").TrimEnd() + "\ncreate_main_cluster = false\n", ct);
    }

    [GeneratedRegex(@"\d+")]
    private static partial Regex FirstNumber();

    [GeneratedRegex(@"^\s*create_main_cluster\s*=.*$", RegexOptions.Multiline)]
    private static partial Regex CreateMainCluster();
}
