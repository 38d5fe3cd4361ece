using FiberLink.Postgres;
using Npgsql;
using NpgsqlTypes;

namespace FiberLink.Service.Reconciliation.Books;

/// <summary>Goes through the keys of a read model's rows, of one community or of all.</summary>
internal static class RowKeys
{
    /// <param name="database">Where.</param>
    /// <param name="sql">Counts the rows of a community, $1, or with null all.</param>
    /// <param name="tenant">Null for all.</param>
    /// <param name="ct">Stops the read.</param>
    public static async Task<long> CountAsync(NpgsqlDataSource database, string sql, string? tenant, CancellationToken ct)
    {
        await using var command = database.Command(sql, Text(tenant));
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }

    /// <param name="database">Where.</param>
    /// <param name="sql">Selects community and id behind $1 and $2, of the community $3 or with null of all, $4 at most, in order.</param>
    /// <param name="tenant">Null for all.</param>
    /// <param name="after">The last key of the page before; null for the first page.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="ct">Stops the read.</param>
    public static async Task<IReadOnlyList<(string Tenant, Guid Id)>> PageAsync(
        NpgsqlDataSource database, string sql, string? tenant, (string Tenant, Guid Id)? after, int limit, CancellationToken ct)
    {
        await using var command = database.Command(
            sql, new() { Value = after?.Tenant ?? "" }, new() { Value = after?.Id ?? Guid.Empty }, Text(tenant), new() { Value = limit });
        var keys = new List<(string, Guid)>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            keys.Add((reader.GetString(0), reader.GetGuid(1)));
        }

        return keys;
    }

    private static NpgsqlParameter Text(string? value) =>
        new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };
}
