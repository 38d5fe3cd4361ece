using FiberLink.Events.Tips;
using FiberLink.EventStore;
using FiberLink.EventStore.Projections;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.Projections.InvoiceWatch;

/// <summary>Which invoices the settlement watcher asks about. Inline: an invoice that is shown must be watched.</summary>
/// <remarks>
/// When an invoice is asked about next is moved by the watcher, not by events. A rebuild takes it over from the live rows; only where
/// those are lost would every invoice that may still be paid be asked about once more.
/// </remarks>
public sealed class InvoiceWatchProjection : IProjection
{
    private const string Insert =
        """
        insert into read_models.invoice_watch (tenant_id, tip_id, payment_hash, stage, trace_parent)
        select * from unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::text[])
        """;

    // An invoice that was given up is still asked about: the node may be paid on it all the same.
    private const string Update =
        """
        update read_models.invoice_watch as w
           set stage = e.stage,
               issued_at = coalesce(e.issued_at, w.issued_at, e.at),
               expires_at = coalesce(e.expires_at, w.expires_at, e.at),
               next_poll_at = coalesce(e.issued_at, w.next_poll_at, e.at)
          from unnest($1::text[], $2::uuid[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[])
            as e (tenant_id, tip_id, stage, issued_at, expires_at, at)
         where w.tenant_id = e.tenant_id and w.tip_id = e.tip_id
        """;

    private const string Delete =
        """
        delete from read_models.invoice_watch as w
         using unnest($1::text[], $2::uuid[]) as e (tenant_id, tip_id)
         where w.tenant_id = e.tenant_id and w.tip_id = e.tip_id
        """;

    public string Name => "InvoiceWatch";

    public bool IsByStream => true;

    public void Project(IReadOnlyList<RecordedEvent> events, NpgsqlBatch batch)
    {
        var requested = events.Where(e => e.Body is TipEvent.Requested).ToArray();
        if (requested.Length > 0)
        {
            batch.Add(
                Insert,
                Columns.Text(requested.Select(e => e.Stream.Tenant)),
                Columns.Uuid(requested.Select(e => (Guid?)((TipEvent.Requested)e.Body).TipId)),
                Columns.Text(requested.Select(e => ((TipEvent.Requested)e.Body).Order.PaymentHash)),
                Columns.Text(requested.Select(_ => nameof(TipStage.Requested))),
                Columns.Text(requested.Select(e => e.Metadata.TraceParent)));
        }

        var moved = TipChange.LastOfEach(events);
        var open = moved.Where(m => !IsOver(m)).ToArray();
        if (open.Length > 0)
        {
            batch.Add(
                Update,
                Columns.Text(open.Select(m => m.Tenant)),
                Columns.Uuid(open.Select(m => (Guid?)m.TipId)),
                Columns.Text(open.Select(m => m.Stage.ToString())),
                Columns.Time(open.Select(m => m.IssuedAt)),
                Columns.Time(open.Select(m => m.ExpiresAt)),
                Columns.Time(open.Select(m => (DateTimeOffset?)m.At)));
        }

        var over = moved.Where(m => IsOver(m)).ToArray();
        if (over.Length > 0)
        {
            batch.Add(Delete, Columns.Text(over.Select(m => m.Tenant)), Columns.Uuid(over.Select(m => (Guid?)m.TipId)));
        }
    }

    private static bool IsOver(TipChange change) => change.Stage is TipStage.Settled or TipStage.Suspended && !change.MayBePaidTwice;
}
