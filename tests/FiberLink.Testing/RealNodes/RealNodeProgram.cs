namespace FiberLink.Testing.RealNodes;

/// <summary>Where the program that runs the nodes and the things it needs are.</summary>
internal sealed record RealNodeProgram(string Folder, string Node, string Chromium)
{
    private const string Solution = "FiberLink.EventSourced.sln";
    private const string ChromiumVariable = "CHROMIUM";

    // As the packagers of different systems call it.
    private static readonly string[] ChromiumNames = ["chromium", "chromium-browser", "google-chrome"];

    /// <summary>Finds everything, or says which command installs what is missing.</summary>
    /// <exception cref="RealNodeException">Something is missing.</exception>
    public static RealNodeProgram Find()
    {
        var folder = Path.Combine(RepositoryRoot(), "tests", "real-node");
        var node = OnSearchPath("node")
            ?? throw Missing("Node.js is not on the search path", "apt-get install -y --no-install-recommends nodejs npm");
        if (!Directory.Exists(Path.Combine(folder, "node_modules", "@nervosnetwork", "fiber-js")))
        {
            throw Missing($"The npm packages of {folder} are not installed", "npm install --prefix tests/real-node");
        }

        return new RealNodeProgram(folder, node, FindChromium());
    }

    private static string FindChromium()
    {
        if (Environment.GetEnvironmentVariable(ChromiumVariable) is { Length: > 0 } given)
        {
            return File.Exists(given) ? given : throw new RealNodeException($"{ChromiumVariable} names {given}, which does not exist.");
        }

        return ChromiumNames.Select(OnSearchPath).FirstOrDefault(found => found is not null)
            ?? throw Missing("Chromium is not on the search path", "apt-get install -y --no-install-recommends chromium");
    }

    private static string? OnSearchPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Where(Path.IsPathRooted)
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);

    private static string RepositoryRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, Solution)))
            {
                return folder.FullName;
            }
        }

        throw new RealNodeException($"No folder above {AppContext.BaseDirectory} holds {Solution}.");
    }

    private static RealNodeException Missing(string what, string command) =>
        new($"{what}. ./test installs it; by hand: {command}");
}
