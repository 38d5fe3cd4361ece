using System.Globalization;
using FiberLink.Events.Money;
using FiberLink.Events.Withdrawals;
using FiberLink.Postgres;
using Npgsql;
using NpgsqlTypes;

namespace FiberLink.Projections.Withdrawals;

/// <summary>A withdrawal as it is shown. Amounts are in smallest units of the asset.</summary>
public sealed record WithdrawalRow(
    string Tenant,
    Guid WithdrawalId,
    string Member,
    Amount Amount,
    UInt128 Pays,
    UInt128 Hold,
    DestinationKind DestinationKind,
    string Destination,
    WithdrawalStage Stage,
    bool NeedsApproval,
    bool IsHeldBack,
    bool AwaitsLiquidity,
    DateTimeOffset? NotBefore,
    int Attempt,
    string? Evidence,
    UInt128? Fee,
    ulong? BlockNumber,
    string? LastError,
    long? UsdCents,
    bool IsFinal,
    DateTimeOffset RequestedAt,
    DateTimeOffset UpdatedAt,
    DateTimeOffset? CompletedAt)
{
    /// <summary>What <see cref="Fee"/> is in: the way over the chain is paid in coins, whatever goes there.</summary>
    public Asset FeeAsset => DestinationKind is DestinationKind.CkbAddress ? Asset.Ckb : Amount.Asset;
}

/// <summary>Which withdrawals are wanted.</summary>
/// <param name="Tenant">Null for all communities.</param>
/// <param name="Member">Null for all members.</param>
/// <param name="Stages">Null for all stages.</param>
/// <param name="NeedsApproval">True for those that somebody must agree to.</param>
/// <param name="Limit">The most that is answered.</param>
public sealed record WithdrawalFilter(
    string? Tenant, string? Member, IReadOnlyCollection<WithdrawalStage>? Stages, bool NeedsApproval, int Limit);

/// <summary>Which of a community's withdrawals are wanted. Null makes no difference.</summary>
/// <param name="Stages">Empty for all stages.</param>
/// <param name="AwaitsLiquidity">Whether the wallet was found not to cover it.</param>
/// <param name="WasTried">Whether there was an attempt.</param>
public sealed record WithdrawalChoice(IReadOnlyCollection<WithdrawalStage> Stages, bool? AwaitsLiquidity, bool? WasTried);

/// <summary>One that waits to be paid on chain.</summary>
/// <param name="Tenant">The community.</param>
/// <param name="WithdrawalId">Which.</param>
/// <param name="Pays">What the recipient gets.</param>
/// <param name="Destination">The address.</param>
/// <param name="RequestedAt">Since when it waits.</param>
public sealed record QueuedPayout(string Tenant, Guid WithdrawalId, Amount Pays, string Destination, DateTimeOffset RequestedAt);

/// <summary>Reads withdrawals.</summary>
public sealed class WithdrawalsQuery(NpgsqlDataSource database)
{
    private const string Columns =
        """
        select tenant_id, withdrawal_id, member, asset, amount::text, pays::text, hold::text, destination_kind, destination, stage,
               needs_approval, is_held_back, awaits_liquidity, not_before, attempt, evidence, fee::text, block_number::text, last_error,
               usd_cents, is_final, requested_at, updated_at, completed_at
          from read_models.withdrawals
        """;

    private const string OneSql = $"{Columns} where withdrawal_id = $1 and ($2 = '' or tenant_id = $2) limit 2";

    private const string ListSql =
        $"""
        {Columns}
         where ($1 = '' or tenant_id = $1) and ($2 = '' or member = $2) and (cardinality($3::text[]) = 0 or stage = any($3::text[]))
           and (not $4 or (needs_approval and stage = 'Queued'))
         order by updated_at desc, withdrawal_id desc limit $5
        """;

    // The community comes without a way around it, so that its newest are read in their order from the index.
    private const string OfCommunitySql =
        $"""
        {Columns}
         where tenant_id = $1 and (cardinality($2::text[]) = 0 or stage = any($2::text[]))
           and ($3::boolean is null or awaits_liquidity = $3) and ($4::boolean is null or (attempt > 0) = $4)
         order by updated_at desc, withdrawal_id desc limit $5
        """;

