using System.Text.Json.Nodes;

namespace FiberLink.Cli.Doctor;

/// <summary>Prints what was found, with what to do about it.</summary>
internal static class FindingsPrinter
{
    public static async Task PrintAsync(IReadOnlyList<Finding> findings)
    {
        var width = findings.Max(f => f.What.Length);
        foreach (var finding in findings)
        {
            var says = finding.Says.ReplaceLineEndings(" ");
            await Console.Out.WriteLineAsync($"{Word(finding)}  {finding.What.PadRight(width)}  {says}");
            if (finding.Do is { } advice)
            {
                await Console.Out.WriteLineAsync($"      {advice}");
            }
        }
    }

    public static JsonArray Json(IReadOnlyList<Finding> findings) => new([.. findings.Select(f => (JsonNode)new JsonObject
    {
        ["what"] = f.What, ["condition"] = f.Condition.ToString().ToLowerInvariant(), ["says"] = f.Says, ["do"] = f.Do,
    })]);

    private static string Word(Finding finding) => finding.Condition switch
    {
        Condition.Good => "good",
        Condition.Attention => "look",
        _ => "BAD ",
    };
}
