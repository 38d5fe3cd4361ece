-- Every change by its id, so that it is appended once, and so that somebody who never got an answer can ask for it. A row that says
-- is_void was put there by whoever asked first: the change can no longer commit.
create table event_store.changes (
    id            uuid    not null constraint pk_changes primary key,
    last_position bigint  null,
    event_count   integer not null,
    is_void       boolean not null default false
);

-- Appends what a writer presumes it may append: it has decided on versions and positions before it asked. Where the log is not as
-- presumed, nothing is written (FL001), and the writer looks first and then asks again.
-- Streams are locked in the order of the arrays, the head last. Comes back with how many microseconds it waited for the head.
create function event_store.append_presumed(
    presumed_head bigint,
    moved_tenants text[], moved_keys text[], moved_from bigint[], moved_to bigint[], moved_at timestamptz[],
    made_tenants text[], made_keys text[], made_types text[], made_to bigint[], made_at timestamptz[],
    ids uuid[], tenants text[], keys text[], versions bigint[], bodies jsonb[], types text[], dotnet_types text[], times timestamptz[],
    correlations text[], causations text[], headers jsonb[], users text[],
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
        (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, mt_dotnet_type, correlation_id, causation_id, headers, user_name)
    select presumed_head + e.n, e.id, e.key, e.version, e.body, e.type, e.at, e.tenant, e.dotnet_type,
           e.correlation, e.causation, e.headers, e.by
      from unnest(ids, tenants, keys, versions, bodies, types, dotnet_types, times, correlations, causations, headers, users)
           with ordinality
        as e (id, tenant, key, version, body, type, dotnet_type, at, correlation, causation, headers, by, n);

    insert into event_store.changes (id, last_position, event_count)
    select c.id, c.last_position, c.event_count
      from unnest(change_ids, change_last, change_counts) as c (id, last_position, event_count);
    return extract(epoch from had - asked) * 1000000;
end
$append$;

-- Takes names for holders, or none of them: one that another holder has ends the transaction (FL002).
create function event_store.take_claims(
    tenants text[], scopes text[], keys text[], holders text[], untils timestamptz[], times timestamptz[])
returns void
language plpgsql
set lock_timeout = '10s'
as $claims$
declare
    has text;
begin
    for i in 1 .. cardinality(keys) loop
        insert into event_store.claims as held (tenant_id, scope, key, holder, until)
        values (tenants[i], scopes[i], keys[i], holders[i], untils[i])
        on conflict on constraint pk_claims do update
           set holder = case when held.until <= times[i] or held.holder = excluded.holder then excluded.holder else held.holder end,
               until  = case when held.until <= times[i] or held.holder = excluded.holder then excluded.until  else held.until  end
        returning holder into has;
        if has <> holders[i] then
            raise exception 'The name %/%/% is held by %.', tenants[i], scopes[i], keys[i], has using errcode = 'FL002';
        end if;
    end loop;
end
$claims$;