    // Round by round: the oldest of each community before the second of any. Whoever waits longest comes first in each round.
    private const string QueueSql =
        """
        select tenant_id, withdrawal_id, asset, pays::text, destination, requested_at
          from (select w.*, row_number() over (partition by w.tenant_id order by w.requested_at, w.withdrawal_id) as place
                  from read_models.withdrawals w
                 where w.destination_kind = 'CkbAddress' and w.asset = $1 and w.stage = 'Queued' and not w.needs_approval
                   and not w.is_held_back and (w.not_before is null or w.not_before <= $2)
                   and not exists (
                       select from read_models.payout_stops as s
                        where s.tenant_id in (w.tenant_id, '@hub')
                          and ((s.kind = 'Paused' and s.value in ('', w.asset)) or (s.kind = 'Member' and s.value = w.member)
                               or (s.kind = 'Destination' and s.value = w.destination)))) as q
         order by place, requested_at, withdrawal_id limit $3
        """;

    private const string RepeatedSql =
        """
        select withdrawal_id from read_models.withdrawals
         where tenant_id = $1 and member = $2 and asset = $3 and amount = $4::text::numeric and destination = $5 and requested_at > $6
           and stage not in ('Failed', 'Cancelled', 'Lost')
         order by requested_at desc limit 1
        """;

    // Those that can be paid at once are looked at again within seconds, and then nothing is said of them any more.
    private const string CoveredSql =
        """
        select tenant_id, withdrawal_id
          from (select w.*, sum(w.pays) over (order by w.requested_at, w.withdrawal_id) as needed
                  from read_models.withdrawals w
                 where w.destination_kind = 'CkbAddress' and w.asset = $1 and w.stage = 'Queued') as q
         where awaits_liquidity and needed <= $2::text::numeric and (needs_approval or is_held_back or not_before > $3)
         order by requested_at, withdrawal_id limit $4
        """;

    private const string QueuedOnChainSql =
        """
        select coalesce(sum(w.pays) filter (where w.asset = 'CKB'), 0)::text, count(*) filter (where w.asset <> 'CKB')
          from read_models.withdrawals w where w.destination_kind = 'CkbAddress' and w.stage = 'Queued'
        """;

    private const string EvidenceSql = $"{Columns} where evidence = $1 order by tenant_id, withdrawal_id";

    /// <returns>Null when there is none, or when no community is named and two have one with the same id.</returns>
    public async Task<WithdrawalRow?> FindAsync(string? tenant, Guid withdrawalId, CancellationToken ct) =>
        await ReadAsync(Sql.Command(database, OneSql, withdrawalId, tenant ?? ""), ct) is [var only] ? only : null;

    /// <summary>The same wish of the same member since a time, unless it failed, was cancelled or is lost; null for none.</summary>
    public async Task<Guid?> FindRepeatedAsync(
        string tenant, string member, Amount amount, string destination, DateTimeOffset since, CancellationToken ct)
    {
        await using var command = Sql.Command(
            database,
            RepeatedSql,
            tenant,
            member,
            amount.Asset.Code,
            amount.Units.ToString(CultureInfo.InvariantCulture),
            destination,
            since.ToUniversalTime());
        return (Guid?)await command.ExecuteScalarAsync(ct);
    }

    /// <summary>Those that changed last come first.</summary>
    public Task<IReadOnlyList<WithdrawalRow>> ListAsync(WithdrawalFilter filter, CancellationToken ct) =>
        ReadAsync(
            Sql.Command(
                database,
                ListSql,
                filter.Tenant ?? "",
                filter.Member ?? "",
                filter.Stages?.Select(s => s.ToString()).ToArray() ?? [],
                filter.NeedsApproval,
                filter.Limit),
            ct);

