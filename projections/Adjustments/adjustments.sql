create schema if not exists read_models;

-- Every correction of a community's books by hand, and where it stands.
create table read_models.adjustments (
    adjustment_id    uuid          not null,
    tenant_id        text          not null,
    from_account     text          not null,
    from_member      text,
    to_account       text          not null,
    to_member        text,
    asset            text          not null,
    amount           numeric(39,0) not null,
    stage            text          not null,
    requested_by     text          not null,
    reason           text          not null,
    approved_by      text,
    reversal_by      text,
    requested_at     timestamptz   not null,
    updated_at       timestamptz   not null,
    last_position    bigint        not null,
    constraint pk_adjustments primary key (adjustment_id)
);

create index ix_adjustments_updated on read_models.adjustments (updated_at);
