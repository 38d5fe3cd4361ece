-- Turns: of tenants when what is due becomes ready, and of names when some of them have no room. Whoever has a turn is found by the index,
-- past all that has none.
create index waiting_scheduled_by_tenant on messaging.waiting (tenant_id, due_at) where state = 'scheduled';

drop index messaging.waiting_ready;
create index waiting_ready on messaging.waiting (name, tenant_id, due_at, position) where state = 'ready';
