using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json.Nodes;
using FiberLink.EventStore;
using FiberLink.Service.Ledger;

namespace FiberLink.Cli.Output;

/// <summary>Points of the log's past, as people type them: a position or a moment.</summary>
internal static class Points
{
    private const string AsOfName = "--as-of";

    public static Option<LogPoint?> AsOf() =>
        Option(AsOfName, "The books as they were: a position of the log, or a moment (2026-08-01, 2026-08-01T12:30Z). [default: now]");

    public static Option<LogPoint?> Option(string name, string description) =>
        new(name) { Description = description, CustomParser = Parse };

    /// <exception cref="CommandFailedException">The log has no such position.</exception>
    public static Task<LedgerPoint> FindAsync(LedgerBooks books, LogPoint? point, CancellationToken ct) =>
        FindAsync(books, AsOfName, point, ct);

    /// <exception cref="CommandFailedException">The log has no such position.</exception>
    public static async Task<LedgerPoint> FindAsync(LedgerBooks books, string option, LogPoint? point, CancellationToken ct)
    {
        try
        {
            return await books.FindAsync(point, ct);
        }
        catch (ArgumentOutOfRangeException none)
        {
            throw new CommandFailedException(
                ExitCode.Usage, $"{option}: there is no position {none.ActualValue}. {none.Message.Split(" (")[0]}");
        }
    }

    public static JsonObject Json(LedgerPoint point) => new() { ["position"] = point.Position, ["at"] = point.At };

    public static string Text(LedgerPoint point) => point.At is { } at
        ? string.Create(CultureInfo.InvariantCulture, $"position {point.Position} of the log ({at.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z)")
        : "the beginning of the log";

    /// <summary>Some positions, in a sentence.</summary>
    public static string Text(IReadOnlyList<long> positions) =>
        $"{(positions.Count == 1 ? "position" : "positions")} "
        + string.Join(" and ", positions.Select(p => p.ToString(CultureInfo.InvariantCulture)));

    private static LogPoint? Parse(ArgumentResult result)
    {
        var text = result.Tokens is [var token] ? token.Value : "";
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var position))
        {
            return new LogPoint.Position(position);
        }

        return Moments.TryRead(text, out var moment) ? new LogPoint.Time(moment) : Wrong();

        LogPoint? Wrong()
        {
            result.AddError(
                $"{(result.Parent as OptionResult)?.Option.Name}: '{text}' is neither a position of the log nor a moment; "
                + "write 1234, 2026-08-01 or 2026-08-01T12:30Z.");
            return null;
        }
    }
}
