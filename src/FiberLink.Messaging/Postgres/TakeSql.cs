namespace FiberLink.Messaging;

/// <summary>The two statements by which a node gets messages. What has no turn is passed by the index, not looked through.</summary>
internal static class TakeSql
{
    // The longest due first. Only when there is more than that do tenants take turns: each that has anything scheduled is visited by the
    // index, onward from where the last visit ended, and has its share moved too.
    // Answers with the tenant that was visited last.
    public const string MakeReady =
        """
        with recursive oldest as materialized (
            select message_id from messaging.waiting where state = 'scheduled' and due_at <= $1
             order by due_at limit $2 for update skip locked
        ), onward as (
            (select w.tenant_id, 1 as turn from messaging.waiting as w
              where w.state = 'scheduled' and w.tenant_id > $3 and (select count(*) from oldest) = $2 order by w.tenant_id limit 1)
            union all
            select (select w.tenant_id from messaging.waiting as w
                     where w.state = 'scheduled' and w.tenant_id > o.tenant_id order by w.tenant_id limit 1), o.turn + 1
              from onward as o where o.tenant_id is not null and o.turn < $4
        ), around as (
            (select w.tenant_id, 1 as turn from messaging.waiting as w
              where w.state = 'scheduled' and w.tenant_id <= $3 and (select count(*) from oldest) = $2 order by w.tenant_id limit 1)
            union all
            select (select w.tenant_id from messaging.waiting as w
                     where w.state = 'scheduled' and w.tenant_id > a.tenant_id and w.tenant_id <= $3 order by w.tenant_id limit 1),
                   a.turn + 1
              from around as a where a.tenant_id is not null and a.turn < $4
        ), visited as materialized (
            select tenant_id, turn from onward where tenant_id is not null
            union all
            select tenant_id, turn + $4 from around where tenant_id is not null
            order by turn limit $4
        ), due as materialized (
            select message_id from oldest
            union all
            select m.message_id
              from visited as v
             cross join lateral (
                   select w.message_id from messaging.waiting as w
                    where w.state = 'scheduled' and w.tenant_id = v.tenant_id and w.due_at <= $1
                    order by w.due_at limit (select greatest(1, $2 / count(*)) from visited)
                      for update skip locked) as m
        ), moved as (
            update messaging.waiting as w set state = 'ready' from due where w.message_id = due.message_id and w.state = 'scheduled'
        )
        select tenant_id from visited order by turn desc limit 1
        """;

    // Names first: one that has no room is passed whatever there is of it. Then from tenant to tenant, onward from where the last taking
    // ended, then around; of each its share, the longest due first.
    // No taking is larger than the limit that is written out in it: it is there for the planner, who else prepares for as many as wait,
    // and then reads all of them.
    // What came in once more while it was being finished leaves here: to whoever took it in it was still waiting, so it was let in.
    public const string Take =
        """
        with recursive names as (
            (select w.name from messaging.waiting as w where w.state = 'ready' order by w.name limit 1)
            union all
            select (select w.name from messaging.waiting as w where w.state = 'ready' and w.name > n.name order by w.name limit 1)
              from names as n where n.name is not null
        ), open as materialized (
            select n.name, coalesce(l.type, n.name) as type, coalesce(l.room, $3) as room
              from names as n left join unnest($7::text[], $8::text[], $9::bigint[]) as l (name, type, room) on l.name = n.name
             where n.name is not null and coalesce(l.room, $3) > 0
        ), onward as (
            (select min(n.tenant_id) as tenant_id, 1 as turn from open as o cross join lateral (
                    select w.tenant_id from messaging.waiting as w
                     where w.state = 'ready' and w.name = o.name and w.tenant_id > $5 order by w.tenant_id limit 1) as n)
            union all
            select (select min(n.tenant_id) from open as o cross join lateral (
                           select w.tenant_id from messaging.waiting as w
                            where w.state = 'ready' and w.name = o.name and w.tenant_id > t.tenant_id
                            order by w.tenant_id limit 1) as n), t.turn + 1
              from onward as t where t.tenant_id is not null and t.turn < $6
        ), around as (
            (select min(n.tenant_id) as tenant_id, 1 as turn from open as o cross join lateral (
                    select w.tenant_id from messaging.waiting as w
                     where w.state = 'ready' and w.name = o.name and w.tenant_id <= $5 order by w.tenant_id limit 1) as n)
            union all
            select (select min(n.tenant_id) from open as o cross join lateral (
                           select w.tenant_id from messaging.waiting as w
                            where w.state = 'ready' and w.name = o.name and w.tenant_id > t.tenant_id and w.tenant_id <= $5
                            order by w.tenant_id limit 1) as n), t.turn + 1
              from around as t where t.tenant_id is not null and t.turn < $6
        ), tenants as materialized (
            select tenant_id, turn from onward where tenant_id is not null
            union all
            select tenant_id, turn + $6 from around where tenant_id is not null
            order by turn limit $6
        ), share as (
            select greatest(1, ($3 + count(*) - 1) / count(*)) as of_each from tenants
        ), found as materialized (
            select m.message_id, m.size, m.room, row_number() over (partition by m.type order by t.turn, m.due_at, m.position) as of_type,
                   t.turn, m.due_at, m.position
              from tenants as t
             cross join lateral (
                   select one.*
                     from open as o
                    cross join lateral (
                          select w.message_id, o.type, w.due_at, w.position, o.room, pg_column_size(w.body) as size
                            from messaging.waiting as w
                           where w.state = 'ready' and w.name = o.name and w.tenant_id = t.tenant_id
                           order by w.due_at, w.position
                           limit least(o.room, (select of_each from share))
                             for update skip locked) as one
                    order by one.due_at, one.position
                    limit (select of_each from share)) as m
        ), fitting as (
            select message_id, size, row_number() over (order by turn, due_at, position) as turn from found where of_type <= room
        ), chosen as materialized (
            select f.message_id, f.turn,
                   exists (select from messaging.handled as h where h.message_id = f.message_id)
                   or exists (select from messaging.dead_letters as d where d.message_id = f.message_id) as is_finished
              from (select *, sum(size) over (order by turn) as sum_of_sizes
                      from (select * from fitting order by turn limit 1000) as few) as f
             where f.turn = 1 or (f.turn <= $3 and f.sum_of_sizes <= $4)
        ), finished as (
            delete from messaging.waiting as w using chosen as c where w.message_id = c.message_id and c.is_finished
        ), taken as (
            update messaging.waiting as w
               set state = 'taken', taken_by = $1, fence = nextval('messaging.fences'), leased_until = clock_timestamp() + $2,
                   attempts = w.attempts + 1
              from chosen as c
             where w.message_id = c.message_id and not c.is_finished
               and exists (select from messaging.nodes as n where n.node_id = $1)
         returning w.*, c.turn
        )
        select message_id, name, tenant_id, body::text, attempts, correlation_id, trace_parent, ordering_key, fence,
               greatest(interval '0', clock_timestamp() - coalesce(wanted_at, created_at)), expires_at
          from taken order by turn
        """;
}
