using Npgsql;

namespace FiberLink.Service.Reconciliation.Books;

/// <summary>Reads pages of keys.</summary>
internal static class RowKeys
{
    public static async Task<IReadOnlyList<(string Tenant, Guid Id)>> ReadAsync(NpgsqlCommand command, CancellationToken ct)
    {
        await using (command)
        {
            var keys = new List<(string, Guid)>();
            await using var reader = await command.ExecuteReaderAsync(ct);
            while (await reader.ReadAsync(ct))
            {
                keys.Add((reader.GetString(0), reader.GetGuid(1)));
            }

            return keys;
        }
    }
}
