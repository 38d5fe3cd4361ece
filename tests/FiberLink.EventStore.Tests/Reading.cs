using System.Globalization;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.EventStore.Tests;

/// <summary>Looks into tables.</summary>
internal static class Reading
{
    /// <summary>The first column of every row, as text; "null" for null.</summary>
    public static async Task<IReadOnlyList<string>> TextsAsync(this NpgsqlDataSource database, string sql)
    {
        await using var command = database.Command(sql);
        await using var reader = await command.ExecuteReaderAsync();
        var texts = new List<string>();
        while (await reader.ReadAsync())
        {
            texts.Add(reader.IsDBNull(0) ? "null" : Convert.ToString(reader.GetValue(0), CultureInfo.InvariantCulture)!);
        }

        return texts;
    }

    public static async Task<string> TextAsync(this NpgsqlDataSource database, string sql) => (await database.TextsAsync(sql)).Single();

    public static async Task ExecuteAsync(this NpgsqlDataSource database, string sql)
    {
        await using var command = database.Command(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>How many sessions of this database wait for a lock that another one holds.</summary>
    public static async Task<int> WaitingSessionsAsync(this NpgsqlDataSource database) =>
        int.Parse(
            await database.TextAsync(
                "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"),
            CultureInfo.InvariantCulture);

    /// <summary>Ends them, as an operator or a restart would.</summary>
    public static Task EndWaitingSessionsAsync(this NpgsqlDataSource database) =>
        database.ExecuteAsync(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'");
}
