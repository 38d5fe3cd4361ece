create schema if not exists read_models;

-- The invoices that may still be paid, and when to ask the node about each next. What is settled leaves the table, so the cost
-- of a round depends on what is due and not on what there ever was.
create table read_models.invoice_watch (
    tenant_id    text        not null,
    tip_id       uuid        not null,
    payment_hash text        not null,
    stage        text        not null,
    issued_at    timestamptz null,
    expires_at   timestamptz null,
    next_poll_at timestamptz null,
    trace_parent text        null,
    constraint pk_invoice_watch primary key (tenant_id, tip_id)
);

create index invoice_watch_by_due on read_models.invoice_watch (next_poll_at) where next_poll_at is not null;
