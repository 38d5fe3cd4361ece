-- Messages that are not worth handling after a time. One that expires is finished, and stays on record as long as those that were handled.
alter table messaging.waiting
    add column expires_at timestamptz null;

alter table messaging.dead_letters
    add column expired_at timestamptz null;

drop index messaging.dead_letters_open;
create index dead_letters_open on messaging.dead_letters (failed_at) where discarded_at is null and expired_at is null;
create index dead_letters_expired on messaging.dead_letters (expired_at) where expired_at is not null;

alter table messaging.schedules
    add column expires_after interval null constraint ck_schedules_expire_later check (expires_after > interval '0');
