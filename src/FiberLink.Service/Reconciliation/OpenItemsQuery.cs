using System.Globalization;
using FiberLink.Events.Money;
using FiberLink.Postgres;
using Npgsql;
using NpgsqlTypes;

namespace FiberLink.Service.Reconciliation;

/// <summary>What is not over: several of one kind, age and asset together.</summary>
/// <param name="What">The kind's stable name.</param>
/// <param name="Age">For how long.</param>
/// <param name="Count">How many.</param>
/// <param name="Amount">All together.</param>
/// <param name="Since">Since when the oldest of them is.</param>
internal sealed record OpenItems(string What, AgeGroup Age, long Count, Amount Amount, DateTimeOffset Since);

/// <summary>Reads what waits and is no difference. Of tips it tells what the dashboards have seen.</summary>
internal sealed class OpenItemsQuery(NpgsqlDataSource database, TimeProvider time)
{
    // One statement, one snapshot. The database adds up: however much waits, the answer is short.
    private const string Read =
        """
        select what, age, asset, count(*), least(sum(units), 340282366920938463463374607431768211455)::text, min(since)
          from (select o.*, case when since is null then 5 when $1 - since < interval '1 hour' then 1
                                 when $1 - since < interval '1 day' then 2 when $1 - since < interval '7 days' then 3 else 4 end as age
                  from (select 'tip-' || case stage when 'Received' then 'held-at-the-node' else 'in-suspense' end as what, asset, units,
                               requested_at as since, tenant_id
                          from read_models.tip_activity where stage in ('Received', 'Suspended')
                        union all
                        select 'withdrawal-' || case when stage = 'Queued' then 'queued'
                                                     when stage = 'PaidAfterFailure' then 'paid-after-failure'
                                                     when stage = 'Lost' then 'lost'
                                                     when stage <> 'Completed' then 'under-way'
                                                     when destination_kind = 'CkbAddress' and block_hash is null then 'taken-back'
                                                     else 'not-final' end,
                               asset, pays, case when stage = 'Queued' then requested_at else updated_at end, tenant_id
                          from read_models.withdrawals
                         where stage in ('Queued', 'Prepared', 'Sent', 'InBlock', 'PaidAfterFailure', 'Lost')
                            or (stage = 'Completed' and not is_final)
                        union all
                        select 'movement-' || case when stage in ('Requested', 'Approved') then 'asked-for'
                                                   when stage = 'Lost' then 'lost'
                                                   when stage <> 'Completed' then 'under-way'
                                                   when block_number is null then 'taken-back'
                                                   else 'not-final' end,
                               asset, amount, case when stage in ('Requested', 'Approved') then requested_at else updated_at end, null
                          from read_models.treasury_movements
                         where stage in ('Requested', 'Approved', 'Prepared', 'Sent', 'InBlock', 'Lost')
                            or (stage = 'Completed' and not is_final)
                        union all
                        select 'adjustment-asked-for', asset, amount, updated_at, tenant_id
                          from read_models.adjustments where stage in ('Requested', 'ReversalRequested')) as o
                 where $2::text is null or tenant_id = $2) as aged
         group by what, age, asset order by what, age, asset
        """;

    /// <param name="tenant">Only this community, and nothing of the hub's own; null for everything.</param>
    /// <param name="ct">Stops the read.</param>
    public async Task<IReadOnlyList<OpenItems>> ReadAsync(string? tenant, CancellationToken ct)
    {
        await using var command = database.Command(
            Read,
            new() { Value = time.GetUtcNow().ToUniversalTime() },
            new() { Value = (object?)tenant ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        command.CommandTimeout = 0;
        await using var reader = await command.ExecuteReaderAsync(ct);
        var items = new List<OpenItems>();
        while (await reader.ReadAsync(ct))
        {
            items.Add(new(
                reader.GetString(0),
                (AgeGroup)reader.GetInt32(1),
                reader.GetInt64(3),
                new(new(reader.GetString(2)), UInt128.Parse(reader.GetString(4), CultureInfo.InvariantCulture)),
                reader.GetFieldValue<DateTimeOffset>(5)));
        }

        return items;
    }
}
