-- Messages that are sent again and again. One row for each schedule: whoever fires it holds the row, and moves it on in the transaction
-- that sends.
create table messaging.schedules (
    name          text        not null constraint pk_schedules primary key,

    -- The component whose list has it. When the list has it no more, the schedule is orphaned: it stays, and stops.
    owner         text        not null,
    recurrence    text        not null,
    catch_up      text        not null,
    message_name  text        not null,
    tenant_id     text        not null,
    body          jsonb       not null,
    next_due_at   timestamptz not null,

    -- The last time that it was fired for, by its own pattern, and when that was done.
    last_due_at   timestamptz null,
    last_fired_at timestamptz null,

    -- How often it was due and its policy sent nothing.
    skipped       bigint      not null default 0,
    is_paused     boolean     not null default false,
    orphaned_at   timestamptz null,
    declared_at   timestamptz not null default clock_timestamp(),
    constraint ck_schedules_go_on check (last_due_at < next_due_at)
) with (fillfactor = 50);

-- Operators decide about schedules as well: those have a name and no message.
alter table messaging.operator_actions
    alter column message_id drop not null,
    drop constraint ck_operator_action,
    add constraint ck_operator_action check (action in ('replay', 'discard', 'pause', 'resume')),
    add constraint ck_operator_action_subject check ((message_id is null) = (action in ('pause', 'resume')));
