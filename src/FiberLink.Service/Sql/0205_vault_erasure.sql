-- Deletes a member's key, in the transaction that records it: whoever holds keys in memory is told as it commits. Fails when the member
-- has no such key any more, so that nothing is recorded that was not done.
create function vault.erase_member_key(p_tenant text, p_member text, p_key uuid) returns void
language plpgsql
as $$
begin
    delete from vault.member_keys where tenant_id = p_tenant and member = p_member and key_id = p_key;
    if not found then
        raise exception 'The key % is gone.', p_key using errcode = 'check_violation', constraint = 'member_key_is_there';
    end if;

    perform pg_notify('fiberlink_member_keys', '');
end
$$;
