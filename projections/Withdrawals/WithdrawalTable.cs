using Npgsql;

namespace FiberLink.Projections.Withdrawals;

/// <summary>All withdrawals of a community that were requested in a window of time, as they stand.</summary>
public sealed class WithdrawalTable(NpgsqlDataSource database)
{
    private static readonly IReadOnlyList<(string Name, string Sql)> Columns =
    [
        ("withdrawal_id", "withdrawal_id::text"), ("member", "member"), ("asset", "asset"), ("units", "amount::text"),
        ("pays_units", "pays::text"), ("fee_units", "fee::text"),

        // The way over the chain is paid in coins, whatever goes there.
        ("fee_asset", "case when fee is null then null when destination_kind = 'CkbAddress' then 'CKB' else asset end"),
        ("destination_kind", "destination_kind"), ("destination", "destination"), ("stage", "stage"),
        ("attempt", "attempt::bigint"), ("evidence", "evidence"),
        ("block_number", "block_number::text"), ("usd_cents", "usd_cents"), ("requested_at", "requested_at"),
        ("completed_at", "completed_at"), ("updated_at", "updated_at"), ("last_position", "last_position"),
    ];

    /// <summary>In the order in which they were requested.</summary>
    /// <param name="tenant">The community.</param>
    /// <param name="from">The first moment.</param>
    /// <param name="to">The first moment after it.</param>
    public TableRows Of(string tenant, DateTimeOffset from, DateTimeOffset to) => TableRows.Of(
        database,
        Columns,
        "from read_models.withdrawals where tenant_id = $1 and requested_at >= $2 and requested_at < $3 "
        + "order by requested_at, withdrawal_id",
        tenant,
        from.ToUniversalTime(),
        to.ToUniversalTime());
}
