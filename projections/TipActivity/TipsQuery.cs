using System.Globalization;
using FiberLink.Events.Money;
using Npgsql;

namespace FiberLink.Projections.TipActivity;

/// <summary>A tip as operators list it, with an invoice or without. What was written with it is left out.</summary>
/// <param name="Tenant">The community.</param>
/// <param name="TipId">The tip.</param>
/// <param name="PostId">The forum's post.</param>
/// <param name="From">Who tips.</param>
/// <param name="To">Who is tipped.</param>
/// <param name="Amount">What the invoice asks for.</param>
/// <param name="Stage">Where it stands, as of the log's end.</param>
/// <param name="Invoice">Null when none is recorded.</param>
/// <param name="PaymentHash">What the node knows its invoice by.</param>
/// <param name="RequestedAt">When the tipper asked.</param>
/// <param name="SettledAt">When it was credited; null when it was not.</param>
/// <param name="Position">Where in the log it was requested.</param>
public sealed record TipRow(
    string Tenant,
    Guid TipId,
    string PostId,
    string From,
    string To,
    Amount Amount,
    TipStage Stage,
    string? Invoice,
    string PaymentHash,
    DateTimeOffset RequestedAt,
    DateTimeOffset? SettledAt,
    long Position);

/// <summary>Which tips are wanted.</summary>
/// <param name="Tenant">Null for all communities.</param>
/// <param name="Member">Null for all members.</param>
/// <param name="Limit">The most that is answered.</param>
public sealed record TipFilter(string? Tenant, string? Member, int Limit)
{
    /// <summary>Those to the member. Of no account without one.</summary>
    public bool In { get; init; } = true;

    /// <summary>Those from the member. Of no account without one.</summary>
    public bool Out { get; init; } = true;

    /// <summary>Null for all.</summary>
    public TipStage? Stage { get; init; }

    /// <summary>Those that were requested before this position of the log; null for the newest.</summary>
    public long? Before { get; init; }
}

/// <summary>Lists tips and finds them by what people have in hand.</summary>
public sealed class TipsQuery(NpgsqlDataSource database)
{
    // Which tips there are is what the dashboards know; how they stand now is known to those that commit with the log.
    private const string Chosen =
        """
        select a.tenant_id, a.tip_id, a.post_id, a.from_member, a.to_member, a.asset, a.units::text, s.stage, s.invoice, s.payment_hash,
               a.requested_at, a.settled_at, a.position
          from read_models.tip_activity as a
          join read_models.tip_status as s on s.tenant_id = a.tenant_id and s.tip_id = a.tip_id
         where ($1 = '' or a.tenant_id = $1) and ($2 = '' or s.stage = $2) and a.position < $3
        """;

    private const string Latest = $"{Chosen} order by a.position desc limit $4";

    // Each direction has an index of its own; an "or" would use neither.
    private const string OfMember =
        $"""
        select * from (
            ({Chosen} and a.from_member = $5 and $6 order by a.position desc limit $4)
            union
            ({Chosen} and a.to_member = $5 and $7 order by a.position desc limit $4)
        ) as both_ways order by position desc limit $4
        """;

    private const string ById =
        """
        select s.tenant_id, s.tip_id
          from read_models.communities as c
          join read_models.tip_status as s on s.tenant_id = c.app_id and s.tip_id = $2
         where $1 = '' or c.app_id = $1
         order by 1
        """;

    private const string ByInvoice =
        """
        select tenant_id, tip_id from read_models.tip_status
         where (payment_hash = lower($2) or invoice = $2) and ($1 = '' or tenant_id = $1) order by 1, 2
        """;

    /// <summary>Those that were requested last come first.</summary>
    public async Task<IReadOnlyList<TipRow>> ListAsync(TipFilter filter, CancellationToken ct)
    {
        object[] common = [filter.Tenant ?? "", filter.Stage?.ToString() ?? "", filter.Before ?? long.MaxValue, filter.Limit];
        await using var command = filter.Member is { } member
            ? Sql.Command(database, OfMember, [.. common, member, filter.Out, filter.In])
            : Sql.Command(database, Latest, common);
        var rows = new List<TipRow>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            rows.Add(new(
                reader.GetString(0),
                reader.GetGuid(1),
                reader.GetString(2),
                reader.GetString(3),
                reader.GetString(4),
                new(new Asset(reader.GetString(5)), UInt128.Parse(reader.GetString(6), CultureInfo.InvariantCulture)),
                Enum.Parse<TipStage>(reader.GetString(7)),
                reader.Text(8),
                reader.GetString(9),
                reader.GetFieldValue<DateTimeOffset>(10),
                reader.IsDBNull(11) ? null : reader.GetFieldValue<DateTimeOffset>(11),
                reader.GetInt64(12)));
        }

        return rows;
    }

    /// <summary>The tips with an id: one, or one in each of several communities.</summary>
    /// <param name="tenant">Null for all communities.</param>
    /// <param name="tipId">The id.</param>
    /// <param name="ct">Stops the search.</param>
    public Task<IReadOnlyList<(string Tenant, Guid TipId)>> FindAsync(string? tenant, Guid tipId, CancellationToken ct) =>
        FindAsync(Sql.Command(database, ById, tenant ?? "", tipId), ct);

    /// <summary>The tips with an invoice or a payment hash; none when it is none of this hub's.</summary>
    /// <param name="tenant">Null for all communities.</param>
    /// <param name="invoice">The invoice as the node writes it, or the payment hash.</param>
    /// <param name="ct">Stops the search.</param>
    public Task<IReadOnlyList<(string Tenant, Guid TipId)>> FindAsync(string? tenant, string invoice, CancellationToken ct) =>
        FindAsync(Sql.Command(database, ByInvoice, tenant ?? "", invoice), ct);

    private static async Task<IReadOnlyList<(string Tenant, Guid TipId)>> FindAsync(NpgsqlCommand command, CancellationToken ct)
    {
        await using (command)
        {
            var found = new List<(string, Guid)>();
            await using var reader = await command.ExecuteReaderAsync(ct);
            while (await reader.ReadAsync(ct))
            {
                found.Add((reader.GetString(0), reader.GetGuid(1)));
            }

            return found;
        }
    }
}
