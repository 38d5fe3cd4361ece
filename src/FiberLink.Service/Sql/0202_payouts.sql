create schema if not exists payouts;

-- Makes sure of what new withdrawals were decided on, in the transaction that holds their money and under the log's lock: nothing can
-- come in between. The rows of the withdrawals themselves are there already, and so is every other one of the same transaction.
create function payouts.admit(
    p_tenant text[], p_withdrawal uuid[], p_rules bigint[], p_hub_rules bigint[],
    p_member_day_max text[], p_community_day_max text[], p_member_open_max text[], p_cooldown_seconds bigint[])
returns void
language plpgsql
as $$
declare
    w read_models.withdrawals%rowtype;
    broken text;
begin
    for i in 1 .. cardinality(p_withdrawal) loop
        select * into strict w from read_models.withdrawals as r
         where r.tenant_id = p_tenant[i] and r.withdrawal_id = p_withdrawal[i];

        broken := case
            when coalesce((select r.position from read_models.payout_rules as r where r.tenant_id = w.tenant_id), 0) <> p_rules[i]
              or coalesce((select r.position from read_models.payout_rules as r where r.tenant_id = '@hub'), 0) <> p_hub_rules[i]
                then 'payout_rules_have_not_moved'
            when (select sum(o.amount) from read_models.withdrawals as o
                   where o.tenant_id = w.tenant_id and o.asset = w.asset and o.member = w.member
                     and o.requested_at > w.requested_at - interval '24 hours' and o.stage not in ('Failed', 'Cancelled'))
                 > p_member_day_max[i]::numeric
                then 'payout_member_day_max'
            when (select sum(o.amount) from read_models.withdrawals as o
                   where o.tenant_id = w.tenant_id and o.asset = w.asset
                     and o.requested_at > w.requested_at - interval '24 hours' and o.stage not in ('Failed', 'Cancelled'))
                 > p_community_day_max[i]::numeric
                then 'payout_community_day_max'
            when p_cooldown_seconds[i] > 0 and exists (
                  select from read_models.withdrawals as o
                   where o.tenant_id = w.tenant_id and o.asset = w.asset and o.member = w.member and o.withdrawal_id <> w.withdrawal_id
                     and o.requested_at > w.requested_at - p_cooldown_seconds[i] * interval '1 second'
                     and o.stage not in ('Failed', 'Cancelled'))
                then 'payout_cooldown'
            when p_member_open_max[i] is not null
             and (select sum(o.amount) from read_models.withdrawals as o
                   where o.tenant_id = w.tenant_id and o.asset = w.asset and o.member = w.member
                     and o.stage in ('Queued', 'Prepared', 'Sent', 'InBlock'))
                 > p_member_open_max[i]::numeric
                then 'payout_member_open_max'
        end;
        if broken is not null then
            raise exception 'A withdrawal was decided on what is no longer so: %.', broken using errcode = '23514', constraint = broken;
        end if;
    end loop;
end
$$;
