using System.Runtime.CompilerServices;
using Npgsql;

namespace FiberLink.Projections;

/// <summary>Rows of a read model, one after the other: however many there are, few are in memory.</summary>
/// <param name="Columns">Their names, in order.</param>
/// <param name="Rows">Values by column: texts, whole numbers, moments, flags, null. Amounts are texts of smallest units.</param>
public sealed record TableRows(IReadOnlyList<string> Columns, IAsyncEnumerable<object?[]> Rows)
{
    /// <param name="database">Where the read model is.</param>
    /// <param name="columns">Each as SQL, with the name it is given.</param>
    /// <param name="from">The rest of the statement, from <c>from</c> on.</param>
    /// <param name="values">Its parameters.</param>
    internal static TableRows Of(
        NpgsqlDataSource database, IReadOnlyList<(string Name, string Sql)> columns, string from, params object[] values) =>
        new(
            [.. columns.Select(c => c.Name)],
            ReadAsync(database, $"select {string.Join(", ", columns.Select(c => c.Sql))} {from}", values, CancellationToken.None));

    private static async IAsyncEnumerable<object?[]> ReadAsync(
        NpgsqlDataSource database, string sql, object[] values, [EnumeratorCancellation] CancellationToken ct)
    {
        await using var command = Sql.Command(database, sql, values);

        // As long as the reader takes.
        command.CommandTimeout = 0;
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            var row = new object?[reader.FieldCount];
            for (var i = 0; i < row.Length; i++)
            {
                row[i] = reader.IsDBNull(i) ? null : reader.GetValue(i);
            }

            yield return row;
        }
    }
}
