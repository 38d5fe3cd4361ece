namespace FiberLink.Messaging;

/// <summary>
/// The statements about schedules. Whoever fires holds the schedules' rows first and then writes messages; nobody who has written a
/// message asks for a schedule.
/// </summary>
internal static class ScheduleSql
{
    private const string Columns =
        """
        s.name, s.owner, s.recurrence, s.catch_up, s.message_name, s.tenant_id, s.next_due_at, s.last_due_at, s.last_fired_at, s.skipped,
        s.is_paused, s.orphaned_at is not null, s.expires_after
        """;

    // Components that start at once declare one after the other.
    public const string DeclareInTurn = "select pg_advisory_xact_lock($1)";

    public const string Hold =
        $"select {Columns} from messaging.schedules as s where s.owner = $1 or s.name = any($2) order by s.name for update";

    public const string Declare =
        """
        insert into messaging.schedules (name, owner, recurrence, catch_up, message_name, tenant_id, body, next_due_at, expires_after)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        on conflict on constraint pk_schedules do update
           set owner = excluded.owner, recurrence = excluded.recurrence, catch_up = excluded.catch_up,
               message_name = excluded.message_name, tenant_id = excluded.tenant_id, body = excluded.body,
               next_due_at = excluded.next_due_at, expires_after = excluded.expires_after, orphaned_at = null,
               declared_at = clock_timestamp()
        """;

    public const string Orphan =
        """
        update messaging.schedules set orphaned_at = clock_timestamp()
         where owner = $1 and name <> all($2) and orphaned_at is null
        """;

    public const string HoldDue =
        """
        select s.name, s.next_due_at
          from messaging.schedules as s
          join unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::jsonb[], $9::interval[])
               as k (name, recurrence, catch_up, message_name, tenant_id, body, expires_after)
            on k.name = s.name and k.recurrence = s.recurrence and k.catch_up = s.catch_up
           and k.message_name = s.message_name and k.tenant_id = s.tenant_id and k.body = s.body
           and k.expires_after is not distinct from s.expires_after
         where s.owner = $7 and s.next_due_at <= $8 and not s.is_paused and s.orphaned_at is null
         order by s.next_due_at, s.name
           for update of s skip locked
        """;

    public const string MoveOn =
        """
        update messaging.schedules as s
           set next_due_at = f.next_due_at, skipped = s.skipped + f.skipped, last_due_at = coalesce(f.last_due_at, s.last_due_at),
               last_fired_at = case when f.last_due_at is null then s.last_fired_at else $5 end
          from unnest($1::text[], $2::timestamptz[], $3::timestamptz[], $4::bigint[]) as f (name, next_due_at, last_due_at, skipped)
         where s.name = f.name
        """;

    public const string List = $"select {Columns} from messaging.schedules as s order by s.name";

    public const string HoldOne = $"select {Columns} from messaging.schedules as s where s.name = $1 for update";

    public const string SetPaused =
        """
        with changed as (
            update messaging.schedules set is_paused = $4 = 'pause', next_due_at = $5 where name = $1 returning name, tenant_id)
        insert into messaging.operator_actions (actor, action, name, tenant_id, reason)
        select $2, $4, c.name, c.tenant_id, $3 from changed as c
        """;
}
