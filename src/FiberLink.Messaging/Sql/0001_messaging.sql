-- Messages that leave with a commit, or come from outside, and are handled exactly once in effect.
create schema if not exists messaging;

-- What waits to be handled. A dispatcher takes a row by a lease; the handler's commit removes it.
create table messaging.waiting (
    message_id     uuid        not null constraint pk_waiting primary key,
    name           text        not null,
    tenant_id      text        not null,
    body           jsonb       not null,
    due_at         timestamptz not null,
    created_at     timestamptz not null default clock_timestamp(),
    attempts       integer     not null default 0,
    lease_owner    text        null,
    leased_until   timestamptz null,
    last_error     text        null,
    correlation_id text        null,
    trace_parent   text        null
);

create index waiting_by_due on messaging.waiting (due_at);

-- What was handled: the marker commits with the handler's effect, so a second delivery breaks pk_handled and writes nothing.
create table messaging.handled (
    message_id uuid        not null constraint pk_handled primary key,
    name       text        not null,
    handled_at timestamptz not null default clock_timestamp()
);

create index handled_by_time on messaging.handled (handled_at);

-- What no attempt could handle. Nothing is dropped: an operator decides.
create table messaging.dead_letters (
    message_id     uuid        not null constraint pk_dead_letters primary key,
    name           text        not null,
    tenant_id      text        not null,
    body           jsonb       not null,
    created_at     timestamptz not null,
    failed_at      timestamptz not null default clock_timestamp(),
    attempts       integer     not null,
    last_error     text        null,
    correlation_id text        null,
    trace_parent   text        null
);
