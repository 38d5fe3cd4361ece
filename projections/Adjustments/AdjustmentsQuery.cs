using System.Globalization;
using FiberLink.Events.Adjustments;
using FiberLink.Events.Money;
using Npgsql;

namespace FiberLink.Projections.Adjustments;

/// <summary>An adjustment as it is shown.</summary>
public sealed record AdjustmentRow(
    Guid AdjustmentId,
    string Tenant,
    AccountName From,
    AccountName To,
    Amount Amount,
    AdjustmentStage Stage,
    string RequestedBy,
    string Reason,
    string? ApprovedBy,
    string? ReversalBy,
    DateTimeOffset RequestedAt,
    DateTimeOffset UpdatedAt);

/// <summary>Reads adjustments.</summary>
public sealed class AdjustmentsQuery(NpgsqlDataSource database)
{
    private const string Rows =
        """
        select adjustment_id, tenant_id, from_account, from_member, to_account, to_member, asset, amount::text, stage, requested_by, reason,
               approved_by, reversal_by, requested_at, updated_at
          from read_models.adjustments
        """;

    private const string One = $"{Rows} where adjustment_id = $1";

    private const string Latest =
        $"""
        {Rows}
         where ($1 = '' or tenant_id = $1) and ($2 = '' or stage = $2)
         order by updated_at desc, adjustment_id desc limit $3
        """;

    /// <returns>Null when there is none.</returns>
    public async Task<AdjustmentRow?> FindAsync(Guid adjustmentId, CancellationToken ct) =>
        await ReadAsync(Sql.Command(database, One, adjustmentId), ct) is [var only] ? only : null;

    /// <summary>Those that changed last come first.</summary>
    /// <param name="tenant">Null for all communities.</param>
    /// <param name="stage">Null for all.</param>
    /// <param name="limit">The most that is answered.</param>
    /// <param name="ct">Stops the read.</param>
    public Task<IReadOnlyList<AdjustmentRow>> ListAsync(string? tenant, AdjustmentStage? stage, int limit, CancellationToken ct) =>
        ReadAsync(Sql.Command(database, Latest, tenant ?? "", stage?.ToString() ?? "", limit), ct);

    private static async Task<IReadOnlyList<AdjustmentRow>> ReadAsync(NpgsqlCommand command, CancellationToken ct)
    {
        await using (command)
        {
            var rows = new List<AdjustmentRow>();
            await using var reader = await command.ExecuteReaderAsync(ct);
            while (await reader.ReadAsync(ct))
            {
                rows.Add(new(
                    reader.GetGuid(0),
                    reader.GetString(1),
                    new(Enum.Parse<Account>(reader.GetString(2)), reader.Text(3)),
                    new(Enum.Parse<Account>(reader.GetString(4)), reader.Text(5)),
                    new(new Asset(reader.GetString(6)), UInt128.Parse(reader.GetString(7), CultureInfo.InvariantCulture)),
                    Enum.Parse<AdjustmentStage>(reader.GetString(8)),
                    reader.GetString(9),
                    reader.GetString(10),
                    reader.Text(11),
                    reader.Text(12),
                    reader.GetFieldValue<DateTimeOffset>(13),
                    reader.GetFieldValue<DateTimeOffset>(14)));
            }

            return rows;
        }
    }
}
