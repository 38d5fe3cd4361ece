using FiberLink.Events.Tips;
using FiberLink.EventStore;
using FiberLink.EventStore.Projections;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.Projections.TipStatus;

/// <summary>Answers <c>tip.status</c>, and finds a tip by its invoice. Inline, because the payer polls it right after paying.</summary>
public sealed class TipStatusProjection : IProjection
{
    private const string Insert =
        """
        insert into read_models.tip_status (tenant_id, tip_id, payment_hash, asset, stage)
        select * from unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::text[])
        """;

    private const string Update =
        """
        update read_models.tip_status as tip
           set stage = e.stage, invoice = coalesce(e.invoice, tip.invoice)
          from unnest($1::text[], $2::uuid[], $3::text[], $4::text[]) as e (tenant_id, tip_id, stage, invoice)
         where tip.tenant_id = e.tenant_id and tip.tip_id = e.tip_id
        """;

    public string Name => "TipStatus";

    public bool IsByStream => true;

    public void Project(IReadOnlyList<RecordedEvent> events, NpgsqlBatch batch)
    {
        var requested = events.Where(e => e.Body is TipEvent.Requested)
            .Select(e => (e.Stream.Tenant, Tip: (TipEvent.Requested)e.Body))
            .ToArray();
        if (requested.Length > 0)
        {
            batch.Add(
                Insert,
                Columns.Text(requested.Select(r => r.Tenant)),
                Columns.Uuid(requested.Select(r => (Guid?)r.Tip.TipId)),
                Columns.Text(requested.Select(r => r.Tip.Order.PaymentHash)),
                Columns.Text(requested.Select(r => r.Tip.Amount.Asset.Code)),
                Columns.Text(requested.Select(_ => nameof(TipStage.Requested))));
        }

        var moved = TipChange.LastOfEach(events);
        if (moved.Count > 0)
        {
            batch.Add(
                Update,
                Columns.Text(moved.Select(m => m.Tenant)),
                Columns.Uuid(moved.Select(m => (Guid?)m.TipId)),
                Columns.Text(moved.Select(m => m.Stage.ToString())),
                Columns.Text(moved.Select(m => m.Invoice)));
        }
    }
}
