create schema if not exists read_models;

-- A tip enters when it is requested and is in the feed once it has a position: that of its settlement in the log, which is
-- commit order. So nobody who reads on from a position can miss one.
create table read_models.settled_feed (
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
    settled_at         timestamptz   null,
    position           bigint        null,
    constraint pk_settled_feed primary key (tenant_id, tip_id)
);

create unique index settled_feed_by_position on read_models.settled_feed (tenant_id, position) where position is not null;
