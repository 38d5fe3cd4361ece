namespace FiberLink.Messaging;

/// <summary>
/// The statements that travel with a commit. The order of their locks is everyone's: the keys' rows, sorted; then the messages' own.
/// </summary>
internal static class CommitSql
{
    // A plan made while the table was empty would read all of it for as long as its session keeps it. And one that fits whatever the
    // arrays hold is made once: for a table with rows the server would plan anew each time, which takes longer than what is planned.
    public const string UseIndexes =
        "select set_config('enable_seqscan', 'off', true), set_config('plan_cache_mode', 'force_generic_plan', true)";

    public const string UseWhateverIsBest =
        "select set_config('enable_seqscan', 'on', true), set_config('plan_cache_mode', 'auto', true)";

    /// <summary>$1, $2 tenants and keys of messages that come; $3 ids of messages that go.</summary>
    public const string LockKeys =
        """
        insert into messaging.keys (tenant_id, ordering_key)
        select k.tenant_id, k.ordering_key from unnest($1::text[], $2::text[]) as k (tenant_id, ordering_key)
        union
        select w.tenant_id, w.ordering_key from messaging.waiting as w where w.message_id = any($3) and w.ordering_key is not null
        order by 1, 2
        on conflict on constraint pk_keys do update set touched_at = clock_timestamp()
        """;

    public const string Hold = "select from messaging.waiting where message_id = any($1) order by message_id for update";

    // What was handled already is told so, whoever comes: only then may the caller take it for done.
    public const string Mark =
        """
        insert into messaging.handled (message_id, name, is_held)
        select m.message_id, m.name,
               m.fence is null
               or exists (select from messaging.waiting as w where w.message_id = m.message_id and w.fence = m.fence)
               or exists (select from messaging.handled as h where h.message_id = m.message_id)
          from unnest($1::uuid[], $2::text[], $3::bigint[]) as m (message_id, name, fence)
        """;

    /// <summary>Takes $1 off the queue, and lets what stood behind them step forward; $2 is now.</summary>
    // The state is that of the row found, not of the row updated: nobody changes it without the key, and an index of what stands behind
    // cannot tempt the planner to read all of it.
    public const string Finish =
        """
        with finished as (
            delete from messaging.waiting where message_id = any($1) returning tenant_id, ordering_key
        ), freed as (
            select distinct f.tenant_id, f.ordering_key
              from finished as f
              join messaging.keys as k on k.tenant_id = f.tenant_id and k.ordering_key = f.ordering_key
             where k.stopped_by is null
        )
        update messaging.waiting as w
           set state = case when w.due_at > $2 then 'scheduled' else 'ready' end
          from freed
         cross join lateral (
               select n.message_id, n.state
                 from messaging.waiting as n
                where n.tenant_id = freed.tenant_id and n.ordering_key = freed.ordering_key and n.message_id <> all($1)
                order by n.position limit 1) as next
         where w.message_id = next.message_id and next.state = 'behind'
        """;

    // Only a clash on the id is forgiven: it means that this very message waits already or was handled. Messages with a key are added
    // in their turn, under the key's lock; those without in the order of their ids, so that two who bring the same ones wait for each
    // other one way round.
    public const string Enqueue =
        """
        with news as (
            select distinct on (m.message_id) m.*
              from unnest($1::uuid[], $2::text[], $3::text[], $4::jsonb[], $5::timestamptz[], $6::text[], $7::text[], $8::text[],
                          $10::timestamptz[])
                   with ordinality
                   as m (message_id, name, tenant_id, body, due_at, correlation_id, trace_parent, ordering_key, expires_at, turn)
             where not exists (select from messaging.handled as h where h.message_id = m.message_id)
               and not exists (select from messaging.dead_letters as d where d.message_id = m.message_id)
               and not exists (select from messaging.waiting as w where w.message_id = m.message_id)
             order by m.message_id, m.turn
        )
        insert into messaging.waiting
            (message_id, name, tenant_id, body, due_at, wanted_at, expires_at, correlation_id, trace_parent, ordering_key, state)
        select n.message_id, n.name, n.tenant_id, n.body, n.due_at, greatest(n.due_at, clock_timestamp()), n.expires_at,
               n.correlation_id, n.trace_parent, n.ordering_key,
               case when n.ordering_key is not null
                     and (row_number() over (partition by n.tenant_id, n.ordering_key order by n.turn) > 1
                          or exists (select from messaging.waiting as w
                                      where w.tenant_id = n.tenant_id and w.ordering_key = n.ordering_key)
                          or exists (select from messaging.keys as k
                                      where k.tenant_id = n.tenant_id and k.ordering_key = n.ordering_key
                                        and k.stopped_by is not null)) then 'behind'
                    when n.due_at > $9 then 'scheduled'
                    else 'ready'
               end
          from news as n
         order by case when n.ordering_key is null then n.message_id end, n.turn
        on conflict on constraint pk_waiting do nothing
        """;
}
