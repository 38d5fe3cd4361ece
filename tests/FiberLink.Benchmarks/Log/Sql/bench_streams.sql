create schema if not exists bench;

-- A row for each stream.
create table bench.streams (
    tenant  text   not null,
    stream  text   not null,
    units   bigint not null,
    version bigint not null,
    constraint pk_streams primary key (tenant, stream)
);
