create schema if not exists read_models;

-- Every posting, and what its account stood at with it: so that a balance of any moment is one row, found by the index.
create table read_models.ledger_entries (
    tenant_id text          not null,
    position  bigint        not null,
    posting   integer       not null,
    account   text          not null,
    member    text          not null default '',
    asset     text          not null,
    units     numeric(39,0) not null,
    balance   numeric(39,0) not null,
    event_id  uuid          not null,
    event     text          not null,
    stream    text          not null,
    at        timestamptz   not null,
    constraint pk_ledger_entries primary key (tenant_id, position, posting)
);

create unique index ledger_entries_by_account on read_models.ledger_entries (tenant_id, member, account, asset, position, posting);
