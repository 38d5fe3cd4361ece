using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace FiberLink.Cli.Output;

/// <summary>Moments as people type them: ISO 8601, in UTC unless an offset says otherwise.</summary>
internal static class Moments
{
    private static readonly string[] Forms =
    [
        "yyyy-MM-dd", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK",
    ];

    public static Option<DateTimeOffset> Required(string name, string description) =>
        new(name) { Description = $"{description} (2026-08-01, 2026-08-01T12:30Z)", CustomParser = Parse, Required = true };

    public static bool TryRead(string text, out DateTimeOffset moment) =>
        DateTimeOffset.TryParseExact(
            text,
            Forms,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out moment);

    private static DateTimeOffset Parse(ArgumentResult result)
    {
        var text = result.Tokens is [var token] ? token.Value : "";
        if (TryRead(text, out var moment))
        {
            return moment;
        }

        result.AddError(
            $"{(result.Parent as OptionResult)?.Option.Name}: '{text}' is no moment; write 2026-08-01, 2026-08-01T12:30Z or "
            + "2026-08-01T12:30:00+02:00.");
        return default;
    }
}
