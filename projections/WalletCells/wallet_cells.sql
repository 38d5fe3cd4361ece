create schema if not exists read_models;

-- The cells that transactions of ours spend or may still spend, whoever's withdrawals they pay. A cell is there once: no two
-- transactions that could both be in the chain are ever signed over it.
create table read_models.wallet_cells (
    out_point        text not null,
    transaction_hash text not null,
    constraint pk_wallet_cells primary key (out_point)
);

create index ix_wallet_cells_transaction on read_models.wallet_cells (transaction_hash);
