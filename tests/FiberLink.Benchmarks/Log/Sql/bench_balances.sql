create schema if not exists bench;

-- Kept in the transaction that appends.
create table bench.balances (
    account       text   not null constraint pk_balances primary key,
    units         bigint not null,
    last_position bigint not null,
    constraint balance_has_a_floor check (units >= -1000000000)
);
