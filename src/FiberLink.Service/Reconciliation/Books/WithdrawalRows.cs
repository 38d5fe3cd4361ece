using System.Globalization;
using FiberLink.Events;
using FiberLink.Events.Money;
using FiberLink.Events.Withdrawals;
using FiberLink.EventStore;
using FiberLink.Postgres;
using FiberLink.Projections.Withdrawals;
using Npgsql;

namespace FiberLink.Service.Reconciliation.Books;

/// <summary>What the read model shows of a withdrawal; amounts in smallest units.</summary>
internal sealed record ShownWithdrawal(
    string Member, string Asset, string Amount, string Pays, string Hold, string Stage, string? Evidence);

/// <summary>Withdrawals, as <c>Withdrawals</c> shows them.</summary>
internal sealed class WithdrawalRows(NpgsqlDataSource database) : IShownRows<ShownWithdrawal>
{
    private const string Rows =
        """
        select w.tenant_id, w.withdrawal_id, w.member, w.asset, w.amount::text, w.pays::text, w.hold::text, w.stage, w.evidence
          from unnest($1::text[], $2::uuid[]) as k (tenant_id, withdrawal_id)
          join read_models.withdrawals as w on w.tenant_id = k.tenant_id and w.withdrawal_id = k.withdrawal_id
        """;

    private const string Count = "select count(*) from read_models.withdrawals where $1::text is null or tenant_id = $1";

    private const string Page =
        """
        select tenant_id, withdrawal_id from read_models.withdrawals
         where (tenant_id, withdrawal_id) > ($1, $2) and ($3::text is null or tenant_id = $3) order by tenant_id, withdrawal_id limit $4
        """;

    public string FirstEvent { get; } = EventContracts.All.Single(c => c.Json.Type == typeof(WithdrawalEvent.Requested)).Name;

    public string ReadModel => "Withdrawals";

    public Guid IdOf(RecordedEvent first) => ((WithdrawalEvent.Requested)first.Body).WithdrawalId;

    public StreamId StreamOf(string tenant, Guid id) => new(tenant, $"withdrawal-{id:N}");

    public async Task<IReadOnlyDictionary<(string Tenant, Guid Id), ShownWithdrawal>> ReadAsync(
        IReadOnlyCollection<(string Tenant, Guid Id)> keys, CancellationToken ct)
    {
        await using var command = database.Command(
            Rows, new() { Value = keys.Select(k => k.Tenant).ToArray() }, new() { Value = keys.Select(k => k.Id).ToArray() });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var rows = new Dictionary<(string, Guid), ShownWithdrawal>();
        while (await reader.ReadAsync(ct))
        {
            rows[(reader.GetString(0), reader.GetGuid(1))] = new(
                reader.GetString(2),
                reader.GetString(3),
                reader.GetString(4),
                reader.GetString(5),
                reader.GetString(6),
                reader.GetString(7),
                reader.IsDBNull(8) ? null : reader.GetString(8));
        }

        return rows;
    }

    public IEnumerable<Difference> Compare(EventStream stream, ShownWithdrawal row) => WithdrawalComparison.Compare(stream, row);

    public Task<long> CountAsync(string? tenant, CancellationToken ct) => RowKeys.CountAsync(database, Count, tenant, ct);

    public Task<IReadOnlyList<(string Tenant, Guid Id)>> PageAsync(
        string? tenant, (string Tenant, Guid Id)? after, int limit, CancellationToken ct) =>
        RowKeys.PageAsync(database, Page, tenant, after, limit, ct);
}

/// <summary>Compares a withdrawal's events with its row, and with each other. Pure.</summary>
internal static class WithdrawalComparison
{
    private static readonly string[] UnderWay =
    [
        nameof(WithdrawalStage.Queued), nameof(WithdrawalStage.Prepared), nameof(WithdrawalStage.Sent), nameof(WithdrawalStage.InBlock),
    ];

