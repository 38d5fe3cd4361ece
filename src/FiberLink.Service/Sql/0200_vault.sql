-- What must be kept beside the log because it must be possible to lose it: secrets and keys, each sealed under a master key
-- that is not in the database.
create schema if not exists vault;

create table vault.community_secrets (
    secret_id     uuid        not null constraint pk_community_secrets primary key,
    app_id        text        not null,
    master_key_id text        not null,
    nonce         bytea       not null,
    ciphertext    bytea       not null,
    created_at    timestamptz not null default clock_timestamp()
);

-- One key for each member's texts. Deleting the row erases the texts.
create table vault.member_keys (
    key_id        uuid        not null constraint pk_member_keys primary key,
    tenant_id     text        not null,
    member        text        not null,
    master_key_id text        not null,
    nonce         bytea       not null,
    ciphertext    bytea       not null,
    created_at    timestamptz not null default clock_timestamp(),
    constraint one_key_per_member unique (tenant_id, member)
);
