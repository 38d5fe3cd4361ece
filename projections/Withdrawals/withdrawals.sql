create schema if not exists read_models;

-- Every withdrawal and where it stands. Limits are decided over it in the transaction that holds the money.
create table read_models.withdrawals (
    tenant_id        text          not null,
    withdrawal_id    uuid          not null,
    member           text          not null,
    asset            text          not null,
    amount           numeric(39,0) not null,
    pays             numeric(39,0) not null,
    hold             numeric(39,0) not null,
    destination_kind text          not null,
    destination      text          not null,
    payment_hash     text,
    stage            text          not null,
    needs_approval   boolean       not null,
    is_held_back     boolean       not null default false,
    awaits_liquidity boolean       not null,
    not_before       timestamptz,
    attempt          integer       not null default 0,
    evidence         text,
    fee              numeric(39,0),
    block_number     numeric(20,0),
    block_hash       text,
    last_error       text,
    usd_cents        bigint,
    is_final         boolean       not null default false,
    requested_at     timestamptz   not null,
    updated_at       timestamptz   not null,
    completed_at     timestamptz,
    last_position    bigint        not null,
    constraint pk_withdrawals primary key (tenant_id, withdrawal_id)
);

-- What counts towards the limits of 24 hours.
create index ix_withdrawals_used on read_models.withdrawals (tenant_id, asset, requested_at)
    include (member, amount) where stage not in ('Failed', 'Cancelled');

create index ix_withdrawals_of_member on read_models.withdrawals (tenant_id, member, asset, requested_at);

create index ix_withdrawals_updated on read_models.withdrawals (tenant_id, updated_at);

-- What waits to be paid on chain, whose ever it is.
create index ix_withdrawals_queue on read_models.withdrawals (destination_kind, asset, requested_at)
    include (pays) where stage = 'Queued';

-- What is under way, so that the same invoice is not paid twice and several withdrawals of one transaction find each other.
create index ix_withdrawals_evidence on read_models.withdrawals (evidence) where evidence is not null;

create index ix_withdrawals_payment_hash on read_models.withdrawals (payment_hash) where payment_hash is not null;

create unique index ux_withdrawals_open_invoice on read_models.withdrawals (payment_hash)
    where payment_hash is not null and stage not in ('Failed', 'Cancelled', 'PaidAfterFailure');
