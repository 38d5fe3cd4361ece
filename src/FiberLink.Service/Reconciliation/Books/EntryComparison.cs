using System.Globalization;
using FiberLink.Events.Money;
using FiberLink.Events.Tips;
using FiberLink.Events.Withdrawals;
using FiberLink.EventStore;
using FiberLink.Projections.LedgerEntries;

namespace FiberLink.Service.Reconciliation.Books;

/// <summary>Compares what an event has posted with the books' rows of its position. Pure.</summary>
internal static class EntryComparison
{
    /// <param name="event">The event.</param>
    /// <param name="rows">The community's rows that name its position.</param>
    /// <param name="strays">Takes the rows that are none of the event's postings.</param>
    public static IEnumerable<Difference> Compare(RecordedEvent @event, IReadOnlyList<BookedRow> rows, List<BookedRow> strays)
    {
        var left = rows.ToList();
        foreach (var posted in LedgerEntry.Of(@event))
        {
            if (left.Find(r => r.Number == posted.Number) is not { } row)
            {
                yield return Of(@event, posted, MissingOf(@event.Body), $"the books lack {Words(posted)}");
                continue;
            }

            left.Remove(row);
            if ((row.Account, row.Member) != (posted.Account.ToString(), posted.Member ?? ""))
            {
                yield return Of(
                    @event, posted, AccountOf(@event.Body), $"the log has {Words(posted)}, the books {row.Account} {row.Member}".TrimEnd());
            }
            else if ((row.Asset, row.Units) != (posted.Asset.Code, posted.Units))
            {
                yield return Of(
                    @event,
                    posted,
                    AmountOf(@event.Body),
                    string.Create(CultureInfo.InvariantCulture, $"the log has {Words(posted)}, the books {row.Units} of {row.Asset}"));
            }

            if ((row.EventId, row.Event, row.Stream, row.At) != (@event.Id, @event.Name, @event.Stream.Key, @event.At))
            {
                yield return Of(
                    @event,
                    posted,
                    DifferenceKind.EntrySourceDiffers,
                    $"the books name {row.Event} {row.EventId} of {row.Stream}, {row.At:u}");
            }
        }

        strays.AddRange(left);
    }

    /// <summary>What a row is called that no event has posted.</summary>
    /// <param name="row">The row.</param>
    /// <param name="stream">All events of the stream that it names; none when there is no such stream.</param>
    public static Difference Stray(BookedRow row, IReadOnlyList<RecordedEvent> stream)
    {
        var isPosted = stream.SelectMany(LedgerEntry.Of).Any(p =>
            (p.Account.ToString(), p.Member ?? "", p.Asset.Code, p.Units) == (row.Account, row.Member, row.Asset, row.Units));
        var kind = stream.Count == 0 ? OrphanOf(row)
            : stream[0].Body is TipEvent
                ? stream.Any(e => e.Body is TipEvent.Settled or TipEvent.PaidTwice)
                    ? isPosted ? DifferenceKind.CreditedTwice : DifferenceKind.OrphanCredit
                    : DifferenceKind.CreditOfUnsettledTip
            : stream[0].Body is WithdrawalEvent
                ? stream.Any(e => IsCompletion(e.Body))
                    ? isPosted ? DifferenceKind.DebitedTwice : DifferenceKind.OrphanDebit
                    : DifferenceKind.DebitOfUncompletedWithdrawal
            : DifferenceKind.EntryExtra;
        return new(
            kind,
            row.Stream,
            string.Create(
                CultureInfo.InvariantCulture,
                $"the books have {row.Units} of {row.Asset} on {row.Account} {row.Member} at {row.Position}, and no event says so"))
        {
            Tenant = row.Tenant,
            Since = row.At,
            Money = Asset.IsCode(row.Asset) ? new Amount(new(row.Asset), Magnitude(row.Units)) : null,
            ReadModel = LedgerEntriesProjection.ProjectionName,
        };
    }

    public static bool IsCompletion(object body) => body is WithdrawalEvent.Completed or WithdrawalEvent.Transferred;

    public static UInt128 Magnitude(Int128 units) => units < 0 ? (UInt128)0 - (UInt128)units : (UInt128)units;

    private static DifferenceKind OrphanOf(BookedRow row) =>
        row.Event.StartsWith("tip.", StringComparison.Ordinal) ? DifferenceKind.OrphanCredit
        : row.Event.StartsWith("withdrawal.", StringComparison.Ordinal) ? DifferenceKind.OrphanDebit
        : DifferenceKind.EntryExtra;

    private static DifferenceKind MissingOf(object body) =>
        body switch
        {
            TipEvent.Settled or TipEvent.PaidTwice => DifferenceKind.SettledTipWithoutCredit,
            _ when IsCompletion(body) => DifferenceKind.CompletedWithoutDebit,
            _ => DifferenceKind.EntryMissing,
        };

    private static DifferenceKind AccountOf(object body) =>
        body switch
        {
            TipEvent.Settled or TipEvent.PaidTwice => DifferenceKind.CreditAccountDiffers,
            _ when IsCompletion(body) => DifferenceKind.DebitAccountDiffers,
            _ => DifferenceKind.EntryDiffers,
        };

    private static DifferenceKind AmountOf(object body) =>
        body switch
        {
            TipEvent.Settled or TipEvent.PaidTwice => DifferenceKind.CreditAmountDiffers,
            _ when IsCompletion(body) => DifferenceKind.DebitAmountDiffers,
            _ => DifferenceKind.EntryDiffers,
        };

    private static Difference Of(RecordedEvent @event, LedgerEntry posted, DifferenceKind kind, string detail) =>
        new(kind, @event.Stream.Key, detail)
        {
            Tenant = @event.Stream.Tenant,
            Since = @event.At,
            Money = new(posted.Asset, Magnitude(posted.Units)),
            ReadModel = LedgerEntriesProjection.ProjectionName,
        };

    private static string Words(LedgerEntry posted) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{posted.Units} of {posted.Asset} on {posted.Account}{(posted.Member is { } m ? $" {m}" : "")} at {posted.Position}");
}
