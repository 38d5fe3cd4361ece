create schema if not exists edge;

-- The nonces of signed requests, kept for as long as a replay would still be fresh.
create table edge.request_nonces (
    app_id  text        not null,
    nonce   text        not null,
    expires timestamptz not null,
    constraint pk_request_nonces primary key (app_id, nonce)
);

create index request_nonces_by_expiry on edge.request_nonces (expires);
