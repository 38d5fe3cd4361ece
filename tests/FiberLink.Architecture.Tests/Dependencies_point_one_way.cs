using System.Xml.Linq;

namespace FiberLink.Architecture.Tests;

public sealed class Dependencies_point_one_way
{
    // The whole architecture, as a table. Adding a reference means changing this line in the same review.
    private static readonly Dictionary<string, (string[] Projects, string[] Packages)> Allowed = new(StringComparer.Ordinal)
    {
        ["FiberLink.Events"] = ([], []),
        ["FiberLink.Domain"] = (["FiberLink.Events"], []),
        ["FiberLink.Postgres"] = ([], ["Npgsql"]),
        ["FiberLink.EventStore"] = (["FiberLink.Crypto", "FiberLink.Postgres"], []),
        ["FiberLink.Messaging"] = (["FiberLink.Postgres"], []),
        ["FiberLink.Crypto"] = ([], []),
        ["FiberLink.Chain"] = (["FiberLink.Crypto"], []),
        ["FiberLink.HubNode"] = (["FiberLink.Crypto"], ["Microsoft.Extensions.Logging.Abstractions", "Polly.Core"]),
        ["FiberLink.Sandbox"] = (["FiberLink.Chain", "FiberLink.HubNode"], []),
        ["FiberLink.Projections"] = (["FiberLink.Events", "FiberLink.EventStore"], []),
        ["FiberLink.Service"] =
        (
            [
                "FiberLink.Chain", "FiberLink.Domain", "FiberLink.EventStore", "FiberLink.HubNode", "FiberLink.Messaging",
                "FiberLink.Projections",
            ],
            ["FluentValidation", "OpenTelemetry", "OpenTelemetry.Exporter.OpenTelemetryProtocol"]
        ),
        ["FiberLink.Cli"] = (["FiberLink.Sandbox", "FiberLink.Service"], ["System.CommandLine"]),
    };

    private static readonly string[] TestPackages = ["FsCheck"];

    [Fact]
    public void Every_project_references_exactly_what_the_table_says() =>
        Assert.Equal(
            Allowed.Select(p => Line(p.Key, p.Value.Projects)).Order(StringComparer.Ordinal),
            Projects().Select(f => Line(Path.GetFileNameWithoutExtension(f), Repository.ProjectReferences(f)))
                .Order(StringComparer.Ordinal));

    [Fact]
    public void Every_project_uses_exactly_the_packages_the_table_says() =>
        Assert.Equal(
            Allowed.Select(p => Line(p.Key, p.Value.Packages)).Order(StringComparer.Ordinal),
            Projects().Select(f => Line(Path.GetFileNameWithoutExtension(f), Repository.PackageReferences(f)))
                .Order(StringComparer.Ordinal));

    [Fact]
    public void Tests_bring_no_packages_of_their_own() =>
        Repository.AssertNone(
            from file in Repository.Files(["tests"], ".csproj")
            from package in Repository.PackageReferences(file)
            where !TestPackages.Contains(package, StringComparer.Ordinal)
            select $"{Repository.Name(file)} uses {package}");

    [Fact]
    public void Production_never_references_tests() =>
        Repository.AssertNone(
            from file in Projects()
            from reference in Repository.ProjectReferences(file)
            where !Allowed.ContainsKey(reference)
            select $"{Repository.Name(file)} references {reference}");

    [Fact]
    public void Versions_are_said_in_one_place() =>
        Repository.AssertNone(
            from file in Repository.Files(Repository.Everywhere, ".csproj")
            where XDocument.Load(file).Descendants("PackageReference").Any(r => r.Attribute("Version") is not null)
            select $"{Repository.Name(file)} says a version; Directory.Packages.props is the place");

    private static IReadOnlyList<string> Projects() => Repository.Files(Repository.Production, ".csproj");

    private static string Line(string project, IEnumerable<string> references) =>
        $"{project} -> {string.Join(", ", references.Order(StringComparer.Ordinal))}";
}
