using FiberLink.Events;
using FiberLink.EventStore;
using FiberLink.Postgres;
using Npgsql;
using NpgsqlTypes;

namespace FiberLink.Service.Reconciliation.OnChain;

/// <summary>Finds the withdrawals and movements that have a transaction which is not final, or changed lately.</summary>
internal sealed class ClaimedStreams(NpgsqlDataSource database)
{
    private const string Withdrawals =
        """
        select tenant_id, 'withdrawal-' || replace(withdrawal_id::text, '-', '') from read_models.withdrawals
         where destination_kind = 'CkbAddress' and attempt > 0 and (not is_final or updated_at >= $1)
           and ($2::text is null or tenant_id = $2)
           and (tenant_id, 'withdrawal-' || replace(withdrawal_id::text, '-', '')) > ($3, $4)
         order by 1, 2 limit $5
        """;

    private const string Movements =
        """
        select $2::text, 'movement-' || replace(movement_id::text, '-', '') from read_models.treasury_movements
         where attempt > 0 and (not is_final or updated_at >= $1) and 'movement-' || replace(movement_id::text, '-', '') > $3
         order by 2 limit $4
        """;

    private const string Reserved =
        "select out_point, transaction_hash from read_models.wallet_cells where out_point > $1 order by 1 limit $2";

    /// <summary>A page behind a stream, empty at the end.</summary>
    public Task<IReadOnlyList<StreamId>> WithdrawalsAsync(
        DateTimeOffset since, string? tenant, StreamId? after, int limit, CancellationToken ct) =>
        StreamsAsync(
            database.Command(
                Withdrawals,
                new() { Value = since.ToUniversalTime() },
                new() { Value = (object?)tenant ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
                new() { Value = after?.Tenant ?? "" },
                new() { Value = after?.Key ?? "" },
                new() { Value = limit }),
            ct);

    /// <summary>A page behind a stream, empty at the end.</summary>
    public Task<IReadOnlyList<StreamId>> MovementsAsync(DateTimeOffset since, StreamId? after, int limit, CancellationToken ct) =>
        StreamsAsync(
            database.Command(
                Movements,
                new() { Value = since.ToUniversalTime() },
                new() { Value = Tenants.Hub },
                new() { Value = after?.Key ?? "" },
                new() { Value = limit }),
            ct);

    /// <summary>The cells that are spoken for, and by which transaction; a page behind a cell, empty at the end.</summary>
    public async Task<IReadOnlyList<(string OutPoint, string Transaction)>> ReservedAsync(string after, int limit, CancellationToken ct)
    {
        await using var command = database.Command(Reserved, new() { Value = after }, new() { Value = limit });
        var cells = new List<(string, string)>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            cells.Add((reader.GetString(0), reader.GetString(1)));
        }

        return cells;
    }

    private static async Task<IReadOnlyList<StreamId>> StreamsAsync(NpgsqlCommand command, CancellationToken ct)
    {
        await using (command)
        {
            var streams = new List<StreamId>();
            await using var reader = await command.ExecuteReaderAsync(ct);
            while (await reader.ReadAsync(ct))
            {
                streams.Add(new(reader.GetString(0), reader.GetString(1)));
            }

            return streams;
        }
    }
}
