using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace FiberLink.Cli.Output;

/// <summary>Durations as people type them: 500ms, 10s, 5m, 2h, 1d.</summary>
internal static class Durations
{
    private static readonly (string Suffix, TimeSpan Unit)[] Units =
    [
        ("ms", TimeSpan.FromMilliseconds(1)),
        ("s", TimeSpan.FromSeconds(1)),
        ("m", TimeSpan.FromMinutes(1)),
        ("h", TimeSpan.FromHours(1)),
        ("d", TimeSpan.FromDays(1)),
    ];

    private const int CountMax = 1_000_000;

    public static Option<TimeSpan?> Option(string name, string description) =>
        new(name) { Description = $"{description} (500ms, 10s, 5m, 2h, 1d)", CustomParser = Parse };

    public static Argument<TimeSpan?> Argument(string name, string description) =>
        new(name) { Description = $"{description} (500ms, 10s, 5m, 2h, 1d)", CustomParser = Parse, Arity = ArgumentArity.ExactlyOne };

    private static TimeSpan? Parse(ArgumentResult result)
    {
        var text = result.Tokens is [var token] ? token.Value : "";
        foreach (var (suffix, unit) in Units)
        {
            if (text.EndsWith(suffix, StringComparison.Ordinal)
                && int.TryParse(text.AsSpan(0, text.Length - suffix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
                && count <= CountMax)
            {
                return count * unit;
            }
        }

        result.AddError($"'{text}' is no duration; write 500ms, 10s, 5m, 2h or 1d.");
        return null;
    }
}
