namespace FiberLink.Messaging;

/// <summary>How much there is, at a cost that does not grow with it.</summary>
internal static class BacklogSql
{
    private const string PagesOfWaiting = "greatest(1, pg_relation_size('messaging.waiting') / current_setting('block_size')::bigint)";

    private const string PagesOfDead = "greatest(1, pg_relation_size('messaging.dead_letters') / current_setting('block_size')::bigint)";

    /// <summary>Of each state, the first $1 as its index has them.</summary>
    public const string Counted =
        """
        select m.name, m.tenant_id, m.state, count(*), min(m.at)
          from ((select name, tenant_id, state, due_at as at from messaging.waiting where state = 'ready' order by name, tenant_id limit $1)
                union all
                (select name, tenant_id, state, due_at from messaging.waiting where state = 'scheduled' order by due_at limit $1)
                union all
                (select name, tenant_id, state, due_at from messaging.waiting where state = 'behind' order by tenant_id limit $1)
                union all
                (select name, tenant_id, state, due_at from messaging.waiting where state = 'taken' order by leased_until limit $1)
                union all
                (select name, tenant_id, 'dead', failed_at from messaging.dead_letters
                  where discarded_at is null and expired_at is null order by failed_at limit $1)
                union all
                (select name, tenant_id, 'expired', expired_at from messaging.dead_letters
                  where expired_at is not null order by expired_at limit $1)) as m
         group by 1, 2, 3
        """;

    /// <summary>The states of $1, from about $2 pages of the table; what is ready is told with its true oldest.</summary>
    public const string SampledWaiting =
        $"""
        with share as (select least(1, $2::float8 / {PagesOfWaiting}) as part), sample as (
            select name, tenant_id, state, count(*) as n, min(due_at) as at
              from messaging.waiting tablesample system (100 * least(1, $2::float8 / {PagesOfWaiting}))
             where state = any($1) group by 1, 2, 3)
        select s.name, s.tenant_id, s.state, ceil(s.n / share.part)::bigint,
               coalesce(case when s.state = 'ready' then (
                   select w.due_at from messaging.waiting as w
                    where w.state = 'ready' and w.name = s.name and w.tenant_id = s.tenant_id order by w.due_at limit 1) end, s.at)
          from sample as s cross join share
        """;

    /// <summary>The same of those that were given up, or expired: about $1 pages, the states of $2.</summary>
    public const string SampledDead =
        $"""
        with share as (select least(1, $1::float8 / {PagesOfDead}) as part)
        select d.name, d.tenant_id, case when d.expired_at is null then 'dead' else 'expired' end,
               ceil(count(*) / min(share.part))::bigint, min(d.failed_at)
          from messaging.dead_letters as d tablesample system (100 * least(1, $1::float8 / {PagesOfDead})) cross join share
         where d.discarded_at is null and (d.expired_at is null) = any(select s = 'dead' from unnest($2::text[]) as s) group by 1, 2, 3
        """;
}
