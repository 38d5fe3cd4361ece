using System.Globalization;
using FiberLink.Events.Money;
using FiberLink.Events.Treasury;
using Npgsql;

namespace FiberLink.Projections.Treasury;

/// <summary>A movement as it is shown. Amounts are in smallest units of the asset.</summary>
public sealed record MovementRow(
    Guid MovementId,
    MovementKind Kind,
    Amount Amount,
    string? Destination,
    HubPlace? Place,
    BookingWay? Way,
    MovementStage Stage,
    string RequestedBy,
    string Reason,
    string? ApprovedBy,
    int Attempt,
    string? Evidence,
    UInt128? Fee,
    ulong? BlockNumber,
    string? LastError,
    bool IsFinal,
    DateTimeOffset RequestedAt,
    DateTimeOffset UpdatedAt,
    DateTimeOffset? CompletedAt);

/// <summary>Reads movements.</summary>
public sealed class MovementsQuery(NpgsqlDataSource database)
{
    private const string Rows =
        """
        select movement_id, kind, asset, amount::text, destination, place, way, stage, requested_by, reason, approved_by, attempt, evidence,
               fee::text, block_number::text, last_error, is_final, requested_at, updated_at, completed_at
          from read_models.treasury_movements
        """;

    private const string OneSql = $"{Rows} where movement_id = $1";

    private const string ListSql = $"{Rows} where ($1 = '' or stage = $1) order by updated_at desc, movement_id desc limit $2";

    private const string OpenedBySql =
        """
        select movement_id from read_models.treasury_movements where kind = 'ToChannel' and stage = 'Completed' and evidence = $1
        """;

    private const string CloserSql =
        """
        select movement_id from read_models.treasury_movements
         where kind = 'ToChain' and destination = $1 and stage in ('Prepared', 'Sent', 'InBlock', 'Completed')
        """;

    private const string UsedSql =
        """
        select coalesce(sum(amount), 0)::text from read_models.treasury_movements
         where asset = $1 and kind in ('Sweep', 'ToChannel') and stage not in ('Requested', 'Failed', 'Cancelled') and counts_from > $2
           and movement_id <> $3
        """;

    /// <summary>What other movements out of the wallet count towards the budget since a time.</summary>
    public async Task<UInt128> UsedAsync(Asset asset, DateTimeOffset since, Guid besides, CancellationToken ct)
    {
        await using var command = Sql.Command(database, UsedSql, asset.Code, since.ToUniversalTime(), besides);
        return UInt128.Parse((string)(await command.ExecuteScalarAsync(ct))!, CultureInfo.InvariantCulture);
    }

    /// <summary>The movement that has opened a channel, by the transaction that funded it; null when none has.</summary>
    public async Task<Guid?> OpenedByAsync(string fundingTransaction, CancellationToken ct)
    {
        await using var command = Sql.Command(database, OpenedBySql, fundingTransaction);
        return (Guid?)await command.ExecuteScalarAsync(ct);
    }

    /// <summary>The movement that closes a channel, or has closed it; null when none does.</summary>
    public async Task<Guid?> CloserOfAsync(string channelId, CancellationToken ct)
    {
        await using var command = Sql.Command(database, CloserSql, channelId);
        return (Guid?)await command.ExecuteScalarAsync(ct);
    }

    /// <returns>Null when there is none.</returns>
    public async Task<MovementRow?> FindAsync(Guid movementId, CancellationToken ct) =>
        await ReadAsync(Sql.Command(database, OneSql, movementId), ct) is [var only] ? only : null;

    /// <summary>Those that changed last come first.</summary>
    /// <param name="stage">Null for all.</param>
    /// <param name="limit">The most that is answered.</param>
    /// <param name="ct">Stops the read.</param>
    public Task<IReadOnlyList<MovementRow>> ListAsync(MovementStage? stage, int limit, CancellationToken ct) =>
        ReadAsync(Sql.Command(database, ListSql, stage?.ToString() ?? "", limit), ct);

    private static async Task<IReadOnlyList<MovementRow>> ReadAsync(NpgsqlCommand command, CancellationToken ct)
    {
        await using (command)
        {
            var rows = new List<MovementRow>();
            await using var reader = await command.ExecuteReaderAsync(ct);
            while (await reader.ReadAsync(ct))
            {
                rows.Add(RowOf(reader));
            }

            return rows;
        }
    }

    private static MovementRow RowOf(NpgsqlDataReader reader)
    {
        static UInt128 Units(string text) => UInt128.Parse(text, CultureInfo.InvariantCulture);
        return new(
            reader.GetGuid(0),
            Enum.Parse<MovementKind>(reader.GetString(1)),
            new(new Asset(reader.GetString(2)), Units(reader.GetString(3))),
            reader.Text(4),
            reader.Text(5) is { } place ? Enum.Parse<HubPlace>(place) : null,
            reader.Text(6) is { } way ? Enum.Parse<BookingWay>(way) : null,
            Enum.Parse<MovementStage>(reader.GetString(7)),
            reader.GetString(8),
            reader.GetString(9),
            reader.Text(10),
            reader.GetInt32(11),
            reader.Text(12),
            reader.Text(13) is { } fee ? Units(fee) : null,
            reader.Text(14) is { } block ? ulong.Parse(block, CultureInfo.InvariantCulture) : null,
            reader.Text(15),
            reader.GetBoolean(16),
            reader.GetFieldValue<DateTimeOffset>(17),
            reader.GetFieldValue<DateTimeOffset>(18),
            reader.IsDBNull(19) ? null : reader.GetFieldValue<DateTimeOffset>(19));
    }
}
