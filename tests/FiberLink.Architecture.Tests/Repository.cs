using System.Runtime.CompilerServices;
using System.Xml.Linq;

namespace FiberLink.Architecture.Tests;

internal static class Repository
{
    // What a build, a package manager or a run of the program makes; none of it is ours to read.
    private static readonly string[] Generated =
        ["artifacts", "node_modules", ".fiberlink", ".git", "TestResults", "BenchmarkDotNet.Artifacts", "bin", "obj"];

    public static string Root { get; } = Path.GetFullPath(Path.Combine(Here(), "..", ".."));

    public static string[] Production { get; } = ["src", "projections"];

    public static string[] Everywhere { get; } = ["src", "projections", "tests"];

    /// <summary>The files under some folders whose name ends so, in order.</summary>
    public static IReadOnlyList<string> Files(string[] folders, string ending) =>
        [.. folders.SelectMany(f => Walk(Path.Combine(Root, f)))
            .Where(f => f.EndsWith(ending, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)];

    public static IEnumerable<string> ProjectReferences(string projectFile) =>
        Included(projectFile, "ProjectReference").Select(r => Path.GetFileNameWithoutExtension(r.Replace('\\', '/')));

    public static IEnumerable<string> PackageReferences(string projectFile) => Included(projectFile, "PackageReference");

    /// <summary>The path as the repository knows it.</summary>
    public static string Name(string file) => Path.GetRelativePath(Root, file);

    /// <summary>Passes when the list of offences is empty; each line of it names a file.</summary>
    public static void AssertNone(IEnumerable<string> offences)
    {
        if (string.Join('\n', offences) is { Length: > 0 } all)
        {
            Assert.Fail(all);
        }
    }

    private static IEnumerable<string> Walk(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return [];
        }

        // A link leads out of the repository or back into it.
        return Directory.EnumerateFiles(folder).Concat(
            Directory.EnumerateDirectories(folder)
                .Where(d => !Generated.Contains(Path.GetFileName(d), StringComparer.Ordinal))
                .Where(d => new DirectoryInfo(d).LinkTarget is null)
                .SelectMany(Walk));
    }

    private static IEnumerable<string> Included(string projectFile, string element) =>
        XDocument.Load(projectFile).Descendants(element).Select(r => r.Attribute("Include")!.Value);

    private static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
