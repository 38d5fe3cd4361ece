using System.Text.RegularExpressions;

namespace FiberLink.Architecture.Tests;

public sealed partial class Features_stand_alone
{
    private const string Service = "src/FiberLink.Service";

    // What every feature may use. A folder that is not here is a feature, and no other feature may use it.
    private static readonly string[] Shared =
    [
        "Authentication", "CommandHandling", "Exports", "Ledger", "Messages", "NodeLanguage", "Rates", "Rpc", "Secrets", "Settlements",
        "Startup", "Telemetry", "Wallet",
    ];

    [Fact]
    public void No_feature_of_the_service_uses_another() =>
        Repository.AssertNone(
            from feature in Features()
            from file in Repository.Files([$"{Service}/{feature}"], ".cs")
            from line in File.ReadLines(file).Index()
            from used in ServiceNamespace().Matches(line.Item).Select(m => m.Groups["folder"].Value)
            where used != feature && Features().Contains(used, StringComparer.Ordinal)
            select $"{Repository.Name(file)}:{line.Index + 1} uses {used}");

    private static IReadOnlyList<string> Features() =>
        [.. Directory.GetDirectories(Path.Combine(Repository.Root, Service))
            .Where(d => Directory.EnumerateFiles(d, "*.cs", SearchOption.AllDirectories).Any())
            .Select(d => Path.GetFileName(d))
            .Where(n => n is not ("bin" or "obj") && !Shared.Contains(n, StringComparer.Ordinal))];

    [GeneratedRegex(@"\bFiberLink\.Service\.(?<folder>\w+)")]
    private static partial Regex ServiceNamespace();
}
