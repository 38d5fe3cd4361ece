using FiberLink.Events.Money;
using Npgsql;

namespace FiberLink.Projections.TipStatus;

/// <param name="TipId">The tip.</param>
/// <param name="Stage">Where it stands.</param>
/// <param name="Asset">What it is in.</param>
public sealed record TipStatusRow(Guid TipId, TipStage Stage, Asset Asset);

/// <summary>Finds a tip by its invoice: within one community for who asks there, in all of them for the hub itself.</summary>
public sealed class TipStatusQuery(NpgsqlDataSource database)
{
    private const string ByInvoice =
        "select tip_id, stage, asset from read_models.tip_status where invoice = $2 and tenant_id = $1";

    private const string ByPaymentHash = "select tenant_id, tip_id from read_models.tip_status where payment_hash = $1";

    /// <summary>The tip whose invoice has a payment hash, whatever the community.</summary>
    /// <returns>Null when the hash is none of this hub's.</returns>
    public async Task<(string Tenant, Guid TipId)?> FindByPaymentHashAsync(string paymentHash, CancellationToken ct)
    {
        await using var command = Sql.Command(database, ByPaymentHash, paymentHash);
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct) ? (reader.GetString(0), reader.GetGuid(1)) : null;
    }

    /// <returns>Null when the community has no such invoice.</returns>
    public async Task<TipStatusRow?> FindAsync(string tenant, string invoice, CancellationToken ct)
    {
        await using var command = Sql.Command(database, ByInvoice, tenant, invoice);
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct)
            ? new(reader.GetGuid(0), Enum.Parse<TipStage>(reader.GetString(1)), new Asset(reader.GetString(2)))
            : null;
    }
}
