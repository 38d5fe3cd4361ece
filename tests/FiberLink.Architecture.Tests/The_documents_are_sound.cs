using System.Text.RegularExpressions;

namespace FiberLink.Architecture.Tests;

public sealed partial class The_documents_are_sound
{
    [Fact]
    public void No_script_or_document_knows_the_machine_it_was_written_on() =>
        Repository.AssertNone(
            from file in Documents().Concat(Repository.Files(Repository.Everywhere, ".sql"))
                .Concat(Repository.Files(Repository.Everywhere, ".md"))
            from line in File.ReadLines(file).Index()
            where MachinePath().IsMatch(line.Item)
            select $"{Repository.Name(file)}:{line.Index + 1}: {line.Item.Trim()}");

    [Fact]
    public void Every_document_has_one_title() =>
        Repository.AssertNone(
            from file in Documents()
            let titles = Prose(file).Count(l => l.StartsWith("# ", StringComparison.Ordinal))
            where titles != 1
            select $"{Repository.Name(file)} has {titles} titles");

    [Fact]
    public void Every_link_inside_the_repository_leads_to_a_file() =>
        Repository.AssertNone(
            from file in Documents()
            from line in Prose(file)
            from link in Link().Matches(line).Select(m => m.Groups["target"].Value)
            where IsRelative(link) && !Path.Exists(Target(file, link))
            select $"{Repository.Name(file)} links to {link}");

    private static IEnumerable<string> Documents()
    {
        var readme = Path.Combine(Repository.Root, "README.md");
        return Repository.Files(["docs"], ".md").Concat(File.Exists(readme) ? [readme] : []);
    }

    /// <summary>The lines outside code blocks, where a hash starts a comment of a shell and a bracket an array.</summary>
    private static IEnumerable<string> Prose(string file)
    {
        var inCode = false;
        foreach (var line in File.ReadLines(file))
        {
            if (line.TrimStart().StartsWith("```", StringComparison.Ordinal))
            {
                inCode = !inCode;
            }
            else if (!inCode)
            {
                yield return CodeSpan().Replace(line, "");
            }
        }
    }

    private static bool IsRelative(string link) => link[0] != '#' && !Scheme().IsMatch(link);

    private static string Target(string file, string link) =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, Uri.UnescapeDataString(link.Split('#')[0])));

    // Where checkouts and homes live on the machines we know; in pieces, or this file would name one.
    [GeneratedRegex(@"(?<![\w.~/])(/wo" + @"rk/|/root/|/home/(?!fiberlink)|/Users/|/mnt/|[A-Z]:\\)")]
    private static partial Regex MachinePath();

    [GeneratedRegex(@"\]\(\s*<?(?<target>[^)\s>]+)>?[^)]*\)|^\s*\[[^\]]+\]:\s*(?<target>\S+)")]
    private static partial Regex Link();

    [GeneratedRegex("^([a-z][a-z0-9+.-]*:|//)", RegexOptions.IgnoreCase)]
    private static partial Regex Scheme();

    [GeneratedRegex("`[^`]*`")]
    private static partial Regex CodeSpan();
}
