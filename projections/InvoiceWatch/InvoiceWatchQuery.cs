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

/// <summary>When to ask about an invoice again.</summary>
/// <param name="At">Null for never, unless somebody asks for it.</param>
/// <param name="IsSlow">It may wait behind those that are not.</param>
public sealed record NextPoll(DateTimeOffset? At, bool IsSlow);

/// <summary>What the settlement watcher asks of the table, and when it comes back to an invoice.</summary>
public sealed class InvoiceWatchQuery(NpgsqlDataSource database)
{
    private const string Invoice = "w.tenant_id, w.tip_id, w.payment_hash, w.stage, w.issued_at, w.expires_at, w.trace_parent";

    // Also those that are not asked about by themselves any more.
    private const string Wanted =
        $"""
        select {Invoice}
          from read_models.invoice_watch as w
          join unnest($1::text[], $2::uuid[]) as asked (tenant_id, tip_id)
            on w.tenant_id = asked.tenant_id and w.tip_id = asked.tip_id
         where w.issued_at is not null
         union
        select {Invoice}
          from unnest($3::text[]) as hinted (payment_hash)
          join read_models.tip_status as s on s.payment_hash = hinted.payment_hash
          join read_models.invoice_watch as w on w.tenant_id = s.tenant_id and w.tip_id = s.tip_id
         where w.issued_at is not null
        """;

    private const string Due =
        $"""
        select {Invoice}
          from read_models.invoice_watch as w
         where w.is_slow = $1 and w.next_poll_at <= $2
         order by w.next_poll_at limit $3
        """;

    // From one community to the next by the index, whatever lies between them.
    private const string Tenants =
        """
        with recursive tenants as (
            (select w.tenant_id, 1 as number
               from read_models.invoice_watch as w
              where w.is_slow = $1 and w.next_poll_at is not null and w.tenant_id > $2
              order by w.tenant_id limit 1)
             union all
            select (select w.tenant_id
                      from read_models.invoice_watch as w
                     where w.is_slow = $1 and w.next_poll_at is not null and w.tenant_id > t.tenant_id
                     order by w.tenant_id limit 1),
                   t.number + 1
              from tenants as t
             where t.tenant_id is not null and t.number < $3
        )
        select tenant_id from tenants where tenant_id is not null order by tenant_id
        """;

    private const string DueOfEach =
        $"""
        select {Invoice}
          from unnest($3::text[]) as t (tenant_id)
         cross join lateral (
            select *
              from read_models.invoice_watch as i
             where i.is_slow = $1 and i.tenant_id = t.tenant_id and i.next_poll_at <= $2
             order by i.next_poll_at limit $4) as w
        """;

    // Whoever holds one of them just now is writing down something newer; waiting for many of them in an order of our own, while
    // he waits in his, would end in a deadlock.
    private const string PutOff =
        """
        with put_off as (
            select w.tenant_id, w.tip_id, p.next_poll_at, p.is_slow
              from read_models.invoice_watch as w
              join unnest($1::text[], $2::uuid[], $3::timestamptz[], $4::boolean[]) as p (tenant_id, tip_id, next_poll_at, is_slow)
                on w.tenant_id = p.tenant_id and w.tip_id = p.tip_id
               for update of w skip locked)
        update read_models.invoice_watch as w
           set next_poll_at = p.next_poll_at, is_slow = p.is_slow
          from put_off as p
         where w.tenant_id = p.tenant_id and w.tip_id = p.tip_id
        """;

    private const string Count = "select count(*) from read_models.invoice_watch where next_poll_at is not null";

