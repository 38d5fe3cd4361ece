using Npgsql;

namespace FiberLink.Projections.TipActivity;

/// <summary>A tip of a window of time, and what there is to ask the node about it.</summary>
/// <param name="TipId">The tip.</param>
/// <param name="PaymentHash">What the node knows its invoice by, whether or not it was ever made.</param>
/// <param name="Stage">Where it stands, as of the log's end.</param>
/// <param name="HasInvoice">Its invoice is recorded.</param>
/// <param name="RequestedAt">When the tipper asked.</param>
/// <param name="IssuedAt">When the invoice was made; null when none is recorded, or the tip is over.</param>
/// <param name="ExpiresAt">Until when it can be paid; likewise.</param>
/// <param name="TraceParent">The trace of the request that asked for it.</param>
public sealed record WindowedTip(
    Guid TipId,
    string PaymentHash,
    TipStage Stage,
    bool HasInvoice,
    DateTimeOffset RequestedAt,
    DateTimeOffset? IssuedAt,
    DateTimeOffset? ExpiresAt,
    string? TraceParent);

/// <summary>A window of time within a community.</summary>
/// <param name="Tenant">The community.</param>
/// <param name="From">The first moment.</param>
/// <param name="To">The first moment after it.</param>
public sealed record TipWindow(string Tenant, DateTimeOffset From, DateTimeOffset To)
{
    public bool Has(DateTimeOffset at) => at >= From && at < To;
}

/// <summary>Goes through the tips of a window, by the index of their times.</summary>
public sealed class TipWindowQuery(NpgsqlDataSource database)
{
    // Which tips there are is what the dashboards know; how they stand now is known to those that commit with the log.
    private const string Tip =
        """
        select a.tip_id, s.payment_hash, s.stage, s.invoice is not null, a.requested_at, w.issued_at, w.expires_at, w.trace_parent
        """;

    private const string Standing =
        """
          join read_models.tip_status as s on s.tenant_id = $1 and s.tip_id = a.tip_id
          left join read_models.invoice_watch as w on w.tenant_id = $1 and w.tip_id = a.tip_id
         order by a.requested_at, a.tip_id
        """;

    private const string Page =
        $"""
        {Tip}
          from (select tip_id, requested_at
                  from read_models.tip_activity
                 where tenant_id = $1 and requested_at >= $2 and requested_at < $3 and (requested_at, tip_id) > ($4, $5)
                   and position <= $6
                 order by requested_at, tip_id limit $7) as a
        {Standing}
        """;

    private const string Named =
        $"""
        {Tip}
          from unnest($2::uuid[], $3::timestamptz[]) as a (tip_id, requested_at)
        {Standing}
        """;

    /// <summary>One page of the tips that the dashboards know, in order of time.</summary>
    /// <param name="window">Which.</param>
    /// <param name="after">The last tip of the page before; null for the first page.</param>
    /// <param name="position">Only tips that were requested at or before this position of the log.</param>
    /// <param name="limit">How many at most. Fewer are the last.</param>
    /// <param name="ct">Stops the call.</param>
    public async Task<IReadOnlyList<WindowedTip>> PageAsync(
        TipWindow window, WindowedTip? after, long position, int limit, CancellationToken ct)
    {
        await using var command = Sql.Command(
            database,
            Page,
            window.Tenant,
            window.From.ToUniversalTime(),
            window.To.ToUniversalTime(),
            (after?.RequestedAt ?? window.From).ToUniversalTime(),
            after?.TipId ?? Guid.Empty,
            position,
            limit);
        return await ReadAsync(command, ct);
    }

    /// <summary>How certain tips stand; those that are unknown are left out.</summary>
    public async Task<IReadOnlyList<WindowedTip>> NamedAsync(
        string tenant, IReadOnlyCollection<(Guid TipId, DateTimeOffset RequestedAt)> tips, CancellationToken ct)
    {
        await using var command = Sql.Command(database, Named, tenant);
        command.Parameters.Add(Columns.Uuid(tips.Select(t => (Guid?)t.TipId)));
        command.Parameters.Add(Columns.Time(tips.Select(t => (DateTimeOffset?)t.RequestedAt)));
        return await ReadAsync(command, ct);
    }

    private static async Task<IReadOnlyList<WindowedTip>> ReadAsync(NpgsqlCommand command, CancellationToken ct)
    {
        var tips = new List<WindowedTip>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            tips.Add(new(
                reader.GetGuid(0),
                reader.GetString(1),
                Enum.Parse<TipStage>(reader.GetString(2)),
                reader.GetBoolean(3),
                reader.GetFieldValue<DateTimeOffset>(4),
                reader.IsDBNull(5) ? null : reader.GetFieldValue<DateTimeOffset>(5),
                reader.IsDBNull(6) ? null : reader.GetFieldValue<DateTimeOffset>(6),
                reader.Text(7)));
        }

        return tips;
    }
}
