using System.Runtime.CompilerServices;

namespace FiberLink.Events.Tests;

/// <summary>
/// <c>Stored/&lt;event name&gt;.json</c>, and <c>Stored/&lt;event name&gt;.&lt;what is special&gt;.json</c> where an event has
/// several shapes. Each was written the day its shape shipped. Files may be added, never edited.
/// </summary>
internal static class StoredCorpus
{
    public static IReadOnlyList<string> Files { get; } =
        [.. Directory.EnumerateFiles(Path.Combine(Here(), "Stored")).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    public static string Read(string file) => File.ReadAllText(Path.Combine(Here(), "Stored", file)).TrimEnd('\n');

    public static IEnumerable<EventContract> ContractsOf(string file) =>
        EventContracts.All.Where(c => file.StartsWith(c.Name + ".", StringComparison.Ordinal));

    private static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
