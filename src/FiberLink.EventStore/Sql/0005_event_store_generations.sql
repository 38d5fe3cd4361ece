-- Read models that are built beside the live ones: to take their place, or to be compared with them. The one that the
-- migrations made is number 1 and has no row.
create table event_store.generations (
    projection  text        not null,
    number      bigint      not null,
    purpose     text        not null,
    schema_name text        not null,
    fingerprint text        not null,
    state       text        not null default 'building',
    started_at  timestamptz not null default now(),
    changed_at  timestamptz not null default now(),
    constraint pk_generations primary key (projection, number),
    constraint generation_has_a_purpose check (purpose in ('rebuild', 'verify')),
    constraint generation_has_a_state check (state in ('building', 'ready', 'live', 'dropped'))
);

create unique index one_generation_is_built on event_store.generations (projection) where state in ('building', 'ready');
create unique index one_generation_is_live on event_store.generations (projection) where state = 'live';

-- How far the parts of a generation are: each part holds the streams of one hash.
create table event_store.generation_progress (
    projection text   not null,
    number     bigint not null,
    shard      int    not null,
    shards     int    not null,
    position   bigint not null default 0,
    constraint pk_generation_progress primary key (projection, number, shard),
    constraint fk_generation_progress foreign key (projection, number) references event_store.generations (projection, number)
);
