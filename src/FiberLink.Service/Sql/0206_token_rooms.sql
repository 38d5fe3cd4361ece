-- What was given away for the room of tokens' cells, and when: as much as the transactions give that were prepared, whatever became of them.
create table payouts.token_rooms (
    tenant_id     text          not null,
    withdrawal_id uuid          not null,
    attempt       integer       not null,
    units         numeric(39,0) not null,
    given_at      timestamptz   not null,
    constraint pk_token_rooms primary key (tenant_id, withdrawal_id, attempt)
);

create index ix_token_rooms_given on payouts.token_rooms (given_at) include (units);

-- Lets rooms count towards the budget of their day, in the transaction that prepares what gives them, and under the log's lock: nothing
-- can come in between. What no day counts any more is let go.
create function payouts.give_rooms(
    p_tenant text[], p_withdrawal uuid[], p_attempt integer[], p_units text[], p_at timestamptz[], p_day_max text[])
returns void
language plpgsql
as $$
begin
    delete from payouts.token_rooms where given_at < (select min(g.at) from unnest(p_at) as g (at)) - interval '7 days';

    insert into payouts.token_rooms (tenant_id, withdrawal_id, attempt, units, given_at)
    select g.tenant_id, g.withdrawal_id, g.attempt, g.units::numeric, g.at
      from unnest(p_tenant, p_withdrawal, p_attempt, p_units, p_at) as g (tenant_id, withdrawal_id, attempt, units, at);

    for i in 1 .. cardinality(p_withdrawal) loop
        if (select sum(r.units) from payouts.token_rooms as r where r.given_at > p_at[i] - interval '24 hours') > p_day_max[i]::numeric then
            raise exception 'More would be given away in a day than may.' using errcode = '23514', constraint = 'token_rooms_day_max';
        end if;
    end loop;
end
$$;
