create schema if not exists read_models;

create table read_models.tip_status (
    tenant_id    text   not null,
    tip_id       uuid   not null,
    payment_hash text   not null,
    invoice      text   null,
    asset        text   not null,
    stage        text   not null,
    constraint pk_tip_status primary key (tenant_id, tip_id),
    constraint one_tip_per_payment_hash unique (payment_hash)
);

-- Invoices are long and only ever asked for whole.
create index tip_status_by_invoice on read_models.tip_status using hash (invoice);
