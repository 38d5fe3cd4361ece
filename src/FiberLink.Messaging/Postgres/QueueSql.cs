namespace FiberLink.Messaging;

/// <summary>The statements of those who take messages and give them back.</summary>
internal static class QueueSql
{
    // What a crash of the database forgets of a taking is a message that nobody has; whoever thinks he has it has another number.
    public const string Lightly =
        "select set_config('synchronous_commit', 'off', true), set_config('enable_seqscan', 'off', true), "
        + "set_config('enable_bitmapscan', 'off', true)";

    public const string Join = "insert into messaging.nodes (name, host) values ($1, $2) returning node_id";

    public const string Beat = "update messaging.nodes set heartbeat_at = clock_timestamp() where node_id = $1";

    public const string Leave =
        """
        with left_behind as (delete from messaging.nodes where node_id = $1)
        update messaging.waiting
           set state = 'ready', taken_by = null, fence = null, leased_until = null, attempts = attempts - 1
         where state = 'taken' and taken_by = $1
        """;

    public const string Renew =
        """
        with held as materialized (
            select w.message_id
              from messaging.waiting as w
              join unnest($1::uuid[], $2::bigint[]) as m (message_id, fence) on m.message_id = w.message_id and m.fence = w.fence
             order by w.message_id for update of w skip locked)
        update messaging.waiting as w set leased_until = clock_timestamp() + $3 from held where w.message_id = held.message_id
        """;

    public const string Lost =
        """
        select m.message_id from unnest($1::uuid[], $2::bigint[]) as m (message_id, fence)
         where not exists (select from messaging.waiting as w where w.message_id = m.message_id and w.fence = m.fence)
        """;

    // When the server's clock has gone back, what was said before lies ahead of it, and would keep the dead alive for as long.
    public const string HeardNow =
        "update messaging.nodes set heartbeat_at = clock_timestamp() where heartbeat_at > clock_timestamp() + $1";

    public const string DeclareDead =
        """
        delete from messaging.nodes where node_id in (
            select node_id from messaging.nodes where heartbeat_at < clock_timestamp() - $1 for update skip locked)
        """;

    public const string Release =
        """
        with lost as materialized (
            select w.message_id, w.taken_by
              from messaging.waiting as w
             where w.state = 'taken'
               and (w.leased_until < clock_timestamp()
                    or not exists (select from messaging.nodes as n where n.node_id = w.taken_by))
             order by w.leased_until limit $1 for update of w skip locked
        ), told as (
            insert into messaging.attempts (message_id, attempt, node, outcome, error, trace_id)
            select w.message_id, w.attempts, 'node ' || w.taken_by, 'lost', 'Nothing came back from this attempt.',
                   substring(w.trace_parent from '^[0-9a-f]{2}-([0-9a-f]{32})-')
              from messaging.waiting as w join lost on lost.message_id = w.message_id
        )
        update messaging.waiting as w set state = 'ready', taken_by = null, fence = null, leased_until = null
          from lost where w.message_id = lost.message_id
        """;

    public const string PutOff =
        """
        with put_off as (
            update messaging.waiting
               set state = case when least($3, expires_at) > $4 then 'scheduled' else 'ready' end, due_at = least($3, expires_at),
                   last_error = $7,
                   taken_by = null, fence = null, leased_until = null, attempts = attempts - case when $5 then 0 else 1 end
             where message_id = $1 and fence = $2
            returning message_id, attempts)
        insert into messaging.attempts (message_id, attempt, outcome, error_type, error, took, node, trace_id)
        select p.message_id, p.attempts, 'failed', $6, $7, $8, $9, $10 from put_off as p where $5
        """;

    public const string LockKeyOf =
        """
        insert into messaging.keys (tenant_id, ordering_key)
        select w.tenant_id, w.ordering_key from messaging.waiting as w where w.message_id = $1 and w.ordering_key is not null
        union
        select d.tenant_id, d.ordering_key from messaging.dead_letters as d where d.message_id = $1 and d.ordering_key is not null
        order by 1, 2
        on conflict on constraint pk_keys do update set touched_at = clock_timestamp()
        """;

    public const string Bury =
        """
        with given_up as (
            delete from messaging.waiting where message_id = $1 and fence = $2 returning *
        ), buried as (
            insert into messaging.dead_letters
                (message_id, name, tenant_id, body, created_at, attempts, correlation_id, trace_parent, ordering_key, position,
                 error_type, last_error, trace_id, expired_at)
            select g.message_id, g.name, g.tenant_id, g.body, g.created_at, g.attempts - case when $10 then 1 else 0 end,
                   g.correlation_id, g.trace_parent, g.ordering_key, g.position, $5, $6, $9, case when $10 then clock_timestamp() end
              from given_up as g
            on conflict on constraint pk_dead_letters do nothing
        ), told as (
            insert into messaging.attempts (message_id, attempt, outcome, error_type, error, took, node, trace_id)
            select g.message_id, g.attempts, case when $10 then 'expired' else 'given up' end, $5, $6, $7, $8, $9 from given_up as g
        ), stopped as (
            update messaging.keys as k set stopped_by = g.message_id
              from given_up as g where $4 and k.tenant_id = g.tenant_id and k.ordering_key = g.ordering_key
        )
        update messaging.waiting as w
           set state = case when w.due_at > $3 then 'scheduled' else 'ready' end
          from given_up as g
         cross join lateral (
               select n.message_id from messaging.waiting as n
                where n.tenant_id = g.tenant_id and n.ordering_key = g.ordering_key and n.message_id <> g.message_id
                order by n.position limit 1) as next
         where not $4 and w.message_id = next.message_id and w.state = 'behind'
        """;

    // A message that is finished may come in once more, and then it waits only to be thrown away.
    public const string Fates =
        """
        select m.message_id,
               case when exists (select from messaging.handled as h where h.message_id = m.message_id) then 3
                    when d.message_id is not null then case when d.expired_at is null then 4 else 5 end
                    when w.attempts > 0 then 2
                    when w.message_id is not null then 1
               end
          from unnest($1::uuid[]) as m (message_id)
          left join messaging.waiting as w on w.message_id = m.message_id
          left join messaging.dead_letters as d on d.message_id = m.message_id
        """;
}
