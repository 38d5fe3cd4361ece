using System.Globalization;

namespace FiberLink.LogWriter;

/// <summary>What a writer says about one attempt to append a change.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Token">The change: the correlation id of its events, and the beginning of its rows' keys.</param>
/// <param name="Positions">Of its events, when it was appended.</param>
/// <param name="Why">Why nothing was written.</param>
public sealed record Report(ReportKind Kind, string Token, IReadOnlyList<long> Positions, string Why)
{
    public static Report Began(string token) => new(ReportKind.Began, token, [], "");

    public static Report Appended(string token, IEnumerable<long> positions) => new(ReportKind.Appended, token, [.. positions], "");

    public static Report Nothing(string token, string why) => new(ReportKind.Nothing, token, [], why);

    /// <summary>Neither, and there is no name to ask by.</summary>
    public static Report Unsettled(string token) => new(ReportKind.Unsettled, token, [], "");

    public static Report Parse(string line)
    {
        var words = line.Split(' ', 4);
        long[] positions =
            [.. words[2].Split(',', StringSplitOptions.RemoveEmptyEntries).Select(p => long.Parse(p, CultureInfo.InvariantCulture))];
        return new(Enum.Parse<ReportKind>(words[0]), words[1], positions, words[3]);
    }

    public override string ToString() => $"{Kind} {Token} {string.Join(',', Positions)} {Why.ReplaceLineEndings(" ")}";
}

public enum ReportKind
{
    /// <summary>From here on it may be in the log.</summary>
    Began = 1,

    /// <summary>It is in the log.</summary>
    Appended = 2,

    /// <summary>This attempt has written nothing.</summary>
    Nothing = 3,

    /// <summary>Nobody knows.</summary>
    Unsettled = 4,
}
