create schema if not exists read_models;

create table read_models.tip_activity (
    tenant_id          text          not null,
    tip_id             uuid          not null,
    post_id            text          not null,
    from_member        text          not null,
    to_member          text          not null,
    asset              text          not null,
    units              numeric(39,0) not null,
    message_key        uuid          null,
    message_nonce      text          null,
    message_ciphertext text          null,
    invoice            text          null,
    stage              text          null,
    requested_at       timestamptz   not null,
    settled_at         timestamptz   null,
    position           bigint        not null,
    constraint pk_tip_activity primary key (tenant_id, tip_id)
);

create index tip_activity_by_sender on read_models.tip_activity (tenant_id, from_member, position desc);
create index tip_activity_by_recipient on read_models.tip_activity (tenant_id, to_member, position desc);

-- Kept by difference, so that a member with a million tips costs no more to show than one with ten.
create table read_models.member_tip_counts (
    tenant_id      text          not null,
    member         text          not null,
    asset          text          not null,
    pending        bigint        not null default 0,
    completed      bigint        not null default 0,
    failed         bigint        not null default 0,
    incoming_units numeric(39,0) not null default 0,
    constraint pk_member_tip_counts primary key (tenant_id, member, asset)
);
