-- States of long streams, so that only the events after them have to be read. They may be deleted at any time: they only save work.
-- Position is that of the event at the version, so that a snapshot of another log or of a stream that is gone is told from one of ours.
create table event_store.snapshots (
    tenant_id text        not null,
    stream_id text        not null,
    state     text        not null,
    shape     text        not null,
    version   bigint      not null,
    position  bigint      not null,
    data      jsonb       not null,
    taken_at  timestamptz not null,
    constraint pk_snapshots primary key (tenant_id, stream_id, state)
);