    /// <summary>A community's, those that changed last first.</summary>
    public Task<IReadOnlyList<WithdrawalRow>> OfCommunityAsync(
        string tenant, WithdrawalChoice choice, int limit, CancellationToken ct)
    {
        static NpgsqlParameter Flag(bool? value) => new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Boolean };
        return ReadAsync(
            database.Command(
                OfCommunitySql,
                new() { Value = tenant },
                new() { Value = choice.Stages.Select(s => s.ToString()).ToArray() },
                Flag(choice.AwaitsLiquidity),
                Flag(choice.WasTried),
                new() { Value = limit }),
            ct);
    }

    /// <summary>All that one transaction or payment pays.</summary>
    public Task<IReadOnlyList<WithdrawalRow>> OfEvidenceAsync(string evidence, CancellationToken ct) =>
        ReadAsync(Sql.Command(database, EvidenceSql, evidence), ct);

    /// <summary>What waits to be paid on chain and may be now, in the order in which it is paid.</summary>
    public async Task<IReadOnlyList<QueuedPayout>> QueueAsync(Asset asset, DateTimeOffset now, int limit, CancellationToken ct)
    {
        await using var command = Sql.Command(database, QueueSql, asset.Code, now.ToUniversalTime(), limit);
        var rows = new List<QueuedPayout>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            rows.Add(new(
                reader.GetString(0),
                reader.GetGuid(1),
                new(new Asset(reader.GetString(2)), UInt128.Parse(reader.GetString(3), CultureInfo.InvariantCulture)),
                reader.GetString(4),
                reader.GetFieldValue<DateTimeOffset>(5)));
        }

        return rows;
    }

    /// <summary>
    /// Those that are said to wait for liquidity, wait for something else beside, and would be covered by what there is together with all
    /// that come before them.
    /// </summary>
    public async Task<IReadOnlyList<(string Tenant, Guid WithdrawalId)>> CoveredAsync(
        Asset asset, UInt128 available, DateTimeOffset now, int limit, CancellationToken ct)
    {
        await using var command = Sql.Command(
            database, CoveredSql, asset.Code, available.ToString(CultureInfo.InvariantCulture), now.ToUniversalTime(), limit);
        var covered = new List<(string, Guid)>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            covered.Add((reader.GetString(0), reader.GetGuid(1)));
        }

        return covered;
    }

    /// <summary>What waits to be paid on chain in all communities: the coins, and how many withdrawals of tokens.</summary>
    public async Task<(UInt128 Coins, long Tokens)> QueuedOnChainAsync(CancellationToken ct)
    {
        await using var command = database.Command(QueuedOnChainSql);
        await using var reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        return (UInt128.Parse(reader.GetString(0), CultureInfo.InvariantCulture), reader.GetInt64(1));
    }

    private static async Task<IReadOnlyList<WithdrawalRow>> ReadAsync(NpgsqlCommand command, CancellationToken ct)
    {
        await using (command)
        {
            var rows = new List<WithdrawalRow>();
            await using var reader = await command.ExecuteReaderAsync(ct);
            while (await reader.ReadAsync(ct))
            {
                rows.Add(RowOf(reader));
            }

            return rows;
        }
    }

    private static WithdrawalRow RowOf(NpgsqlDataReader reader)
    {
        UInt128 Units(int column) => UInt128.Parse(reader.GetString(column), CultureInfo.InvariantCulture);
        DateTimeOffset? Time(int column) => reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);
        return new(
            reader.GetString(0),
            reader.GetGuid(1),
            reader.GetString(2),
            new(new Asset(reader.GetString(3)), Units(4)),
            Units(5),
            Units(6),
            Enum.Parse<DestinationKind>(reader.GetString(7)),
            reader.GetString(8),
            Enum.Parse<WithdrawalStage>(reader.GetString(9)),
            reader.GetBoolean(10),
            reader.GetBoolean(11),
            reader.GetBoolean(12),
            Time(13),
            reader.GetInt32(14),
            reader.Text(15),
            reader.IsDBNull(16) ? null : Units(16),
            reader.Text(17) is { } block ? ulong.Parse(block, CultureInfo.InvariantCulture) : null,
            reader.Text(18),
            reader.IsDBNull(19) ? null : reader.GetInt64(19),
            reader.GetBoolean(20),
            reader.GetFieldValue<DateTimeOffset>(21),
            reader.GetFieldValue<DateTimeOffset>(22),
            Time(23));
    }
}
