using System.Globalization;
using FiberLink.Projections;

namespace FiberLink.Service.Rpc;

/// <summary>A tip in the words of the published contract.</summary>
internal static class TipWire
{
    public const string Unpaid = "UNPAID";
    public const string Settled = "SETTLED";
    public const string Failed = "FAILED";

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
        text.EndsWith('Z') && DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : null;
}
