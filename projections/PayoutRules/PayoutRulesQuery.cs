using System.Text.Json;
using FiberLink.Events;
using FiberLink.Events.Money;
using FiberLink.Events.Withdrawals;
using Npgsql;

namespace FiberLink.Projections.PayoutRules;

/// <param name="Tenant">The community.</param>
/// <param name="Asset">The asset.</param>
/// <param name="Limits">All of them.</param>
/// <param name="By">Who set them.</param>
/// <param name="Reason">Why.</param>
/// <param name="ChangedAt">When.</param>
public sealed record PayoutPolicyRow(
    string Tenant, Asset Asset, PayoutLimits Limits, string By, string Reason, DateTimeOffset ChangedAt);

/// <param name="Tenant">The community, or the hub for all of them.</param>
/// <param name="Kind">Paused, Member or Destination.</param>
/// <param name="Value">The asset's code or nothing, the member, the destination.</param>
/// <param name="By">Who stopped it.</param>
/// <param name="Reason">Why.</param>
/// <param name="StoppedAt">When.</param>
public sealed record PayoutStopRow(string Tenant, string Kind, string Value, string By, string Reason, DateTimeOffset StoppedAt);

/// <summary>Reads limits and stops.</summary>
public sealed class PayoutRulesQuery(NpgsqlDataSource database)
{
    private const string PoliciesSql =
        """
        select tenant_id, asset, limits::text, changed_by, reason, changed_at from read_models.payout_policies
         where $1 = '' or tenant_id = $1 order by tenant_id, asset
        """;

    private const string StopSql =
        """
        select reason from read_models.payout_stops
         where tenant_id in ($1, $2)
           and ((kind = 'Paused' and value in ('', $3)) or (kind = 'Member' and value = $4) or (kind = 'Destination' and value = $5))
         order by stopped_at limit 1
        """;

    private const string StopsSql =
        """
        select tenant_id, kind, value, stopped_by, reason, stopped_at from read_models.payout_stops
         where $1 = '' or tenant_id = $1 order by tenant_id, kind, value
        """;

    /// <summary>Why nothing of the kind may leave now: a pause, or a denial of member or destination; null when nothing says so.</summary>
    public async Task<string?> FindStopAsync(string tenant, Asset asset, string member, string destination, CancellationToken ct)
    {
        await using var command = Sql.Command(database, StopSql, tenant, Tenants.Hub, asset.Code, member, destination);
        return (string?)await command.ExecuteScalarAsync(ct);
    }

    /// <summary>Of one community, or of all when it is null.</summary>
    public async Task<IReadOnlyList<PayoutPolicyRow>> PoliciesAsync(string? tenant, CancellationToken ct)
    {
        await using var command = Sql.Command(database, PoliciesSql, tenant ?? "");
        var rows = new List<PayoutPolicyRow>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            rows.Add(new(
                reader.GetString(0),
                new Asset(reader.GetString(1)),
                LimitsOf(reader.GetString(2)),
                reader.GetString(3),
                reader.GetString(4),
                reader.GetFieldValue<DateTimeOffset>(5)));
        }

        return rows;
    }

    /// <inheritdoc cref="PoliciesAsync"/>
    public async Task<IReadOnlyList<PayoutStopRow>> StopsAsync(string? tenant, CancellationToken ct)
    {
        await using var command = Sql.Command(database, StopsSql, tenant ?? "");
        var rows = new List<PayoutStopRow>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            rows.Add(new(
                reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetString(3), reader.GetString(4),
                reader.GetFieldValue<DateTimeOffset>(5)));
        }

        return rows;
    }

    internal static PayoutLimits LimitsOf(string json) => JsonSerializer.Deserialize(json, StoredJson.PayoutLimits)!;
}
