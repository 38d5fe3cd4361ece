create schema if not exists bench;

-- A row for each account, from the events of many streams.
create table bench.totals (
    account text   not null constraint pk_totals primary key,
    units   bigint not null,
    moves   bigint not null
);
