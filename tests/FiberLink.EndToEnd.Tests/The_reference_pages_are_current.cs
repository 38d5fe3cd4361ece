using FiberLink.Cli.Commands;
using FiberLink.Service;
using FiberLink.Service.Rpc;
using FiberLink.Service.Startup;
using Microsoft.Extensions.DependencyInjection;

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

    [Fact]
    public void Every_setting_is_described() =>
        Assert.Equal(
            typeof(ServiceSettings.Names).GetFields().Select(f => (string)f.GetRawConstantValue()!).Order(StringComparer.Ordinal),
            SettingsReference.All.Select(s => s.Name).Order(StringComparer.Ordinal));

    [Fact]
    public async Task Every_method_has_its_section()
    {
        var settings = new ServiceSettings
        {
            Database = "Host=nowhere", NodeUrl = new Uri("http://127.0.0.1:1"), MasterKeys = [new byte[32]],
        };
        await using var service = ServiceHost.Build(settings, _ => { });
        var headings = File.ReadLines(Path.Combine(Root(), "docs", "reference", "rpc.md"))
            .Where(l => l.StartsWith("## ", StringComparison.Ordinal))
            .SelectMany(l => l[3..].Split(", "));

        Assert.Empty(service.Services.GetRequiredService<RpcMethods>().All.Select(m => m.Name).Except(headings));
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
