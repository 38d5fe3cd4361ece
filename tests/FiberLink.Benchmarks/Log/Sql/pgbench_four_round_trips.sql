\set number random(1, 9000000000000000000)
begin;
insert into event_store.mt_streams (tenant_id, id, type, version)
values ('pgbench', 'account-' || :number::text, 'account', 3);
insert into event_store.mt_events (seq_id, id, stream_id, version, data, type, tenant_id, mt_dotnet_type, correlation_id, user_name)
values
    (nextval('event_store.mt_events_sequence'), gen_random_uuid(), 'account-' || :number::text, 1, '{"owner": "somebody"}',
     'bench.opened', 'pgbench', 'FiberLink.Benchmarks.Log.Opened', 'bench', 'benchmark'),
    (nextval('event_store.mt_events_sequence'), gen_random_uuid(), 'account-' || :number::text, 2,
     '{"account": "account-1", "units": 100}',
     'bench.deposited', 'pgbench', 'FiberLink.Benchmarks.Log.Deposited', 'bench', 'benchmark'),
    (nextval('event_store.mt_events_sequence'), gen_random_uuid(), 'account-' || :number::text, 3,
     '{"account": "account-1", "units": 100}',
     'bench.deposited', 'pgbench', 'FiberLink.Benchmarks.Log.Deposited', 'bench', 'benchmark');
commit;
