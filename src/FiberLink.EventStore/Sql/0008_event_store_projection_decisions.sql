-- What operators have decided about async projections and subscriptions: which of them stand still, and which events one leaves out.
-- The log has each decision as an event; these rows are what the daemon goes by, and commit with it.
create table event_store.projection_pauses (
    projection text        not null constraint pk_projection_pauses primary key,
    paused_by  text        not null,
    reason     text        not null,
    paused_at  timestamptz not null
);

create table event_store.projection_skips (
    projection text        not null,
    position   bigint      not null,
    event_id   uuid        not null,
    skipped_by text        not null,
    reason     text        not null,
    skipped_at timestamptz not null,
    constraint pk_projection_skips primary key (projection, position)
);

-- What a generation was told to leave out when it was begun or gone on with.
alter table event_store.generations add column skipped bigint[] not null default '{}';

-- A comparison leaves an unfinished rebuild of the same read model alone.
drop index event_store.one_generation_is_built;
create unique index one_generation_is_built on event_store.generations (projection, purpose) where state in ('building', 'ready');

-- The step of one shard, as before, by somebody who knows which events are left out. It fails when the shard is paused (FL003), and when
-- an event is to be left out that is not known to be (FL001).
create function event_store.move_progress(shard varchar, from_position bigint, to_position bigint, left_out bigint[]) returns void
language plpgsql as
$$
declare
    consumer constant text := regexp_replace(shard, ':[^:]*$', '');
begin
    -- What was written and the position are lost together in a crash of the database, and then written again: no need to wait
    -- for the disk.
    perform set_config('synchronous_commit', 'off', true);

    update event_store.mt_event_progression
       set last_seq_id = to_position, last_updated = now()
     where name = shard and last_seq_id = from_position;
    if not found then
        raise exception '% does not stand at position %', shard, from_position using errcode = 'FL001';
    end if;

    -- Only now that the row is held: who decides holds it too, so what was decided before this is seen here.
    if exists (select from event_store.projection_pauses where projection = consumer) then
        raise exception '% is paused', consumer using errcode = 'FL003';
    end if;

    if exists (select from event_store.projection_skips
                where projection = consumer and position > from_position and position <= to_position
                  and position <> all (left_out)) then
        raise exception '% is to leave out an event before position %', consumer, to_position using errcode = 'FL001';
    end if;
end
$$;

-- A program that does not know of pauses and of what is left out is stopped by them all the same.
create or replace function event_store.move_progress(shard varchar, from_position bigint, to_position bigint) returns void
language plpgsql as
$$
begin
    perform event_store.move_progress(shard, from_position, to_position, '{}'::bigint[]);
end
$$;

-- Holds where a projection stands until the transaction ends. Who asks holds the log's head too, so it is not waited for long.
create function event_store.hold_shards(consumer text) returns void
language plpgsql
set lock_timeout = '500ms'
as
$$
begin
    perform from event_store.mt_event_progression
      where starts_with(name, consumer || ':') and substr(name, length(consumer) + 2) ~ '^(All|[0-9]{1,4}of[0-9]{1,4})$'
      order by name
        for update;
end
$$;

create function event_store.pause_projection(consumer text, by_whom text, why text, decided_at timestamptz) returns void
language plpgsql as
$$
begin
    perform event_store.hold_shards(consumer);
    insert into event_store.projection_pauses (projection, paused_by, reason, paused_at) values (consumer, by_whom, why, decided_at)
        on conflict on constraint pk_projection_pauses do nothing;
    if not found then
        raise exception '% is paused', consumer using errcode = 'check_violation', constraint = 'projection_is_not_paused';
    end if;
end
$$;

create function event_store.resume_projection(consumer text) returns void
language plpgsql as
$$
begin
    delete from event_store.projection_pauses where projection = consumer;
    if not found then
        raise exception '% is not paused', consumer using errcode = 'check_violation', constraint = 'projection_is_paused';
    end if;
end
$$;

-- Leaves an event out for good, if the projection stands just before it and says that it cannot show it.
create function event_store.skip_event(consumer text, poison bigint, poison_id uuid, by_whom text, why text, decided_at timestamptz) returns void
language plpgsql as
$$
begin
    perform event_store.hold_shards(consumer);
    if not exists (
        select from event_store.projection_state as told
          join event_store.mt_event_progression as stands
            on stands.name = case when told.name = consumer then consumer || ':All' else told.name end
         where (told.name = consumer or starts_with(told.name, consumer || ':'))
           and told.state = 'failing' and told.failed_position = poison
           and stands.last_seq_id = coalesce((select max(seq_id) from event_store.mt_events where seq_id < poison), 0)) then
        raise exception '% does not stand before the event at position %', consumer, poison
            using errcode = 'check_violation', constraint = 'projection_stands_before_event';
    end if;

    insert into event_store.projection_skips (projection, position, event_id, skipped_by, reason, skipped_at)
    values (consumer, poison, poison_id, by_whom, why, decided_at);
end
$$;

-- Sets a subscription's shard back, so that it is given again what comes after. Never forward: that would leave events out in silence.
create function event_store.reset_shard(consumer text, shard text, to_position bigint) returns void
language plpgsql as
$$
begin
    perform event_store.hold_shards(consumer);
    update event_store.mt_event_progression
       set last_seq_id = to_position, last_updated = now()
     where name = consumer || ':' || shard and last_seq_id > to_position;
    if not found then
        raise exception '% of % does not stand after position %', shard, consumer, to_position
            using errcode = 'check_violation', constraint = 'shard_stands_further_on';
    end if;
end
$$;
