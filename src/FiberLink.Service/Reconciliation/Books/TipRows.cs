using System.Globalization;
using FiberLink.Events.Money;
using FiberLink.Events.Tips;
using FiberLink.EventStore;
using FiberLink.EventStore.Projections;
using FiberLink.Postgres;
using FiberLink.Projections;
using FiberLink.Projections.TipActivity;
using Npgsql;

namespace FiberLink.Service.Reconciliation.Books;

/// <summary>What the read models show of a tip.</summary>
/// <param name="PaymentHash">As <c>TipStatus</c> has it.</param>
/// <param name="Asset">As <c>TipStatus</c> has it.</param>
/// <param name="Stage">As <c>TipStatus</c> has it.</param>
/// <param name="Activity">What the dashboards show; null where they have no row.</param>
/// <param name="ActivityPosition">Up to here the dashboards have seen the log, when they were read for the first time.</param>
internal sealed record TipRow(string PaymentHash, string Asset, string Stage, TipActivityRow? Activity, long ActivityPosition)
{
    // The dashboards go on while nothing happens to the tip.
    public bool Equals(TipRow? other) =>
        other is not null && (PaymentHash, Asset, Stage, Activity) == (other.PaymentHash, other.Asset, other.Stage, other.Activity);

    public override int GetHashCode() => HashCode.Combine(PaymentHash, Asset, Stage, Activity);
}

internal sealed record TipActivityRow(string To, string Units, DateTimeOffset? SettledAt);

/// <summary>Tips, as <c>TipStatus</c> and <c>TipActivity</c> show them.</summary>
internal sealed class TipRows(NpgsqlDataSource database) : IShownRows<TipRow>
{
    // Whatever the position says was seen is in the rows of the same snapshot.
    private const string Rows =
        """
        select s.tenant_id, s.tip_id, s.payment_hash, s.asset, s.stage, a.to_member, a.units::text, a.settled_at
          from unnest($1::text[], $2::uuid[]) as k (tenant_id, tip_id)
          join read_models.tip_status as s on s.tenant_id = k.tenant_id and s.tip_id = k.tip_id
          left join read_models.tip_activity as a on a.tenant_id = s.tenant_id and a.tip_id = s.tip_id
        """;

    private const string Count = "select count(*) from read_models.tip_status where $1::text is null or tenant_id = $1";

    private const string Page =
        """
        select tenant_id, tip_id from read_models.tip_status
         where (tenant_id, tip_id) > ($1, $2) and ($3::text is null or tenant_id = $3) order by tenant_id, tip_id limit $4
        """;

    public string FirstEvent => LoggedTip.FirstEvent;

    public string ReadModel => "TipStatus";

    public Guid IdOf(RecordedEvent first) => ((TipEvent.Requested)first.Body).TipId;

    public StreamId StreamOf(string tenant, Guid id) => new(tenant, $"tip-{id:N}");

    public async Task<IReadOnlyDictionary<(string Tenant, Guid Id), TipRow>> ReadAsync(
        IReadOnlyCollection<(string Tenant, Guid Id)> keys, CancellationToken ct)
    {
        var (position, _) = await ShownPosition.ReadAsync(database, TipActivityProjection.ProjectionName, ct);
        await using var command = database.Command(
            Rows, new() { Value = keys.Select(k => k.Tenant).ToArray() }, new() { Value = keys.Select(k => k.Id).ToArray() });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var rows = new Dictionary<(string, Guid), TipRow>();
        while (await reader.ReadAsync(ct))
        {
            var activity = reader.IsDBNull(5)
                ? null
                : new TipActivityRow(
                    reader.GetString(5), reader.GetString(6), reader.IsDBNull(7) ? null : reader.GetFieldValue<DateTimeOffset>(7));
            rows[(reader.GetString(0), reader.GetGuid(1))] =
                new(reader.GetString(2), reader.GetString(3), reader.GetString(4), activity, position);
        }

        return rows;
    }

    public IEnumerable<Difference> Compare(EventStream stream, TipRow row) => TipComparison.Compare(stream, row);

    public Task<long> CountAsync(string? tenant, CancellationToken ct) => RowKeys.CountAsync(database, Count, tenant, ct);

    public Task<IReadOnlyList<(string Tenant, Guid Id)>> PageAsync(
        string? tenant, (string Tenant, Guid Id)? after, int limit, CancellationToken ct) =>
        RowKeys.PageAsync(database, Page, tenant, after, limit, ct);
}

