using FiberLink.Cli.Commands;

namespace FiberLink.EndToEnd.Tests;

/// <summary>The reference says what the program does today.</summary>
public sealed class The_reference_pages_are_current
{
    public static TheoryData<string> Names => [.. DocsCommand.Pages().Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_page_is_what_the_program_would_write(string name)
    {
        var page = File.ReadAllText(Path.Combine(Root(), "docs", "reference", name));

        Assert.True(
            DocsCommand.Pages()[name] == page, $"docs/reference/{name} is not current; write it anew: ./run docs docs/reference");
    }

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "FiberLink.EventSourced.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests run outside of the repository.");
        }

        return folder;
    }
}