    public static IEnumerable<Difference> Compare(EventStream stream, ShownWithdrawal row)
    {
        var (first, last) = (stream.Events[0], stream.Events[^1]);
        var terms = (WithdrawalEvent.Requested)first.Body;
        var log = new[]
        {
            terms.Member, terms.Amount.Asset.Code, Text(terms.Amount.Units), Text(terms.Pays.Units), Text(terms.Hold.Units),
        };
        if (!log.SequenceEqual([row.Member, row.Asset, row.Amount, row.Pays, row.Hold]))
        {
            yield return Of(
                DifferenceKind.RowDiffers, first, $"the log has {log[2]} of {log[0]}, the row {row.Amount} of {row.Member}", true);
        }

        // The last that ended it: what comes after an end may only say more about it.
        var end = stream.Events.LastOrDefault(e => EndOf((WithdrawalEvent)e.Body) is not null);
        if (end is null ? !UnderWay.Contains(row.Stage) : row.Stage != EndOf((WithdrawalEvent)end.Body))
        {
            yield return Of(
                DifferenceKind.RowDiffers,
                end ?? last,
                $"the log has {(end is null ? "not ended it" : EndOf((WithdrawalEvent)end.Body))}, the row {row.Stage}",
                true);
        }

        var completions = stream.Events.Where(e => EntryComparison.IsCompletion(e.Body)).ToList();
        if (completions.Count > 0)
        {
            var evidence = EvidenceOf(completions[^1].Body);
            if (evidence.Length == 0 || string.IsNullOrEmpty(row.Evidence))
            {
                yield return Of(
                    DifferenceKind.CompletedWithoutEvidence, completions[^1], "nothing is named that paid it", evidence.Length > 0);
            }
            else if (end == completions[^1] && row.Evidence != evidence)
            {
                yield return Of(
                    DifferenceKind.RowDiffers, completions[^1], $"the log says that {evidence} paid it, the row {row.Evidence}", true);
            }
        }

        foreach (var again in completions.Skip(1))
        {
            yield return Of(DifferenceKind.DebitedTwice, again, "the log completes it more than once", false, Corrections.Of(
                again, (Account.Suspense, null), (Account.MemberAvailable, terms.Member), terms.Hold));
        }

        if (completions.Count <= 1 && Debit(stream, terms, completions) is { } wrong)
        {
            yield return wrong;
        }
    }

    /// <summary>What the member has lost by it all, against what was to be lost.</summary>
    private static Difference? Debit(EventStream stream, WithdrawalEvent.Requested terms, List<RecordedEvent> completions)
    {
        var ofMembers = stream.Events
            .SelectMany(e => e.Body is IMovesMoney { Entry: { } entry } ? entry.Postings : [])
            .Where(p => Posting.BelongsToMember(p.Account) && p.Asset == terms.Hold.Asset)
            .ToList();
        var at = completions.Count > 0 ? completions[0] : stream.Events[^1];
        if (ofMembers.Find(p => p.Member != terms.Member) is { } other)
        {
            return Of(DifferenceKind.DebitAccountDiffers, at, $"it moves money of {other.Member}, and it is of {terms.Member}", false);
        }

        var lost = -ofMembers.Aggregate(Int128.Zero, (sum, p) => sum + p.Units);
        var words = string.Create(
            CultureInfo.InvariantCulture, $"the member has lost {lost} by it; {terms.Pays.Units} were paid, {terms.Hold.Units} held");
        if (completions.Count == 0)
        {
            return lost == 0 ? null : Of(DifferenceKind.DebitOfUncompletedWithdrawal, at, words, false, GiveBack(lost));
        }

        return lost == 0 ? Of(DifferenceKind.CompletedWithoutDebit, at, words, false)
            : lost < (Int128)terms.Pays.Units ? Of(DifferenceKind.DebitAmountDiffers, at, words, false)
            : lost > (Int128)terms.Hold.Units
                ? Of(DifferenceKind.DebitAmountDiffers, at, words, false, GiveBack(lost - (Int128)terms.Hold.Units))
            : null;

        Correction? GiveBack(Int128 units) =>
            units > 0
                ? Corrections.Of(
                    at, (Account.Suspense, null), (Account.MemberAvailable, terms.Member), new(terms.Hold.Asset, (UInt128)units))
                : null;
    }

    private static string? EndOf(WithdrawalEvent @event) =>
        @event switch
        {
            WithdrawalEvent.Completed or WithdrawalEvent.Transferred => nameof(WithdrawalStage.Completed),
            WithdrawalEvent.Failed => nameof(WithdrawalStage.Failed),
            WithdrawalEvent.Cancelled => nameof(WithdrawalStage.Cancelled),
            WithdrawalEvent.Lost => nameof(WithdrawalStage.Lost),
            WithdrawalEvent.PaidAfterFailure => nameof(WithdrawalStage.PaidAfterFailure),
            _ => null,
        };

    private static string EvidenceOf(object body) =>
        body is WithdrawalEvent.Completed completed ? completed.Evidence : ((WithdrawalEvent.Transferred)body).PaymentHash;

    private static string Text(UInt128 units) => units.ToString(CultureInfo.InvariantCulture);

    private static Difference Of(
        DifferenceKind kind, RecordedEvent @event, string detail, bool isOfTheRow, Correction? correction = null) =>
        new(kind, @event.Stream.Key, detail)
        {
            Tenant = @event.Stream.Tenant,
            Since = @event.At,
            Money = correction?.Amount,
            Correction = correction,
            ReadModel = isOfTheRow ? "Withdrawals" : null,
        };
}
