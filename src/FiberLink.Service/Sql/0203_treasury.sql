create schema if not exists treasury;

-- Makes sure of a day's budget in the transaction that lets something out, under the log's lock: the rows of the movements are written
-- already, and so is every other one of the same transaction.
create function treasury.admit(p_movement uuid[], p_day_max text[])
returns void
language plpgsql
as $$
declare
    m read_models.treasury_movements%rowtype;
begin
    for i in 1 .. cardinality(p_movement) loop
        select * into strict m from read_models.treasury_movements as r where r.movement_id = p_movement[i];
        if (select sum(o.amount) from read_models.treasury_movements as o
             where o.asset = m.asset and o.kind = 'Sweep' and o.stage not in ('Requested', 'Failed', 'Cancelled')
               and o.counts_from > m.counts_from - interval '24 hours')
           > p_day_max[i]::numeric
        then
            raise exception 'More would leave in a day than may.' using errcode = '23514', constraint = 'treasury_day_max';
        end if;
    end loop;
end
$$;

-- What was seen last at each place, for whoever asks in another process.
create table treasury.looks (
    place      text          not null,
    asset      text          not null,
    total      numeric(39,0) not null,
    usable     numeric(39,0) not null,
    pending    numeric(39,0) not null,
    receivable numeric(39,0) not null,
    seen_at    timestamptz   not null,
    constraint pk_looks primary key (place, asset)
);

-- What is wrong, since when, and whether somebody was told.
create table treasury.alarms (
    kind     text          not null,
    place    text          not null,
    asset    text          not null,
    units    numeric(39,0) not null,
    since    timestamptz   not null,
    told_at  timestamptz,
    constraint pk_alarms primary key (kind, place, asset)
);

-- Notes what is wrong at the places that were looked at. Of a difference that comes and goes with the traffic only the part that stays
-- is kept; one that changes sides begins anew. Answers with what is to be told: what has lasted for long enough, and what has ended.
create function treasury.note_alarms(
    p_places text[], p_assets text[], p_kind text[], p_place text[], p_asset text[], p_units text[], p_now timestamptz, p_grace interval)
returns table (what text, kind text, place text, asset text, units text, since timestamptz)
language plpgsql
as $$
#variable_conflict use_column
begin
    lock table treasury.alarms in share row exclusive mode;

    return query
        with over as (
            delete from treasury.alarms as a
             using unnest(p_places, p_assets) as l (place, asset)
             where a.place = l.place and a.asset = l.asset
               and not exists (select from unnest(p_kind, p_place, p_asset, p_units) as n (kind, place, asset, units)
                                where n.kind = a.kind and n.place = a.place and n.asset = a.asset
                                  and sign(n.units::numeric) = sign(a.units))
            returning a.*)
        select 'over', o.kind, o.place, o.asset, o.units::text, o.since from over as o where o.told_at is not null;

    insert into treasury.alarms as a (kind, place, asset, units, since)
    select n.kind, n.place, n.asset, n.units::numeric, p_now
      from unnest(p_kind, p_place, p_asset, p_units) as n (kind, place, asset, units)
    on conflict on constraint pk_alarms do update
       set units = case when a.kind = 'BooksDiffer' and abs(a.units) < abs(excluded.units) then a.units else excluded.units end;

    return query
        update treasury.alarms as a set told_at = p_now
         where a.told_at is null and a.since <= p_now - p_grace
        returning 'raised', a.kind, a.place, a.asset, a.units::text, a.since;
end
$$;
