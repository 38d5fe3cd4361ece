using Npgsql;

namespace FiberLink.Projections.WalletCells;

/// <summary>Which cells are spoken for.</summary>
public sealed class WalletCellsQuery(NpgsqlDataSource database)
{
    private const string All = "select out_point from read_models.wallet_cells";

    /// <summary>Each as a hash, a colon and an index.</summary>
    public async Task<IReadOnlySet<string>> ReservedAsync(CancellationToken ct)
    {
        await using var command = Sql.Command(database, All);
        var cells = new HashSet<string>(StringComparer.Ordinal);
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            cells.Add(reader.GetString(0));
        }

        return cells;
    }
}
