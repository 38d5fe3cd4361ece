using System.Globalization;
using FiberLink.Events.Money;
using Npgsql;

namespace FiberLink.Projections.AccountBalances;

/// <summary>One account's balance.</summary>
/// <param name="Account">Which account of the community.</param>
/// <param name="Member">Whose; null for the community's own.</param>
/// <param name="Asset">The asset.</param>
/// <param name="Units">Smallest units; a credit is positive.</param>
public sealed record AccountBalance(Account Account, string? Member, Asset Asset, Int128 Units);

/// <summary>Reads balances.</summary>
public sealed class AccountBalancesQuery(NpgsqlDataSource database)
{
    private const string Columns = "select account, member, asset, units::text from read_models.account_balances where tenant_id = $1";

    /// <summary>Every balance of one member; empty for one who never had any.</summary>
    public Task<IReadOnlyList<AccountBalance>> OfMemberAsync(string tenant, string member, CancellationToken ct) =>
        ReadAsync($"{Columns} and member = $2 order by account, asset", ct, tenant, member);

    /// <summary>Every account of a community; their units sum to zero for each asset.</summary>
    public Task<IReadOnlyList<AccountBalance>> OfCommunityAsync(string tenant, CancellationToken ct) =>
        ReadAsync($"{Columns} order by account, member, asset", ct, tenant);

    /// <summary>Every asset in which money of a community was ever moved: its other side is on an account of the hub's.</summary>
    public async Task<IReadOnlyList<(string Tenant, Asset Asset)>> AssetsAsync(CancellationToken ct)
    {
        await using var command = Sql.Command(
            database,
            """
            select distinct tenant_id, asset from read_models.account_balances
             where account not in ('MemberAvailable', 'MemberHeld') order by tenant_id, asset
            """);
        var assets = new List<(string, Asset)>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            assets.Add((reader.GetString(0), new(reader.GetString(1))));
        }

        return assets;
    }

    private async Task<IReadOnlyList<AccountBalance>> ReadAsync(string sql, CancellationToken ct, params string[] values)
    {
        await using var command = Sql.Command(database, sql, values);
        return await ReadAllAsync(command, ct);
    }

    /// <summary>Rows of account, member, asset and units.</summary>
    internal static async Task<IReadOnlyList<AccountBalance>> ReadAllAsync(NpgsqlCommand command, CancellationToken ct)
    {
        var balances = new List<AccountBalance>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            var member = reader.GetString(1);
            balances.Add(new(
                Enum.Parse<Account>(reader.GetString(0)),
                member.Length == 0 ? null : member,
                new Asset(reader.GetString(2)),
                Int128.Parse(reader.GetString(3), CultureInfo.InvariantCulture)));
        }

        return balances;
    }
}
