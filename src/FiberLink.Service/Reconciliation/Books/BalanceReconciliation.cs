using System.Globalization;
using FiberLink.Events.Money;
using FiberLink.EventStore;
using FiberLink.Postgres;
using FiberLink.Projections.LedgerEntries;
using Npgsql;
using NpgsqlTypes;

namespace FiberLink.Service.Reconciliation.Books;

/// <summary>
/// Compares the balances that commands decide by with the books, which other code keeps: account by account, and with what open
/// withdrawals hold. Each statement is one snapshot; what the books lack yet is added from the log, up to the account's own last posting.
/// </summary>
internal sealed class BalanceReconciliation(NpgsqlDataSource database, IEventStore store)
{
    private const int PageMax = 1_000;
    private const string Balances = "AccountBalances";

    private const string Running =
        """
        select tenant_id, account, member, asset, balance::text, should::text, position, at
          from (select e.*, sum(e.units) over account as should
                  from read_models.ledger_entries as e
                 where e.position <= $1 and ($2::text is null or e.tenant_id = $2)
                window account as (partition by e.tenant_id, e.member, e.account, e.asset order by e.position, e.posting)) as summed
         where balance <> should
        """;

    private const string Accounts =
        """
        select b.tenant_id, b.account, b.member, b.asset, b.units::text, coalesce(last.balance, 0)::text, b.last_position, last.at
          from read_models.account_balances as b
          left join lateral (
               select e.balance, e.at from read_models.ledger_entries as e
                where e.tenant_id = b.tenant_id and e.member = b.member and e.account = b.account and e.asset = b.asset and e.position <= $1
                order by e.position desc, e.posting desc limit 1) as last on true
         where ($2::text is null or b.tenant_id = $2) and b.units <> coalesce(last.balance, 0)
        """;

    private const string WithoutBalance =
        """
        select e.tenant_id, e.account, e.member, e.asset, 'no row', sum(e.units)::text, max(e.position), max(e.at)
          from read_models.ledger_entries as e
         where e.position <= $1 and ($2::text is null or e.tenant_id = $2)
           and not exists (select from read_models.account_balances as b
                            where b.tenant_id = e.tenant_id and b.account = e.account and b.member = e.member and b.asset = e.asset)
         group by e.tenant_id, e.account, e.member, e.asset
        """;

    private const string Held =
        """
        select coalesce(b.tenant_id, w.tenant_id), 'MemberHeld', coalesce(b.member, w.member), coalesce(b.asset, w.asset),
               coalesce(b.units, 0)::text, coalesce(w.hold, 0)::text, 0::bigint, w.since
          from (select * from read_models.account_balances where account = 'MemberHeld') as b
          full join (select tenant_id, member, asset, sum(hold) as hold, min(requested_at) as since
                       from read_models.withdrawals where stage in ('Queued', 'Prepared', 'Sent', 'InBlock')
                      group by tenant_id, member, asset) as w
            on w.tenant_id = b.tenant_id and w.member = b.member and w.asset = b.asset
         where coalesce(b.units, 0) <> coalesce(w.hold, 0) and ($1::text is null or coalesce(b.tenant_id, w.tenant_id) = $1)
        """;

    private const string WithinHub =
        """
        select '', account, '', asset, sum(units)::text, '0', max(last_position), null::timestamptz
          from read_models.account_balances where account = 'WithinHub' group by account, asset having sum(units) <> 0
        """;

