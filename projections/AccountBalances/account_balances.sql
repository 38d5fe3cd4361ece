create schema if not exists read_models;

-- The sum of all postings, kept in the transaction that posts them.
create table read_models.account_balances (
    tenant_id     text          not null,
    account       text          not null,
    member        text          not null default '',
    asset         text          not null,
    units         numeric(39,0) not null,
    last_position bigint        not null,
    constraint pk_account_balances primary key (tenant_id, account, member, asset),
    constraint member_balance_is_not_negative check (account not in ('MemberAvailable', 'MemberHeld') or units >= 0)
);
