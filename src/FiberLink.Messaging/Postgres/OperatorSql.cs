namespace FiberLink.Messaging;

/// <summary>The statements behind what operators do, and behind forgetting.</summary>
internal static class OperatorSql
{
    // The dead letter that its key waits for comes back to its place; any other has lost its place, and goes to the end.
    public const string Replay =
        """
        with replayed as (
            delete from messaging.dead_letters where message_id = $1 returning *
        ), lifted as (
            update messaging.keys as k set stopped_by = null
              from replayed as r
             where k.tenant_id = r.tenant_id and k.ordering_key = r.ordering_key and k.stopped_by = r.message_id
            returning k.ordering_key
        ), told as (
            insert into messaging.operator_actions (actor, action, message_id, name, tenant_id, reason)
            select $2, 'replay', r.message_id, r.name, r.tenant_id, $3 from replayed as r
        ), back as (
            insert into messaging.waiting
                (message_id, name, tenant_id, body, due_at, wanted_at, created_at, correlation_id, trace_parent, last_error,
                 ordering_key, position, state)
            select r.message_id, r.name, r.tenant_id, r.body, $4, clock_timestamp(), r.created_at, r.correlation_id, r.trace_parent,
                   r.last_error,
                   r.ordering_key,
                   case when exists (select from lifted)
                        then r.position else nextval(pg_get_serial_sequence('messaging.waiting', 'position')) end,
                   case when r.ordering_key is null or exists (select from lifted) then 'ready'
                        when exists (select from messaging.waiting as w
                                      where w.tenant_id = r.tenant_id and w.ordering_key = r.ordering_key)
                          or exists (select from messaging.keys as k
                                      where k.tenant_id = r.tenant_id and k.ordering_key = r.ordering_key
                                        and k.stopped_by is not null)
                        then 'behind' else 'ready' end
              from replayed as r
            on conflict on constraint pk_waiting do nothing
        )
        select count(*) from replayed
        """;

    public const string Discard =
        """
        with discarded as (
            update messaging.dead_letters set discarded_at = clock_timestamp()
             where message_id = $1 and discarded_at is null and expired_at is null returning *
        ), lifted as (
            update messaging.keys as k set stopped_by = null
              from discarded as d
             where k.tenant_id = d.tenant_id and k.ordering_key = d.ordering_key and k.stopped_by = d.message_id
            returning k.tenant_id, k.ordering_key
        ), told as (
            insert into messaging.operator_actions (actor, action, message_id, name, tenant_id, reason)
            select $2, 'discard', d.message_id, d.name, d.tenant_id, $3 from discarded as d
        ), promoted as (
            update messaging.waiting as w
               set state = case when w.due_at > $4 then 'scheduled' else 'ready' end
              from lifted
             cross join lateral (
                   select n.message_id from messaging.waiting as n
                    where n.tenant_id = lifted.tenant_id and n.ordering_key = lifted.ordering_key
                    order by n.position limit 1) as next
             where w.message_id = next.message_id and w.state = 'behind'
        )
        select count(*) from discarded
        """;

    public const string PruneHandled =
        """
        delete from messaging.handled where message_id in (
            select message_id from messaging.handled where handled_at < clock_timestamp() - $1 order by handled_at limit $2)
        """;

    // What expired is kept as long as what was handled.
    public const string PruneExpired =
        """
        delete from messaging.dead_letters where message_id in (
            select message_id from messaging.dead_letters where expired_at < clock_timestamp() - $1 order by expired_at limit $2)
        """;

    // The attempts of a message that is not finished are told with it.
    public const string PruneAttempts =
        """
        delete from messaging.attempts where attempt_id in (
            select a.attempt_id from messaging.attempts as a
             where a.ended_at < clock_timestamp() - $1
               and not exists (select from messaging.waiting as w where w.message_id = a.message_id)
               and not exists (select from messaging.dead_letters as d where d.message_id = a.message_id)
             order by a.ended_at limit $2)
        """;

    // A key that is taken away while somebody adds to it is made again by whoever comes next: it holds nothing but a lock.
    public const string PruneKeys =
        """
        delete from messaging.keys where (tenant_id, ordering_key) in (
            select k.tenant_id, k.ordering_key from messaging.keys as k
             where k.stopped_by is null and k.touched_at < clock_timestamp() - interval '1 minute'
               and not exists (select from messaging.waiting as w
                                where w.tenant_id = k.tenant_id and w.ordering_key = k.ordering_key)
             order by k.tenant_id, k.ordering_key limit $1 for update of k skip locked)
        """;
}
