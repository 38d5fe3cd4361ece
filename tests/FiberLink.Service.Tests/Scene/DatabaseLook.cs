using FiberLink.Postgres;
using FiberLink.Testing;
using Npgsql;

namespace FiberLink.Service.Tests.Scene;

/// <summary>Looks into the service's database, behind its back.</summary>
internal static class DatabaseLook
{
    private const string Tables =
        """
        select format('%I.%I', n.nspname, c.relname)
          from pg_class as c
          join pg_namespace as n on n.oid = c.relnamespace
         where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema')
         order by 1
        """;

    // What a service writes by itself, whoever asks it for what.
    private static readonly string[] Comings =
    [
        "edge.request_nonces", "event_store.log_checkpoints", "event_store.log_keys", "event_store.log_tiles", "event_store.log_tree",
        "event_store.mt_event_progression", "event_store.projection_state", "treasury.alarms", "treasury.looks",
    ];

    public static async Task<IReadOnlyList<string>> TextsAsync(this TestDatabase database, string sql, params object[] values)
    {
        await using var command = database.DataSource.Command(sql, [.. values.Select(v => new NpgsqlParameter { Value = v })]);
        await using var reader = await command.ExecuteReaderAsync(Ct);
        var texts = new List<string>();
        while (await reader.ReadAsync(Ct))
        {
            texts.Add(reader.IsDBNull(0) ? "" : Convert.ToString(reader.GetValue(0), System.Globalization.CultureInfo.InvariantCulture)!);
        }

        return texts;
    }

    public static async Task ExecuteAsync(this TestDatabase database, string sql, params object[] values)
    {
        await using var command = database.DataSource.Command(sql, [.. values.Select(v => new NpgsqlParameter { Value = v })]);
        await command.ExecuteNonQueryAsync(Ct);
    }

    public static async Task<long> CountAsync(this TestDatabase database, string sql, params object[] values) =>
        long.Parse((await database.TextsAsync(sql, values)).Single(), System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>How many rows each table has; not those that tell who asked, or what was looked at and sealed.</summary>
    public static async Task<string> TraceAsync(this TestDatabase database)
    {
        var counts = new List<string>();
        foreach (var table in (await database.TextsAsync(Tables)).Except(Comings))
        {
            counts.Add($"{table}: {await database.CountAsync($"select count(*) from {table}")}");
        }

        return string.Join('\n', counts);
    }

    /// <summary>Every row of every table as text, byte columns in hexadecimal.</summary>
    public static async Task<string> DumpAsync(this TestDatabase database)
    {
        var rows = new List<string>();
        foreach (var table in await database.TextsAsync(Tables))
        {
            rows.AddRange(await database.TextsAsync($"select t::text from {table} as t"));
        }

        return string.Join('\n', rows);
    }
}
