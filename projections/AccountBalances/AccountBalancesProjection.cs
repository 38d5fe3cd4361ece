using FiberLink.Events.Money;
using FiberLink.EventStore;
using FiberLink.EventStore.Projections;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.Projections.AccountBalances;

/// <summary>Adds up the postings. Inline, because a command decides over money in the transaction that moves it.</summary>
public sealed class AccountBalancesProjection : IProjection
{
    /// <summary>The constraint that a withdrawal of more than there is breaks.</summary>
    public const string NotNegative = "member_balance_is_not_negative";

    // The row comes first and empty: a check looks at the row that is proposed for insertion, and what is taken away is below zero.
    private const string Open =
        """
        insert into read_models.account_balances (tenant_id, account, member, asset, units, last_position)
        select p.tenant_id, p.account, p.member, p.asset, 0, 0
          from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as p (tenant_id, account, member, asset)
        on conflict on constraint pk_account_balances do nothing
        """;

    private const string Add =
        """
        update read_models.account_balances as b
           set units = b.units + p.units::numeric, last_position = p.position
          from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[])
            as p (tenant_id, account, member, asset, units, position)
         where b.tenant_id = p.tenant_id and b.account = p.account and b.member = p.member and b.asset = p.asset
        """;

    public string Name => "AccountBalances";

    public void Project(IReadOnlyList<RecordedEvent> events, NpgsqlBatch batch)
    {
        var moves = events
            .SelectMany(e => e.Body is IMovesMoney { Entry: { } entry } ? entry.Postings.Select(p => (Event: e, Posting: p)) : [])
            .GroupBy(m => (m.Event.Stream.Tenant, m.Posting.Account, m.Posting.Member, m.Posting.Asset))
            .Select(g => (
                g.Key,
                Units: g.Aggregate(Int128.Zero, (sum, m) => checked(sum + m.Posting.Units)),
                Last: g.Max(m => m.Event.Position)))
            .OrderBy(g => g.Key.Tenant, StringComparer.Ordinal)
            .ThenBy(g => g.Key.Account)
            .ThenBy(g => g.Key.Member, StringComparer.Ordinal)
            .ToArray();
        if (moves.Length == 0)
        {
            return;
        }

        NpgsqlParameter[] Keys() =>
        [
            Columns.Text(moves.Select(m => m.Key.Tenant)),
            Columns.Text(moves.Select(m => m.Key.Account.ToString())),
            Columns.Text(moves.Select(m => m.Key.Member ?? "")),
            Columns.Text(moves.Select(m => m.Key.Asset.Code)),
        ];

        batch.Add(Open, Keys());
        batch.Add(Add, [.. Keys(), Columns.Units(moves.Select(m => m.Units)), Columns.Long(moves.Select(m => (long?)m.Last))]);
    }
}
