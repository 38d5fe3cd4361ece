-- SHA-256 over the canonical form of the event: what the log's tree is made of.
alter table event_store.mt_events add column entry_hash bytea null;

-- As append_presumed, with what the events are sealed by. Nodes of an earlier version go on calling that one; what they leave without
-- a hash is hashed when it is sealed.
create function event_store.append_sealed(
    presumed_head bigint,
    moved_tenants text[], moved_keys text[], moved_from bigint[], moved_to bigint[], moved_at timestamptz[],
    made_tenants text[], made_keys text[], made_types text[], made_to bigint[], made_at timestamptz[],
    ids uuid[], tenants text[], keys text[], versions bigint[], bodies jsonb[], types text[], dotnet_types text[], times timestamptz[],
    correlations text[], causations text[], headers jsonb[], users text[], hashes bytea[],
    change_ids uuid[], change_last bigint[], change_counts integer[])
returns bigint
language plpgsql
set lock_timeout = '10s'
set plan_cache_mode = force_generic_plan
as $append$
declare
    new_head constant bigint := presumed_head + cardinality(ids);
    asked    timestamptz;
    had      timestamptz;
begin
    for i in 1 .. cardinality(moved_keys) loop
        update event_store.mt_streams
           set version = moved_to[i], timestamp = moved_at[i]
         where tenant_id = moved_tenants[i] and id = moved_keys[i] and version = moved_from[i] and is_archived is not true;
        if not found then
            raise exception 'Stream %/% is not at version %.', moved_tenants[i], moved_keys[i], moved_from[i] using errcode = 'FL001';
        end if;
    end loop;

    asked := clock_timestamp();
    update event_store.log_head set position = new_head where position = presumed_head;
    had := clock_timestamp();
    if not found then
        raise exception 'The head is not at position %.', presumed_head using errcode = 'FL001';
    end if;

    if cardinality(made_keys) > 0 then
        insert into event_store.mt_streams (tenant_id, id, type, version, timestamp, created)
        select s.tenant_id, s.id, s.type, s.version, s.at, s.at
          from unnest(made_tenants, made_keys, made_types, made_to, made_at) as s (tenant_id, id, type, version, at);
    end if;

    insert into event_store.mt_events
        (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, mt_dotnet_type, correlation_id, causation_id, headers, user_name,
         entry_hash)
    select presumed_head + e.n, e.id, e.key, e.version, e.body, e.type, e.at, e.tenant, e.dotnet_type,
           e.correlation, e.causation, e.headers, e.by, e.hash
      from unnest(ids, tenants, keys, versions, bodies, types, dotnet_types, times, correlations, causations, headers, users,
                  hashes)
           with ordinality
        as e (id, tenant, key, version, body, type, dotnet_type, at, correlation, causation, headers, by, hash, n);

    insert into event_store.changes (id, last_position, event_count)
    select c.id, c.last_position, c.event_count
      from unnest(change_ids, change_last, change_counts) as c (id, last_position, event_count);
    return extract(epoch from had - asked) * 1000000;
end
$append$;

-- The log's tree, in tiles of 256 hashes; only the last of each level has fewer. They are random bytes, and not compressed.
create table event_store.log_tiles (
    level  int    not null,
    index  bigint not null,
    hashes bytea  not null,
    constraint pk_log_tiles primary key (level, index)
);

alter table event_store.log_tiles alter column hashes set storage external;

-- How much of the log is in the tree. Whoever adds to it locks this row.
create table event_store.log_tree (
    is_tree boolean not null default true constraint pk_log_tree primary key constraint log_has_one_tree check (is_tree),
    size    bigint  not null,
    root    bytea   not null
);

-- What was signed: none is ever changed or taken back.
create table event_store.log_checkpoints (
    size      bigint      not null constraint pk_log_checkpoints primary key,
    root      bytea       not null,
    note      text        not null,
    signed_at timestamptz not null
);

-- The keys that sign. Each but the first is vouched for by the one before it.
create table event_store.log_keys (
    number     int         not null constraint pk_log_keys primary key,
    key        text        not null constraint log_key_is_there_once unique,
    since_size bigint      not null,
    voucher    text        null,
    added_at   timestamptz not null
);
