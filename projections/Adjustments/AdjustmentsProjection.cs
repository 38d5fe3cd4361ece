using FiberLink.Events.Adjustments;
using FiberLink.EventStore;
using FiberLink.EventStore.Projections;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.Projections.Adjustments;

/// <summary>Where each adjustment stands. Inline, so that whoever is to agree finds it at once.</summary>
public sealed class AdjustmentsProjection : IProjection
{
    private const string Insert =
        """
        insert into read_models.adjustments (
            adjustment_id, tenant_id, from_account, from_member, to_account, to_member, asset, amount, stage, requested_by, reason,
            requested_at, updated_at, last_position)
        select r.adjustment_id, r.tenant_id, r.from_account, r.from_member, r.to_account, r.to_member, r.asset, r.amount::numeric,
               'Requested', r.requested_by, r.reason, r.at, r.at, r.position
          from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
                      $10::text[], $11::timestamptz[], $12::bigint[])
            as r (adjustment_id, tenant_id, from_account, from_member, to_account, to_member, asset, amount, requested_by, reason, at,
                  position)
        """;

    private const string Update =
        """
        update read_models.adjustments as a
           set stage = e.stage,
               approved_by = coalesce(e.approved_by, a.approved_by),
               reversal_by = nullif(coalesce(e.reversal_by, a.reversal_by), ''),
               updated_at = e.at,
               last_position = e.position
          from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::bigint[])
            as e (adjustment_id, stage, approved_by, reversal_by, at, position)
         where a.adjustment_id = e.adjustment_id
        """;

    public string Name => "Adjustments";

    public bool IsByStream => true;

    public void Project(IReadOnlyList<RecordedEvent> events, NpgsqlBatch batch)
    {
        var requested = events.SelectMany(e => e.Body is AdjustmentEvent.Requested body ? [(Event: e, Body: body)] : Nothing).ToArray();
        if (requested.Length > 0)
        {
            batch.Add(
                Insert,
                Columns.Uuid(requested.Select(r => (Guid?)r.Body.AdjustmentId)),
                Columns.Text(requested.Select(r => r.Event.Stream.Tenant)),
                Columns.Text(requested.Select(r => r.Body.From.Account.ToString())),
                Columns.Text(requested.Select(r => r.Body.From.Member)),
                Columns.Text(requested.Select(r => r.Body.To.Account.ToString())),
                Columns.Text(requested.Select(r => r.Body.To.Member)),
                Columns.Text(requested.Select(r => r.Body.Amount.Asset.Code)),
                Columns.Units(requested.Select(r => (UInt128?)r.Body.Amount.Units)),
                Columns.Text(requested.Select(r => r.Body.By)),
                Columns.Text(requested.Select(r => r.Body.Reason)),
                Columns.Time(requested.Select(r => (DateTimeOffset?)r.Event.At)),
                Columns.Long(requested.Select(r => (long?)r.Event.Position)));
        }

        var moved = AdjustmentPatch.OfEach(events);
        if (moved.Count > 0)
        {
            batch.Add(
                Update,
                Columns.Uuid(moved.Select(m => (Guid?)m.AdjustmentId)),
                Columns.Text(moved.Select(m => m.Stage?.ToString())),
                Columns.Text(moved.Select(m => m.ApprovedBy)),
                Columns.Text(moved.Select(m => m.ReversalBy)),
                Columns.Time(moved.Select(m => (DateTimeOffset?)m.At)),
                Columns.Long(moved.Select(m => (long?)m.Position)));
        }
    }

    private static (RecordedEvent Event, AdjustmentEvent.Requested Body)[] Nothing { get; } = [];
}
