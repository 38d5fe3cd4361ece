create schema if not exists read_models;

create table read_models.communities (
    app_id               text        not null constraint pk_communities primary key,
    name                 text        not null,
    registered_at        timestamptz not null,
    secret_id            uuid        not null,
    previous_secret_id   uuid        null,
    previous_valid_until timestamptz null,
    rotated_at           timestamptz null
);
