using System.Text.RegularExpressions;

namespace FiberLink.Architecture.Tests;

public sealed partial class The_source_is_tidy
{
    private const int FileLinesMax = 300;
    private const int LineColumnsMax = 140;

    // Names that say nothing about what is inside. "Service" is the host's name and nobody else's.
    private static readonly string[] EmptyNames =
        ["Manager", "Helper", "Helpers", "Util", "Utils", "Utility", "Utilities", "Common", "Misc", "Base"];

    [Fact]
    public void No_file_is_longer_than_a_reader_can_hold() =>
        Repository.AssertNone(
            from file in Sources()
            let lines = File.ReadLines(file).Count()
            where lines > FileLinesMax
            select $"{Repository.Name(file)} has {lines} lines; {FileLinesMax} are allowed");

    [Fact]
    public void No_line_runs_off_the_screen() =>
        Repository.AssertNone(Lines(Sources(), line => line.Length > LineColumnsMax));

    [Fact]
    public void No_file_has_a_name_that_says_nothing() =>
        Repository.AssertNone(
            from file in Sources()
            where EmptyNames.Any(n => Path.GetFileNameWithoutExtension(file).EndsWith(n, StringComparison.Ordinal))
            select Repository.Name(file));

    [Fact]
    public void No_type_has_a_name_that_says_nothing() =>
        Repository.AssertNone(Lines(Sources(), EmptyTypeName().IsMatch));

    [Fact]
    public void Nothing_is_left_for_later() =>
        Repository.AssertNone(Lines(Sources(), Unfinished().IsMatch));

    [Fact]
    public void No_test_is_skipped() =>
        Repository.AssertNone(Lines(Repository.Files(["tests"], ".cs"), Skipped().IsMatch));

    [Fact]
    public void Money_is_never_a_fraction() =>
        Repository.AssertNone(
            Lines(Repository.Files(["src/FiberLink.Events", "src/FiberLink.Domain"], ".cs"), line => Fraction().IsMatch(Code(line))));

    private static IReadOnlyList<string> Sources() => Repository.Files(Repository.Everywhere, ".cs");

    private static IEnumerable<string> Lines(IEnumerable<string> files, Func<string, bool> offends) =>
        from file in files
        from line in File.ReadLines(file).Index()
        where offends(line.Item)
        select $"{Repository.Name(file)}:{line.Index + 1}: {line.Item.Trim()}";

    /// <summary>The line without its comment and its text in quotes, where any word may stand.</summary>
    private static string Code(string line) => Comment().Replace(Quoted().Replace(line, "\"\""), "");

    // Written in pieces, or this file would find itself.
    [GeneratedRegex(@"\b(TO" + @"DO|FIX" + @"ME|HA" + @"CK|NotImplemented" + @"Exception)\b")]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"\[(Fact|Theory)\([^)]*\bSki" + @"p\s*=")]
    private static partial Regex Skipped();

    [GeneratedRegex(@"\b(double|float|decimal|Double|Single|Decimal)\b")]
    private static partial Regex Fraction();

    [GeneratedRegex(@"\b(class|record|struct|interface|enum)\s+\w*(Manager|Helpers?|Utils?|Utility|Utilities|Common|Misc|Base)\b")]
    private static partial Regex EmptyTypeName();

    [GeneratedRegex(@"//.*$")]
    private static partial Regex Comment();

    [GeneratedRegex("\"(?:[^\"\\\\]|\\\\.)*\"")]
    private static partial Regex Quoted();
}
