using FiberLink.Events.Tips;
using FiberLink.EventStore;
using FiberLink.EventStore.Projections;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.Projections.TipActivity;

/// <summary>Tips as a member's dashboard lists and counts them. Async: nobody decides by it, and it may be a moment behind.</summary>
public sealed class TipActivityProjection : IProjection
{
    public const string ProjectionName = "TipActivity";

    private const string Insert =
        """
        insert into read_models.tip_activity
            (tenant_id, tip_id, post_id, from_member, to_member, asset, units, message_key, message_nonce, message_ciphertext,
             requested_at, position)
        select t.tenant_id, t.tip_id, t.post_id, t.from_member, t.to_member, t.asset, t.units::numeric, t.message_key,
               t.message_nonce, t.message_ciphertext, t.requested_at, t.position
          from unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::uuid[], $9::text[],
                      $10::text[], $11::timestamptz[], $12::bigint[])
            as t (tenant_id, tip_id, post_id, from_member, to_member, asset, units, message_key, message_nonce,
                  message_ciphertext, requested_at, position)
        """;

    // Each tip moves from one pile to another; a member who tips himself is counted once. A tip without an invoice has not been
    // offered to anybody, so until it has one its stage is null: it is in no pile, and goes straight to where a batch leaves it.
    private const string Move =
        """
        with moved as (
            update read_models.tip_activity as tip
               set stage = case when coalesce(e.invoice, tip.invoice) is not null then e.stage end,
                   invoice = coalesce(e.invoice, tip.invoice),
                   settled_at = coalesce(e.settled_at, tip.settled_at)
              from unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[])
                as e (tenant_id, tip_id, stage, invoice, settled_at)
              join read_models.tip_activity as before on before.tenant_id = e.tenant_id and before.tip_id = e.tip_id
             where tip.tenant_id = e.tenant_id and tip.tip_id = e.tip_id
         returning tip.tenant_id, tip.from_member, tip.to_member, tip.asset, tip.units, before.stage as was, tip.stage as is
        ), piles as (
            select tenant_id, member, asset, units, incoming, step, case
                       when stage = 'Settled' then 'completed'
                       when stage in ('Expired', 'Cancelled') then 'failed'
                       else 'pending'
                   end as pile
              from moved
             cross join lateral (
                   select to_member as member, true as incoming
                   union all
                   select from_member, false where from_member <> to_member) as members
             cross join lateral (values (was, -1), ("is", 1)) as steps (stage, step)
             where stage is not null
        )
        insert into read_models.member_tip_counts as c (tenant_id, member, asset, pending, completed, failed, incoming_units)
        select tenant_id, member, asset,
               coalesce(sum(step) filter (where pile = 'pending'), 0),
               coalesce(sum(step) filter (where pile = 'completed'), 0),
               coalesce(sum(step) filter (where pile = 'failed'), 0),
               coalesce(sum(step * units) filter (where pile = 'pending' and incoming), 0)
          from piles
         group by tenant_id, member, asset
         order by tenant_id, member, asset
        on conflict on constraint pk_member_tip_counts do update
           set pending = c.pending + excluded.pending, completed = c.completed + excluded.completed,
               failed = c.failed + excluded.failed, incoming_units = c.incoming_units + excluded.incoming_units
        """;

    public string Name => ProjectionName;

    public void Project(IReadOnlyList<RecordedEvent> events, NpgsqlBatch batch)
    {
        var requested = events.Where(e => e.Body is TipEvent.Requested)
            .Select(e => (e.Stream.Tenant, e.Position, Tip: (TipEvent.Requested)e.Body))
            .ToArray();
        if (requested.Length > 0)
        {
            batch.Add(
                Insert,
                Columns.Text(requested.Select(r => r.Tenant)),
                Columns.Uuid(requested.Select(r => (Guid?)r.Tip.TipId)),
                Columns.Text(requested.Select(r => r.Tip.PostId)),
                Columns.Text(requested.Select(r => r.Tip.From)),
                Columns.Text(requested.Select(r => r.Tip.To)),
                Columns.Text(requested.Select(r => r.Tip.Amount.Asset.Code)),
                Columns.Units(requested.Select(r => (UInt128?)r.Tip.Amount.Units)),
                Columns.Uuid(requested.Select(r => r.Tip.Message?.KeyId)),
                Columns.Text(requested.Select(r => r.Tip.Message?.Nonce)),
                Columns.Text(requested.Select(r => r.Tip.Message?.Ciphertext)),
                Columns.Time(requested.Select(r => (DateTimeOffset?)r.Tip.RequestedAt)),
                Columns.Long(requested.Select(r => (long?)r.Position)));
        }

        var moved = TipChange.LastOfEach(events);
        if (moved.Count > 0)
        {
            batch.Add(
                Move,
                Columns.Text(moved.Select(m => m.Tenant)),
                Columns.Uuid(moved.Select(m => (Guid?)m.TipId)),
                Columns.Text(moved.Select(m => m.Stage.ToString())),
                Columns.Text(moved.Select(m => m.Invoice)),
                Columns.Time(moved.Select(m => m.SettledAt)));
        }
    }
}
