using System.Globalization;
using System.Text.RegularExpressions;
using FiberLink.Projections;

namespace FiberLink.Service.Rpc;

/// <summary>A tip in the words of the published contract.</summary>
internal static partial class TipWire
{
    public const string Unpaid = "UNPAID";
    public const string Settled = "SETTLED";
    public const string Failed = "FAILED";

    private const int TickDigits = 7;

    public static IReadOnlyList<string> States { get; } = [Unpaid, Settled, Failed];

    /// <summary>The three states that the plugin knows. A suspended tip is neither settled nor failed: it is being looked into.</summary>
    public static string StateOf(TipStage stage) =>
        stage switch
        {
            TipStage.Settled => Settled,
            TipStage.Expired or TipStage.Cancelled => Failed,
            _ => Unpaid,
        };

    public static IReadOnlyCollection<TipStage> StagesOf(string state) => [.. Enum.GetValues<TipStage>().Where(s => StateOf(s) == state)];

    /// <summary>ISO 8601 in UTC with milliseconds and a Z: the only form that the contract has.</summary>
    public static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <returns>Null when the text is not in that form; more or fewer digits of a second are taken.</returns>
    public static DateTimeOffset? ReadTime(string text) =>
        IsoTime().Match(text) is { Success: true } form
        && DateTimeOffset.TryParseExact(
            form.Groups["seconds"].Value,
            "yyyy-MM-dd'T'HH:mm:ss",
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out var time)
            ? time.AddTicks(Ticks(form.Groups["fraction"].Value))
            : null;

    // What is finer than a tick of 100 ns is cut off.
    private static long Ticks(string fraction) =>
        long.Parse(fraction.PadRight(TickDigits, '0').AsSpan(0, TickDigits), NumberStyles.None, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(?<seconds>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(\.(?<fraction>[0-9]{1,30}))?Z\z")]
    private static partial Regex IsoTime();
}