    /// <summary>Those that somebody asks for, whether they are due or not; an invoice that is settled is not watched any more.</summary>
    /// <param name="tips">Tips that somebody waits for.</param>
    /// <param name="paymentHashes">What the node has said something about; hashes that are nobody's here are left out.</param>
    /// <param name="ct">Stops the call.</param>
    public async Task<IReadOnlyList<WatchedInvoice>> WantedAsync(
        IReadOnlyCollection<(string Tenant, Guid TipId)> tips, IReadOnlyCollection<string> paymentHashes, CancellationToken ct)
    {
        await using var command = Sql.Command(database, Wanted);
        command.Parameters.Add(Columns.Text(tips.Select(a => a.Tenant)));
        command.Parameters.Add(Columns.Uuid(tips.Select(a => (Guid?)a.TipId)));
        command.Parameters.Add(Columns.Text(paymentHashes));
        return await ReadAsync(command, ct);
    }

    /// <summary>The invoices of a lane that are due, the longest due ones when there are more than the limit.</summary>
    /// <param name="isSlow">Which lane.</param>
    /// <param name="now">What counts as due.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="ct">Stops the call.</param>
    public async Task<IReadOnlyList<WatchedInvoice>> DueAsync(bool isSlow, DateTimeOffset now, int limit, CancellationToken ct)
    {
        await using var command = Sql.Command(database, Due, isSlow, now.ToUniversalTime(), limit);
        return await ReadAsync(command, ct);
    }

    /// <summary>
    /// As <see cref="DueAsync"/> when more is due than can be asked about: the same number for each of some communities, and the next
    /// ones the next time.
    /// </summary>
    /// <param name="isSlow">Which lane.</param>
    /// <param name="now">What counts as due.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="after">The community behind which to begin: empty for the first.</param>
    /// <param name="ct">Stops the call.</param>
    /// <returns>What is due, and where to begin the next time.</returns>
    public async Task<(IReadOnlyList<WatchedInvoice> Due, string After)> DueOfEachAsync(
        bool isSlow, DateTimeOffset now, int limit, string after, CancellationToken ct)
    {
        var tenants = await TenantsAsync(isSlow, limit, after, ct);
        if (tenants.Count == 0)
        {
            return ([], "");
        }

        await using var command = Sql.Command(database, DueOfEach, isSlow, now.ToUniversalTime(), tenants.ToArray(), limit / tenants.Count);
        return (await ReadAsync(command, ct), tenants.Count < limit ? "" : tenants[^1]);
    }

    /// <summary>Sets when to ask about invoices next; one that somebody is writing to at the moment stays as he leaves it.</summary>
    public async Task PutOffAsync(IReadOnlyCollection<(WatchedInvoice Invoice, NextPoll Next)> invoices, CancellationToken ct)
    {
        await using var command = Sql.Command(database, PutOff);
        command.Parameters.Add(Columns.Text(invoices.Select(i => i.Invoice.Tenant)));
        command.Parameters.Add(Columns.Uuid(invoices.Select(i => (Guid?)i.Invoice.TipId)));
        command.Parameters.Add(Columns.Time(invoices.Select(i => i.Next.At)));
        command.Parameters.Add(new() { Value = invoices.Select(i => i.Next.IsSlow).ToArray() });
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>How many invoices are watched.</summary>
    public async Task<long> CountAsync(CancellationToken ct)
    {
        await using var command = Sql.Command(database, Count);
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }

    private async Task<IReadOnlyList<string>> TenantsAsync(bool isSlow, int limit, string after, CancellationToken ct)
    {
        await using var command = Sql.Command(database, Tenants, isSlow, after, limit);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var tenants = new List<string>();
        while (await reader.ReadAsync(ct))
        {
            tenants.Add(reader.GetString(0));
        }

        return tenants;
    }

    private static async Task<IReadOnlyList<WatchedInvoice>> ReadAsync(NpgsqlCommand command, CancellationToken ct)
    {
        var invoices = new List<WatchedInvoice>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            invoices.Add(new(
                reader.GetString(0),
                reader.GetGuid(1),
                reader.GetString(2),
                Enum.Parse<TipStage>(reader.GetString(3)),
                reader.GetFieldValue<DateTimeOffset>(4),
                reader.GetFieldValue<DateTimeOffset>(5),
                reader.Text(6)));
        }

        return invoices;
    }
}
