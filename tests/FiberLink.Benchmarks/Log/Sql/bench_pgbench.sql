create schema if not exists bench;

-- Something that has nothing to do with the log.
create table bench.unrelated (
    id bigint generated always as identity primary key
);

-- What pgbench compares with four round trips: the same rows by one call.
create function bench.append(stream text)
returns void
language plpgsql
as $append$
begin
    insert into event_store.mt_streams (tenant_id, id, type, version)
    values ('pgbench', stream, 'account', 3);

    insert into event_store.mt_events (seq_id, id, stream_id, version, data, type, tenant_id, mt_dotnet_type, correlation_id, user_name)
    values
        (nextval('event_store.mt_events_sequence'), gen_random_uuid(), stream, 1, '{"owner": "somebody"}',
         'bench.opened', 'pgbench', 'FiberLink.Benchmarks.Log.Opened', 'bench', 'benchmark'),
        (nextval('event_store.mt_events_sequence'), gen_random_uuid(), stream, 2, '{"account": "account-1", "units": 100}',
         'bench.deposited', 'pgbench', 'FiberLink.Benchmarks.Log.Deposited', 'bench', 'benchmark'),
        (nextval('event_store.mt_events_sequence'), gen_random_uuid(), stream, 3, '{"account": "account-1", "units": 100}',
         'bench.deposited', 'pgbench', 'FiberLink.Benchmarks.Log.Deposited', 'bench', 'benchmark');
end
$append$;
