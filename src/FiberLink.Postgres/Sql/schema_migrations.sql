create schema if not exists fiberlink;

create table if not exists fiberlink.schema_migrations
(
    id         text        not null,
    checksum   text        not null,
    applied_at timestamptz not null default now(),
    constraint schema_migrations_pkey primary key (id)
);