    public async Task RunAsync(string? tenant, BooksReport report, Func<Difference, Task> tellAsync, CancellationToken ct)
    {
        var (position, app) = (new NpgsqlParameter { Value = report.Position }, Text(tenant));
        await TellAsync(Running, [position, app], DifferenceKind.RunningBalanceDiffers, LedgerEntriesProjection.ProjectionName);
        await TellAsync(WithoutBalance, [position, app], DifferenceKind.BalanceDiffers, Balances);
        await TellAsync(Held, [app], DifferenceKind.HeldDiffers, Balances);
        if (tenant is null)
        {
            await TellAsync(WithinHub, [], DifferenceKind.WithinHubDiffers, Balances);
        }

        var behind = new List<AccountLook>();
        await foreach (var look in ReadAsync(Accounts, [position, app], ct))
        {
            if (look.LastPosition > report.Position)
            {
                behind.Add(look);
            }
            else
            {
                await AddAsync(look, DifferenceKind.BalanceDiffers, Balances);
            }
        }

        foreach (var look in await WithTheTailAsync(behind, report.Position, tenant, ct))
        {
            await AddAsync(look, DifferenceKind.BalanceDiffers, Balances);
        }

        async Task TellAsync(string sql, NpgsqlParameter[] parameters, DifferenceKind kind, string readModel)
        {
            await foreach (var look in ReadAsync(sql, parameters, ct))
            {
                await AddAsync(look, kind, readModel);
            }
        }

        async Task AddAsync(AccountLook look, DifferenceKind kind, string readModel)
        {
            var difference = look.Difference(kind, readModel);
            report.Add(difference);
            await tellAsync(difference);
        }
    }

    /// <summary>Those of the accounts that differ with what was posted after the books' end, too.</summary>
    private async Task<IReadOnlyList<AccountLook>> WithTheTailAsync(
        List<AccountLook> behind, long after, string? tenant, CancellationToken ct)
    {
        if (behind.Count == 0)
        {
            return [];
        }

        var accounts = behind.ToDictionary(l => l.Key);
        var upTo = Math.Min(behind.Max(l => l.LastPosition), await store.ReadHeadAsync(ct));
        while (after < upTo)
        {
            var page = await store.ReadLogAsync(new LogQuery { After = after, UpTo = upTo, Tenant = tenant }, PageMax, ct);
            foreach (var (stream, position, posting) in page.Events.SelectMany(
                e => e.Body is IMovesMoney { Entry: { } entry } ? entry.Postings.Select(p => (e.Stream, e.Position, p)) : []))
            {
                var key = (stream.Tenant, posting.Account.ToString(), posting.Member ?? "", posting.Asset.Code);
                if (accounts.TryGetValue(key, out var look) && position <= look.LastPosition)
                {
                    accounts[key] = look with { Should = look.Should + posting.Units };
                }
            }

            if (page.IsAtEnd)
            {
                break;
            }

            after = page.Position;
        }

        return [.. accounts.Values.Where(l => l.Has != l.Should.ToString(CultureInfo.InvariantCulture))];
    }

    private async IAsyncEnumerable<AccountLook> ReadAsync(
        string sql, NpgsqlParameter[] parameters, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        await using var command = database.Command(sql, [.. parameters.Select(p => p.Clone())]);
        command.CommandTimeout = 0;
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            yield return new(
                (reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetString(3)),
                reader.GetString(4),
                Int128.Parse(reader.GetString(5), CultureInfo.InvariantCulture),
                reader.GetInt64(6),
                reader.IsDBNull(7) ? null : reader.GetFieldValue<DateTimeOffset>(7));
        }
    }

    private static NpgsqlParameter Text(string? value) =>
        new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };

    private sealed record AccountLook(
        (string Tenant, string Account, string Member, string Asset) Key,
        string Has,
        Int128 Should,
        long LastPosition,
        DateTimeOffset? Since)
    {
        public Difference Difference(DifferenceKind kind, string readModel)
        {
            var missing = Int128.TryParse(Has, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var has)
                ? has - Should
                : Should;
            return new(
                kind,
                $"{Key.Account} {Key.Member}".TrimEnd(),
                string.Create(CultureInfo.InvariantCulture, $"it says {Has} of {Key.Asset}, and {Should} is right"))
            {
                Tenant = Key.Tenant.Length == 0 ? null : Key.Tenant,
                Since = Since,
                Money = Asset.IsCode(Key.Asset) ? new Amount(new(Key.Asset), EntryComparison.Magnitude(missing)) : null,
                ReadModel = readModel,
            };
        }
    }
}
