using FiberLink.EventStore;
using FiberLink.Postgres;
using FiberLink.Service.CommandHandling;
using Npgsql;

namespace FiberLink.Cli.Commands;

/// <summary>Finds a stream by what people have in hand: its name, an id in any form, an invoice.</summary>
internal static class StreamFinder
{
    private const string ByName =
        "select tenant_id, id from event_store.mt_streams where id = any($1) and ($2::text is null or tenant_id = $2) order by 1";

    // What may be known by its id alone.
    private static readonly string[] Kinds = ["tip", "withdrawal", "adjustment", "movement"];

    private const string ByInvoice =
        """
        select tenant_id, 'tip-' || replace(tip_id::text, '-', '')
          from read_models.tip_status where invoice = $1 and ($2::text is null or tenant_id = $2) order by 1
        """;

    public static async Task<IReadOnlyList<StreamId>> FindAsync(NpgsqlDataSource database, string id, string? app, CancellationToken ct)
    {
        var byName = await ReadAsync(database, ByName, new() { Value = NamesOf(id) }, app, ct);
        return byName.Count > 0 ? byName : await ReadAsync(database, ByInvoice, new() { Value = id }, app, ct);
    }

    private static string[] NamesOf(string id) => [.. Kinds.Select(k => Ids.Read(k, id) is { } found ? $"{k}-{found:N}" : id)];

    private static async Task<IReadOnlyList<StreamId>> ReadAsync(
        NpgsqlDataSource database, string sql, NpgsqlParameter what, string? app, CancellationToken ct)
    {
        await using var command = database.Command(
            sql, what, new() { Value = (object?)app ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        var found = new List<StreamId>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            found.Add(new(reader.GetString(0), reader.GetString(1)));
        }

        return found;
    }
}
