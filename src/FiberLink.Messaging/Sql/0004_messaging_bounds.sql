-- What the program refuses is refused here as well, whoever writes it. An index must be able to hold names, tenants and keys; the bound of a
-- body is that of the program in the form in which it is stored, which is at most eight times as large as its text.
alter table messaging.waiting
    add constraint ck_waiting_name check (char_length(name) <= 128),
    add constraint ck_waiting_tenant check (char_length(tenant_id) <= 128),
    add constraint ck_waiting_key check (char_length(ordering_key) <= 255),
    add constraint ck_waiting_correlation check (char_length(correlation_id) <= 255),
    add constraint ck_waiting_body check (pg_column_size(body) <= 8 * 1024 * 1024);

alter table messaging.keys
    add constraint ck_keys_key check (char_length(ordering_key) <= 255);

alter table messaging.schedules
    add constraint ck_schedules_name check (char_length(name) <= 128),
    add constraint ck_schedules_owner check (char_length(owner) <= 128);
