-- Whose each output of such a transaction is. The same cells, address and amount make the same transaction: two payments planned apart
-- could come out as one, be believed paid by it both, and be paid once.
create table read_models.wallet_outputs (
    transaction_hash text    not null,
    output_index     integer not null,
    constraint pk_wallet_outputs primary key (transaction_hash, output_index)
);
