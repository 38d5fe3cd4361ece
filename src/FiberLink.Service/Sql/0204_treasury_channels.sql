-- What goes into channels counts towards the budget of its day too: it leaves the wallet for keys that are not the wallet's.
create or replace function treasury.admit(p_movement uuid[], p_day_max text[])
returns void
language plpgsql
as $$
declare
    m read_models.treasury_movements%rowtype;
begin
    for i in 1 .. cardinality(p_movement) loop
        select * into strict m from read_models.treasury_movements as r where r.movement_id = p_movement[i];
        if (select sum(o.amount) from read_models.treasury_movements as o
             where o.asset = m.asset and o.kind in ('Sweep', 'ToChannel') and o.stage not in ('Requested', 'Failed', 'Cancelled')
               and o.counts_from > m.counts_from - interval '24 hours')
           > p_day_max[i]::numeric
        then
            raise exception 'More would leave in a day than may.' using errcode = '23514', constraint = 'treasury_day_max';
        end if;
    end loop;
end
$$;
