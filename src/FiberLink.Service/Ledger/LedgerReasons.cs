using System.Runtime.CompilerServices;
using FiberLink.Events.Adjustments;
using FiberLink.Events.Money;
using FiberLink.Events.Tips;
using FiberLink.Events.Withdrawals;
using FiberLink.EventStore;
using FiberLink.Projections.LedgerEntries;

namespace FiberLink.Service.Ledger;

/// <summary>A posting, and in words why it was made.</summary>
internal sealed record ExplainedEntry(LedgerEntry Entry, string Why);

/// <summary>Says why postings were made: who tipped, where a withdrawal went, what a correction was for.</summary>
internal sealed class LedgerReasons(PostingOriginsQuery origins, IEventStore store)
{
    private const int PageMax = 500;
    private const int TextMax = 24;
    private const int TextEnd = 8;

    /// <summary>The same postings in the same order; few are in memory at a time.</summary>
    public async IAsyncEnumerable<ExplainedEntry> ExplainAsync(
        string tenant, IAsyncEnumerable<LedgerEntry> entries, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var page in entries.Chunk(PageMax).WithCancellation(ct))
        {
            var found = await origins.FindAsync(tenant, [.. page.Select(e => e.Stream).Distinct(StringComparer.Ordinal)], ct);
            foreach (var entry in page)
            {
                var origin = found.GetValueOrDefault(entry.Stream) ?? await ReadAsync(tenant, entry.Stream, ct);
                yield return new(entry, Why(entry, origin));
            }
        }
    }

    /// <summary>What a stream of postings is about, by the event that begins it; null for any other event.</summary>
    public static PostingOrigin? OriginIn(object body) => body switch
    {
        TipEvent.Requested tip => new PostingOrigin.Tip(tip.From, tip.To, tip.PostId),
        WithdrawalEvent.Requested way => new PostingOrigin.Withdrawal(way.Destination.Text),
        AdjustmentEvent.Requested correction => new PostingOrigin.Adjustment(correction.Reason),
        _ => null,
    };

    // The books may show a tip that the dashboards do not show yet.
    private async Task<PostingOrigin?> ReadAsync(string tenant, string stream, CancellationToken ct) =>
        stream.StartsWith("tip-", StringComparison.Ordinal)
        && (await store.ReadStreamAsync(new(tenant, stream), ct)).Events is [{ Body: TipEvent.Requested tip }, ..]
            ? OriginIn(tip)
            : null;

    /// <summary>Why a posting was made, in words.</summary>
    /// <param name="entry">The posting.</param>
    /// <param name="origin">What its stream is about; null when that is not known.</param>
    public static string Why(LedgerEntry entry, PostingOrigin? origin) => origin switch
    {
        PostingOrigin.Tip tip => (Verb(entry) switch
        {
            "paid_twice" => "paid a second time: ",
            "suspended" => "paid, but not as ordered: ",
            _ => "",
        }) + $"tip from {tip.From} to {tip.To} for post {tip.PostId}",
        PostingOrigin.Withdrawal way => Why(entry, Short(way.Destination)),
        PostingOrigin.Adjustment correction =>
            (Verb(entry) == "reversed" ? "adjustment taken back: " : "adjustment: ") + correction.Reason,
        _ => Verb(entry).Replace('_', ' '),
    };

    private static string Why(LedgerEntry entry, string to) => (Verb(entry), entry.Account) switch
    {
        ("requested", _) => $"held for a withdrawal to {to}",
        ("cancelled", _) => $"back: the withdrawal to {to} was cancelled",
        ("failed", _) => $"back: the withdrawal to {to} failed",
        ("completed", Account.MemberAvailable) => $"back: the way of the withdrawal to {to} cost less than was held",
        ("completed" or "transferred", _) => $"paid: withdrawal to {to}",
        ("paid_after_failure", _) => $"withdrawal to {to}: paid after it had failed",
        var (other, _) => $"withdrawal to {to}: {other.Replace('_', ' ')}",
    };

    // tip.settled.v1: what happened stands in the middle.
    private static string Verb(LedgerEntry entry) => entry.Event.Split('.') is [_, var verb, ..] ? verb : entry.Event;

    private static string Short(string text) =>
        text.Length <= TextMax ? text : $"{text[..(TextMax - TextEnd - 1)]}…{text[^TextEnd..]}";
}
