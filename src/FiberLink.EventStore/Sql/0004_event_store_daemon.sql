-- The step of one shard from one position to the next, in the transaction that writes what the events between them say. It
-- fails, and all else with it, when the shard is not where it was presumed to be: somebody else has shown these events.
create function event_store.move_progress(shard varchar, from_position bigint, to_position bigint) returns void
language plpgsql as
$$
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
end
$$;
