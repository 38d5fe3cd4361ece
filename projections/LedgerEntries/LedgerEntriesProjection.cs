using FiberLink.Events.Money;
using FiberLink.EventStore;
using FiberLink.EventStore.Projections;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.Projections.LedgerEntries;

/// <summary>The books: every posting in the log's order, with its account's balance after it. Async: nobody decides by it.</summary>
public sealed class LedgerEntriesProjection : IProjection
{
    public const string ProjectionName = "LedgerEntries";

    // An account's last row is looked up once for a batch, however many of the batch's postings are on it.
    private const string Insert =
        """
        with posted as materialized (
            select * from unnest($1::text[], $2::bigint[], $3::integer[], $4::text[], $5::text[], $6::text[], $7::text[], $8::uuid[],
                                 $9::text[], $10::text[], $11::timestamptz[])
                as p (tenant_id, position, posting, account, member, asset, units, event_id, event, stream, at)
        ), opening as (
            select a.*, coalesce(last.balance, 0) as balance
              from (select distinct tenant_id, account, member, asset from posted) as a
              left join lateral (
                   select e.balance from read_models.ledger_entries as e
                    where e.tenant_id = a.tenant_id and e.member = a.member and e.account = a.account and e.asset = a.asset
                    order by e.position desc, e.posting desc limit 1) as last on true
        )
        insert into read_models.ledger_entries
            (tenant_id, position, posting, account, member, asset, units, balance, event_id, event, stream, at)
        select p.tenant_id, p.position, p.posting, p.account, p.member, p.asset, p.units::numeric,
               o.balance + sum(p.units::numeric)
                   over (partition by p.tenant_id, p.account, p.member, p.asset order by p.position, p.posting),
               p.event_id, p.event, p.stream, p.at
          from posted as p
          join opening as o
            on o.tenant_id = p.tenant_id and o.account = p.account and o.member = p.member and o.asset = p.asset
        """;

    public string Name => ProjectionName;

    public void Project(IReadOnlyList<RecordedEvent> events, NpgsqlBatch batch)
    {
        var posted = events
            .SelectMany(e => e.Body is IMovesMoney { Entry: { } entry }
                ? entry.Postings.Select((posting, i) => (Event: e, Number: i, Posting: posting))
                : [])
            .ToArray();
        if (posted.Length == 0)
        {
            return;
        }

        batch.Add(
            Insert,
            Columns.Text(posted.Select(p => p.Event.Stream.Tenant)),
            Columns.Long(posted.Select(p => (long?)p.Event.Position)),
            Columns.Whole(posted.Select(p => (int?)p.Number)),
            Columns.Text(posted.Select(p => p.Posting.Account.ToString())),
            Columns.Text(posted.Select(p => p.Posting.Member ?? "")),
            Columns.Text(posted.Select(p => p.Posting.Asset.Code)),
            Columns.Units(posted.Select(p => p.Posting.Units)),
            Columns.Uuid(posted.Select(p => (Guid?)p.Event.Id)),
            Columns.Text(posted.Select(p => p.Event.Name)),
            Columns.Text(posted.Select(p => p.Event.Stream.Key)),
            Columns.Time(posted.Select(p => (DateTimeOffset?)p.Event.At)));
    }
}
