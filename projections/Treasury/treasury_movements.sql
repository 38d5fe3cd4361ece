create schema if not exists read_models;

-- Every movement of the hub's own money and where it stands. The budget of a day is decided over it in the appending transaction.
create table read_models.treasury_movements (
    movement_id   uuid          not null,
    kind          text          not null,
    asset         text          not null,
    amount        numeric(39,0) not null,
    destination   text,
    place         text,
    way           text,
    stage         text          not null,
    requested_by  text          not null,
    reason        text          not null,
    approved_by   text,
    attempt       integer       not null default 0,
    evidence      text,
    fee           numeric(39,0),
    block_number  numeric(20,0),
    last_error    text,
    is_final      boolean       not null default false,
    requested_at  timestamptz   not null,
    counts_from   timestamptz,
    not_before    timestamptz,
    updated_at    timestamptz   not null,
    completed_at  timestamptz,
    last_position bigint        not null,
    constraint pk_treasury_movements primary key (movement_id)
);

-- What counts towards the budget of a day: since it was agreed to, and anew since each attempt.
create index ix_treasury_movements_counted on read_models.treasury_movements (asset, counts_from)
    include (amount) where kind = 'Sweep' and stage not in ('Requested', 'Failed', 'Cancelled');

create index ix_treasury_movements_updated on read_models.treasury_movements (updated_at);
