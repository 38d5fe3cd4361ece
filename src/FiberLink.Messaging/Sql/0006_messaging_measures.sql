-- What is measured of messages, at a cost that does not grow with them.
alter table messaging.waiting

    -- When it was to be handled first: as it was sent, or as it was due, if that was later. Null for those of before.
    add column wanted_at timestamptz null;

create index waiting_behind on messaging.waiting (tenant_id) where state = 'behind';
create index dead_letters_open on messaging.dead_letters (failed_at) where discarded_at is null;
