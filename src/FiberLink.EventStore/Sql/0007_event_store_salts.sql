-- What hashes in events were salted with. It is beside the log so that it can be lost: without it such a hash tells nobody anything.
create table event_store.log_salts (
    id   uuid  not null constraint pk_log_salts primary key,
    salt bytea not null constraint log_salt_has_32_bytes check (length(salt) = 32)
);
