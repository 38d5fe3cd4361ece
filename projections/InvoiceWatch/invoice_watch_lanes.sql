-- Two lanes: what is fresh must not wait behind what is old, however much of that there is. And by community, so that when more is
-- due than can be asked about, each gets its turn.
alter table read_models.invoice_watch add column is_slow boolean not null default false;

drop index read_models.invoice_watch_by_due;
create index invoice_watch_by_lane on read_models.invoice_watch (is_slow, next_poll_at) where next_poll_at is not null;
create index invoice_watch_by_tenant on read_models.invoice_watch (is_slow, tenant_id, next_poll_at) where next_poll_at is not null;
