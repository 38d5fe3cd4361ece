using Npgsql;

namespace FiberLink.Projections.Communities;

/// <param name="AppId">The community's id.</param>
/// <param name="Name">What people call it.</param>
/// <param name="RegisteredAt">When.</param>
/// <param name="SecretId">The secret that signs now.</param>
/// <param name="PreviousSecretId">The secret before it.</param>
/// <param name="PreviousValidUntil">Until when the previous one is accepted.</param>
public sealed record CommunityRow(
    string AppId,
    string Name,
    DateTimeOffset RegisteredAt,
    Guid SecretId,
    Guid? PreviousSecretId,
    DateTimeOffset? PreviousValidUntil);

/// <summary>Finds communities.</summary>
public sealed class CommunitiesQuery(NpgsqlDataSource database)
{
    private const string Columns =
        "select app_id, name, registered_at, secret_id, previous_secret_id, previous_valid_until from read_models.communities";

    /// <returns>Null when there is none of that id.</returns>
    public async Task<CommunityRow?> FindAsync(string appId, CancellationToken ct)
    {
        await using var command = Sql.Command(database, $"{Columns} where app_id = $1", appId);
        return (await ReadAsync(command, ct)).SingleOrDefault();
    }

    /// <summary>All of them, by id.</summary>
    public async Task<IReadOnlyList<CommunityRow>> ListAsync(CancellationToken ct)
    {
        await using var command = Sql.Command(database, $"{Columns} order by app_id");
        return await ReadAsync(command, ct);
    }

    private static async Task<IReadOnlyList<CommunityRow>> ReadAsync(NpgsqlCommand command, CancellationToken ct)
    {
        var rows = new List<CommunityRow>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            rows.Add(new(
                reader.GetString(0),
                reader.GetString(1),
                reader.GetFieldValue<DateTimeOffset>(2),
                reader.GetGuid(3),
                reader.IsDBNull(4) ? null : reader.GetGuid(4),
                reader.IsDBNull(5) ? null : reader.GetFieldValue<DateTimeOffset>(5)));
        }

        return rows;
    }
}
