using System.Globalization;
using FiberLink.Events;
using FiberLink.Events.Money;
using Npgsql;

namespace FiberLink.Projections.TipActivity;

/// <summary>A tip as a dashboard lists it. The message is sealed; null when the tipper wrote none.</summary>
public sealed record TipActivityRow(
    Guid TipId,
    string Invoice,
    string PostId,
    Amount Amount,
    TipStage Stage,
    string From,
    string To,
    SealedText? Message,
    DateTimeOffset RequestedAt,
    DateTimeOffset? SettledAt);

/// <summary>How many tips a member sent or got, in one asset.</summary>
/// <param name="Asset">The asset.</param>
/// <param name="Pending">Tips that may still settle.</param>
/// <param name="Completed">Tips that settled.</param>
/// <param name="Failed">Tips that expired or were cancelled.</param>
/// <param name="IncomingUnits">Smallest units of the pending tips to the member.</param>
public sealed record MemberTipCounts(Asset Asset, long Pending, long Completed, long Failed, UInt128 IncomingUnits);

/// <summary>Which tips to list.</summary>
/// <param name="Stages">Only these; null for all.</param>
/// <param name="Limit">How many at most.</param>
public sealed record TipActivityFilter(IReadOnlyCollection<TipStage>? Stages, int Limit);

/// <summary>Lists and counts tips, within one community.</summary>
public sealed class TipActivityQuery(NpgsqlDataSource database)
{
    private const string Columns =
        """
        select tip_id, invoice, post_id, asset, units::text, stage, from_member, to_member, message_key, message_nonce,
               message_ciphertext, requested_at, settled_at, position
          from read_models.tip_activity
        """;

    // Two index scans of the newest few, instead of one scan that an "or" would make of everything.
    private const string OfMember =
        $"""
        select * from (
            ({Columns} where tenant_id = $1 and from_member = $2 and invoice is not null order by position desc limit $3)
            union
            ({Columns} where tenant_id = $1 and to_member = $2 and invoice is not null order by position desc limit $3)
        ) as both_ways order by position desc limit $3
        """;

    private const string OfCommunity =
        $"""
        {Columns} where tenant_id = $1 and invoice is not null and ($3::text[] is null or stage = any($3))
         order by coalesce(settled_at, requested_at) desc, position desc limit $2
        """;

    private const string Counts =
        """
        select asset, pending, completed, failed, incoming_units::text
          from read_models.member_tip_counts where tenant_id = $1 and member = $2 order by asset
        """;

    private const string Stages =
        "select stage, count(*) from read_models.tip_activity where tenant_id = $1 and stage is not null group by stage";

    /// <summary>The newest tips that a member sent or got.</summary>
    public Task<IReadOnlyList<TipActivityRow>> OfMemberAsync(string tenant, string member, int limit, CancellationToken ct) =>
        ReadAsync(Sql.Command(database, OfMember, tenant, member, limit), ct);

    /// <summary>The newest tips of a whole community.</summary>
    public Task<IReadOnlyList<TipActivityRow>> OfCommunityAsync(string tenant, TipActivityFilter filter, CancellationToken ct)
    {
        var command = Sql.Command(database, OfCommunity, tenant, filter.Limit);
        command.Parameters.Add(new()
        {
            Value = (object?)filter.Stages?.Select(s => s.ToString()).ToArray() ?? DBNull.Value,
            NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Array | NpgsqlTypes.NpgsqlDbType.Text,
        });
        return ReadAsync(command, ct);
    }

    /// <summary>One row for each asset that the member sent or got.</summary>
    public async Task<IReadOnlyList<MemberTipCounts>> CountAsync(string tenant, string member, CancellationToken ct)
    {
        await using var command = Sql.Command(database, Counts, tenant, member);
        var counts = new List<MemberTipCounts>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            counts.Add(new(
                new Asset(reader.GetString(0)),
                reader.GetInt64(1),
                reader.GetInt64(2),
                reader.GetInt64(3),
                UInt128.Parse(reader.GetString(4), CultureInfo.InvariantCulture)));
        }

        return counts;
    }

    /// <summary>How many tips of a community stand where.</summary>
    public async Task<IReadOnlyDictionary<TipStage, long>> CountByStageAsync(string tenant, CancellationToken ct)
    {
        await using var command = Sql.Command(database, Stages, tenant);
        var counts = new Dictionary<TipStage, long>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            counts.Add(Enum.Parse<TipStage>(reader.GetString(0)), reader.GetInt64(1));
        }

        return counts;
    }

    private static async Task<IReadOnlyList<TipActivityRow>> ReadAsync(NpgsqlCommand command, CancellationToken ct)
    {
        await using var owned = command;
        var rows = new List<TipActivityRow>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            rows.Add(new(
                reader.GetGuid(0),
                reader.GetString(1),
                reader.GetString(2),
                new(new Asset(reader.GetString(3)), UInt128.Parse(reader.GetString(4), CultureInfo.InvariantCulture)),
                Enum.Parse<TipStage>(reader.GetString(5)),
                reader.GetString(6),
                reader.GetString(7),
                reader.IsDBNull(8) ? null : new(reader.GetGuid(8), reader.GetString(9), reader.GetString(10)),
                reader.GetFieldValue<DateTimeOffset>(11),
                reader.IsDBNull(12) ? null : reader.GetFieldValue<DateTimeOffset>(12)));
        }

        return rows;
    }
}
