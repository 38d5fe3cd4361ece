using Npgsql;

namespace FiberLink.Projections.InvoiceWatch;

/// <summary>An invoice that the node is to be asked about.</summary>
/// <param name="Tenant">The community.</param>
/// <param name="TipId">The tip.</param>
/// <param name="PaymentHash">What the node knows it by.</param>
/// <param name="Stage">Where the tip stands as far as we know.</param>
/// <param name="IssuedAt">When the invoice was made.</param>
/// <param name="ExpiresAt">Until when it can be paid, as the node should see it.</param>
/// <param name="TraceParent">The trace of the request that asked for it.</param>
public sealed record WatchedInvoice(
    string Tenant,
    Guid TipId,
    string PaymentHash,
    TipStage Stage,
    DateTimeOffset IssuedAt,
    DateTimeOffset ExpiresAt,
    string? TraceParent);

/// <summary>What the settlement watcher asks of the table, and when it comes back to an invoice.</summary>
public sealed class InvoiceWatchQuery(NpgsqlDataSource database)
{
    // Two index scans; those asked about come first, whatever their due time.
    private const string Due =
        """
        with asked as (
            select w.* from read_models.invoice_watch as w
              join unnest($3::text[], $4::uuid[]) as a (tenant_id, tip_id) on w.tenant_id = a.tenant_id and w.tip_id = a.tip_id
             where w.next_poll_at is not null
        ), due as (
            select * from read_models.invoice_watch where next_poll_at <= $1 order by next_poll_at limit $2
        )
        select tenant_id, tip_id, payment_hash, stage, issued_at, expires_at, trace_parent
          from (select * from asked union select * from due) as both_kinds
         order by next_poll_at
        """;

    private const string PutOff =
        """
        update read_models.invoice_watch as w
           set next_poll_at = p.next_poll_at
          from unnest($1::text[], $2::uuid[], $3::timestamptz[]) as p (tenant_id, tip_id, next_poll_at)
         where w.tenant_id = p.tenant_id and w.tip_id = p.tip_id
        """;

    private const string Count = "select count(*) from read_models.invoice_watch where next_poll_at is not null";

    /// <summary>The invoices that are due, the longest due ones when there are more than the limit; and those asked about.</summary>
    /// <param name="now">What counts as due.</param>
    /// <param name="limit">How many due ones at most.</param>
    /// <param name="asked">Tips whose invoices are wanted whether they are due or not.</param>
    /// <param name="ct">Stops the call.</param>
    public async Task<IReadOnlyList<WatchedInvoice>> DueAsync(
        DateTimeOffset now, int limit, IReadOnlyList<(string Tenant, Guid TipId)> asked, CancellationToken ct)
    {
        await using var command = Sql.Command(database, Due, now.ToUniversalTime(), limit);
        command.Parameters.Add(Columns.Text(asked.Select(a => a.Tenant)));
        command.Parameters.Add(Columns.Uuid(asked.Select(a => (Guid?)a.TipId)));
        var due = new List<WatchedInvoice>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            due.Add(new(
                reader.GetString(0),
                reader.GetGuid(1),
                reader.GetString(2),
                Enum.Parse<TipStage>(reader.GetString(3)),
                reader.GetFieldValue<DateTimeOffset>(4),
                reader.GetFieldValue<DateTimeOffset>(5),
                reader.Text(6)));
        }

        return due;
    }

    /// <summary>Sets when to ask about invoices next; null for never again.</summary>
    public async Task PutOffAsync(IReadOnlyList<(WatchedInvoice Invoice, DateTimeOffset? Next)> invoices, CancellationToken ct)
    {
        await using var command = Sql.Command(database, PutOff);
        command.Parameters.Add(Columns.Text(invoices.Select(i => i.Invoice.Tenant)));
        command.Parameters.Add(Columns.Uuid(invoices.Select(i => (Guid?)i.Invoice.TipId)));
        command.Parameters.Add(Columns.Time(invoices.Select(i => i.Next)));
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>How many invoices are watched.</summary>
    public async Task<long> CountAsync(CancellationToken ct)
    {
        await using var command = Sql.Command(database, Count);
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }
}
