-- The log, on Marten's tables (string stream keys, conjoined tenancy), so that a real Marten opens it and reads every stream.
-- Names and types of the mt_ objects are Marten's; what is ours beside them is not.
create schema if not exists event_store;

create table event_store.mt_streams (
    tenant_id   varchar     not null default '*DEFAULT*',
    id          varchar     not null,
    type        varchar     null,
    version     bigint      null,
    timestamp   timestamptz not null default now(),
    created     timestamptz not null default now(),
    is_archived boolean     null default false,
    constraint pkey_mt_streams_tenant_id_id primary key (tenant_id, id)
);

create sequence event_store.mt_events_sequence;

create table event_store.mt_events (
    seq_id         bigint       not null,
    id             uuid         not null,
    stream_id      varchar      null,
    version        bigint       not null,
    data           jsonb        not null,
    bdata          bytea        null,
    type           varchar(500) not null,
    timestamp      timestamptz  not null default now(),
    tenant_id      varchar      null default '*DEFAULT*',
    mt_dotnet_type varchar      null,
    correlation_id varchar      null,
    causation_id   varchar      null,
    headers        jsonb        null,
    user_name      varchar      null,
    is_archived    boolean      null default false,
    constraint pkey_mt_events_seq_id primary key (seq_id),
    constraint fkey_mt_events_stream_id_tenant_id foreign key (tenant_id, stream_id)
        references event_store.mt_streams (tenant_id, id)
);

create unique index pk_mt_events_stream_and_version on event_store.mt_events (tenant_id, stream_id, version);

alter sequence event_store.mt_events_sequence owned by event_store.mt_events.seq_id;

create table event_store.mt_event_progression (
    name         varchar     not null constraint pk_mt_event_progression primary key,
    last_seq_id  bigint      null,
    last_updated timestamptz null default transaction_timestamp()
);

create table event_store.mt_high_water_skips (
    ending_sequence   bigint      not null constraint pkey_mt_high_water_skips_ending_sequence primary key,
    starting_sequence bigint      not null,
    timestamp         timestamptz null default now()
);

-- The log's head. Whoever appends locks this row last, just before the events, and holds it until commit: so positions are
-- given in commit order, without gaps, and a reader who has seen position N has seen everything up to N.
create table event_store.log_head (
    is_head  boolean not null default true constraint pk_log_head primary key constraint log_has_one_head check (is_head),
    position bigint  not null
);

insert into event_store.log_head (position) values (0);

-- A name that one holder has until a time.
create table event_store.claims (
    tenant_id text        not null,
    scope     text        not null,
    key       text        not null,
    holder    text        not null,
    until     timestamptz not null,
    constraint pk_claims primary key (tenant_id, scope, key)
);

create index claims_by_holder on event_store.claims (tenant_id, scope, holder);
create index claims_by_until on event_store.claims (until);

-- What the daemon says about each async projection beside its progress.
create table event_store.projection_state (
    name            text        not null constraint pk_projection_state primary key,
    state           text        not null,
    owner           text        null,
    last_error      text        null,
    failed_position bigint      null,
    updated_at      timestamptz not null default now()
);
