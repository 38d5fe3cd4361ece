using Npgsql;

namespace FiberLink.Projections.TipActivity;

/// <summary>All tips of a community that were requested in a window of time, as they stand.</summary>
public sealed class TipTable(NpgsqlDataSource database)
{
    private static readonly IReadOnlyList<(string Name, string Sql)> Columns =
    [
        ("tip_id", "tip_id::text"), ("post_id", "post_id"), ("from_member", "from_member"), ("to_member", "to_member"),
        ("asset", "asset"), ("units", "units::text"), ("stage", "coalesce(stage, 'Requested')"), ("invoice", "invoice"),
        ("requested_at", "requested_at"), ("settled_at", "settled_at"), ("position", "position"),
    ];

    /// <summary>In the order in which they were requested.</summary>
    public TableRows Of(TipWindow window) => TableRows.Of(
        database,
        Columns,
        "from read_models.tip_activity where tenant_id = $1 and requested_at >= $2 and requested_at < $3 order by requested_at, tip_id",
        window.Tenant,
        window.From.ToUniversalTime(),
        window.To.ToUniversalTime());
}
