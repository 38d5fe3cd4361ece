using FiberLink.EventStore;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.Cli.Commands;

/// <summary>Finds a stream by what people have in hand: its key, a tip's id, an invoice.</summary>
internal static class StreamFinder
{
    private const string ByKey =
        "select tenant_id, id from event_store.mt_streams where id = $1 and ($2::text is null or tenant_id = $2) order by 1";

    private const string ByInvoice =
        """
        select tenant_id, 'tip-' || replace(tip_id::text, '-', '')
          from read_models.tip_status where invoice = $1 and ($2::text is null or tenant_id = $2) order by 1
        """;

    public static async Task<IReadOnlyList<StreamId>> FindAsync(NpgsqlDataSource database, string id, string? app, CancellationToken ct)
    {
        var key = Guid.TryParse(id, out var tip) ? $"tip-{tip:N}" : id;
        var byKey = await ReadAsync(database, ByKey, key, app, ct);
        return byKey.Count > 0 ? byKey : await ReadAsync(database, ByInvoice, id, app, ct);
    }

    private static async Task<IReadOnlyList<StreamId>> ReadAsync(
        NpgsqlDataSource database, string sql, string id, string? app, CancellationToken ct)
    {
        await using var command = database.Command(
            sql, new() { Value = id }, new() { Value = (object?)app ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        var found = new List<StreamId>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            found.Add(new(reader.GetString(0), reader.GetString(1)));
        }

        return found;
    }
}