/// <summary>Compares a tip's events with its rows, and with each other. Pure.</summary>
internal static class TipComparison
{
    public static IEnumerable<Difference> Compare(EventStream stream, TipRow row)
    {
        var terms = (TipEvent.Requested)stream.Events[0].Body;
        var last = stream.Events[^1];
        var settled = stream.Events.Where(e => e.Body is TipEvent.Settled).ToList();
        var (stage, hash) = (TipStages.After(last.Body)!.Value.ToString(), terms.Order.PaymentHash);
        if ((row.Stage, row.PaymentHash, row.Asset) != (stage, hash, terms.Amount.Asset.Code))
        {
            yield return Of(
                DifferenceKind.RowDiffers, last, $"the log has {stage}, {hash}, the row {row.Stage}, {row.PaymentHash}") with
            {
                ReadModel = "TipStatus",
            };
        }

        foreach (var difference in settled.Take(1).SelectMany(e => Credit((TipEvent.Settled)e.Body, terms, e)))
        {
            yield return difference;
        }

        foreach (var again in settled.Skip(1))
        {
            yield return Of(DifferenceKind.CreditedTwice, again, "the log settles it more than once", Corrections.Of(
                again, (Account.MemberAvailable, terms.To), (Account.Suspense, null), ((TipEvent.Settled)again.Body).Amount));
        }

        // The dashboards may be a moment behind; what they have seen they must show.
        if (last.Position > row.ActivityPosition)
        {
            yield break;
        }

        var settledAt = settled.Count > 0 ? ((TipEvent.Settled)settled[0].Body).SettledAt : (DateTimeOffset?)null;
        if (row.Activity is not { } activity)
        {
            yield return Of(DifferenceKind.RowMissing, stream.Events[0], "TipActivity has no row") with { ReadModel = "TipActivity" };
        }
        else if (settledAt is { } time && activity.SettledAt is not { } shown)
        {
            yield return Of(DifferenceKind.SettledTipWithoutTime, settled[0], $"settled {time:u}, and shown without a time") with
            {
                ReadModel = "TipActivity",
            };
        }
        else if ((activity.To, activity.Units) != (terms.To, terms.Amount.Units.ToString(CultureInfo.InvariantCulture))
            || (activity.SettledAt is null) != (settledAt is null))
        {
            yield return Of(
                DifferenceKind.RowDiffers,
                last,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"the log has {terms.Amount.Units} to {terms.To}, TipActivity {activity.Units} to {activity.To}")) with
            {
                ReadModel = "TipActivity",
            };
        }
    }

    /// <summary>What the settlement itself credits, against what it says and what was ordered.</summary>
    private static IEnumerable<Difference> Credit(TipEvent.Settled settled, TipEvent.Requested terms, RecordedEvent at)
    {
        var credits = settled.Entry.Postings.Where(p => p.Account is Account.MemberAvailable && p.Units > 0).ToList();
        var asset = terms.Amount.Asset;
        var given = credits.Where(p => p.Asset == asset).Aggregate(Int128.Zero, (sum, p) => sum + p.Units);
        if (credits.Count == 0)
        {
            yield return Of(
                DifferenceKind.SettledTipWithoutCredit,
                at,
                "the settlement credits nobody",
                Corrections.Of(at, (Account.Suspense, null), (Account.MemberAvailable, terms.To), terms.Amount));
        }
        else if (credits.Find(p => p.Member != terms.To) is { } other)
        {
            yield return Of(
                DifferenceKind.CreditAccountDiffers,
                at,
                $"the settlement credits {other.Member}, and the tip was for {terms.To}",
                Corrections.Of(
                    at, (Account.MemberAvailable, other.Member), (Account.MemberAvailable, terms.To), new(asset, (UInt128)other.Units)));
        }
        else if (given != (Int128)terms.Amount.Units)
        {
            var (more, difference) = ((Int128)terms.Amount.Units - given, new Amount(
                asset, EntryComparison.Magnitude((Int128)terms.Amount.Units - given)));
            (Account, string?) member = (Account.MemberAvailable, terms.To);
            yield return Of(
                DifferenceKind.CreditAmountDiffers,
                at,
                string.Create(CultureInfo.InvariantCulture, $"the settlement credits {given}, and {terms.Amount.Units} was ordered"),
                more > 0
                    ? Corrections.Of(at, (Account.Suspense, null), member, difference)
                    : Corrections.Of(at, member, (Account.Suspense, null), difference));
        }
    }

    private static Difference Of(DifferenceKind kind, RecordedEvent @event, string detail, Correction? correction = null) =>
        new(kind, @event.Stream.Key, detail)
        {
            Tenant = @event.Stream.Tenant,
            Since = @event.At,
            Money = correction?.Amount,
            Correction = correction,
        };
}
