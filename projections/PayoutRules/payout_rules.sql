create schema if not exists read_models;

-- What was decided last about an asset's withdrawals in a community.
create table read_models.payout_policies (
    tenant_id  text        not null,
    asset      text        not null,
    limits     jsonb       not null,
    changed_by text        not null,
    reason     text        not null,
    changed_at timestamptz not null,
    constraint pk_payout_policies primary key (tenant_id, asset)
);

-- What is stopped: all withdrawals ('Paused', ''), those of an asset ('Paused', its code), a member's, those to a destination.
create table read_models.payout_stops (
    tenant_id  text        not null,
    kind       text        not null,
    value      text        not null,
    stopped_by text        not null,
    reason     text        not null,
    stopped_at timestamptz not null,
    constraint pk_payout_stops primary key (tenant_id, kind, value)
);

-- The last position at which any of it changed: what was decided on an earlier one is decided again.
create table read_models.payout_rules (
    tenant_id text   not null,
    position  bigint not null,
    constraint pk_payout_rules primary key (tenant_id)
);
