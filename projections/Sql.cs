using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.Projections;

/// <summary>Where the queries' SQL becomes a command.</summary>
internal static class Sql
{
    public static NpgsqlCommand Command(NpgsqlDataSource database, string sql, params IEnumerable<object> values)
    {
        var command = database.Command(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return command;
    }

    public static string? Text(this NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}
