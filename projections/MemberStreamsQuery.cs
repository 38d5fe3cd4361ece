using System.Runtime.CompilerServices;
using Npgsql;

namespace FiberLink.Projections;

/// <summary>Finds what is on record about a member of a community, so that the log can be asked for all of it.</summary>
public sealed class MemberStreamsQuery(NpgsqlDataSource database)
{
    private const string OfTips =
        """
        select tip_id from (
            select tip_id, position from read_models.tip_activity where tenant_id = $1 and from_member = $2 and position <= $3
            union
            select tip_id, position from read_models.tip_activity where tenant_id = $1 and to_member = $2 and position <= $3) as both_ways
         order by position
        """;

    private const string OfWithdrawals =
        "select withdrawal_id from read_models.withdrawals where tenant_id = $1 and member = $2 order by requested_at, withdrawal_id";

    private const string OfAdjustments =
        """
        select adjustment_id from read_models.adjustments
         where tenant_id = $1 and (from_member = $2 or to_member = $2) order by requested_at, adjustment_id
        """;

    private const string Known =
        """
        select exists (select from read_models.tip_activity where tenant_id = $1 and from_member = $2)
            or exists (select from read_models.tip_activity where tenant_id = $1 and to_member = $2)
            or exists (select from read_models.account_balances where tenant_id = $1 and member = $2)
        """;

    private const string Withdrew =
        "select exists (select from read_models.withdrawals where tenant_id = $1 and member = $2 and destination = $3)";

    private const string Texts =
        "select count(*) from read_models.tip_activity where tenant_id = $1 and from_member = $2 and message_key = $3";

    /// <summary>Tips that the member gave or received, in the order in which they were requested.</summary>
    /// <param name="tenant">The community.</param>
    /// <param name="member">The member.</param>
    /// <param name="position">Requested at or before this position of the log.</param>
    /// <param name="ct">Stops the read.</param>
    public IAsyncEnumerable<Guid> TipsAsync(string tenant, string member, long position, CancellationToken ct) =>
        ReadAsync(OfTips, [tenant, member, position], ct);

    /// <summary>The member's withdrawals.</summary>
    public IAsyncEnumerable<Guid> WithdrawalsAsync(string tenant, string member, CancellationToken ct) =>
        ReadAsync(OfWithdrawals, [tenant, member], ct);

    /// <summary>Corrections of the books by hand that were asked for on an account of the member's.</summary>
    public IAsyncEnumerable<Guid> AdjustmentsAsync(string tenant, string member, CancellationToken ct) =>
        ReadAsync(OfAdjustments, [tenant, member], ct);

    /// <summary>Whether the member gave, received or had anything. Tips of the last moment may not count yet.</summary>
    public Task<bool> IsKnownAsync(string tenant, string member, CancellationToken ct) => IsSoAsync(Known, [tenant, member], ct);

    /// <summary>Whether the member ever asked for a withdrawal to this destination.</summary>
    public Task<bool> HasWithdrawnToAsync(string tenant, string member, string destination, CancellationToken ct) =>
        IsSoAsync(Withdrew, [tenant, member, destination], ct);

    /// <summary>How many texts of the member are sealed under a key. Those of the last moment may not count yet.</summary>
    public async Task<long> CountTextsAsync(string tenant, string member, Guid keyId, CancellationToken ct)
    {
        await using var command = Sql.Command(database, Texts, tenant, member, keyId);
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }

    private async Task<bool> IsSoAsync(string sql, object[] values, CancellationToken ct)
    {
        await using var command = Sql.Command(database, sql, values);
        return (bool)(await command.ExecuteScalarAsync(ct))!;
    }

    private async IAsyncEnumerable<Guid> ReadAsync(string sql, object[] values, [EnumeratorCancellation] CancellationToken ct)
    {
        await using var command = Sql.Command(database, sql, values);

        // As long as the reader takes.
        command.CommandTimeout = 0;
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            yield return reader.GetGuid(0);
        }
    }
}
