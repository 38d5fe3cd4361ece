using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.EventStore.Rebuilding;

/// <summary>A table as the database has it.</summary>
/// <param name="Columns">Its columns, in their order.</param>
/// <param name="Key">Those of its primary key; empty when it has none.</param>
internal sealed record TableShape(IReadOnlyList<string> Columns, IReadOnlyList<string> Key)
{
    private const string Sql =
        """
        select c.attname, coalesce(c.attnum = any (key.indkey), false)
          from pg_attribute as c
          left join pg_index as key on key.indrelid = c.attrelid and key.indisprimary
         where c.attrelid = to_regclass($1) and c.attnum > 0 and not c.attisdropped
         order by c.attnum
        """;

    /// <param name="work">The transaction to look in.</param>
    /// <param name="table">Schema and table, quoted.</param>
    /// <param name="ct">Stops the call.</param>
    public static async Task<TableShape> ReadAsync(UnitOfWork work, string table, CancellationToken ct)
    {
        await using var command = work.Command(Sql, new NpgsqlParameter { Value = table });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var columns = new List<string>();
        var key = new List<string>();
        while (await reader.ReadAsync(ct))
        {
            columns.Add(reader.GetString(0));
            if (reader.GetBoolean(1))
            {
                key.Add(reader.GetString(0));
            }
        }

        return new(columns, key);
    }
}
