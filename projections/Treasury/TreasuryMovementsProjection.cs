using FiberLink.EventStore;
using FiberLink.EventStore.Projections;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.Projections.Treasury;

/// <summary>Where each movement stands. Inline, because the budget is decided over it in the transaction that lets something out.</summary>
public sealed class TreasuryMovementsProjection : IProjection
{
    private const string Insert =
        """
        insert into read_models.treasury_movements (
            movement_id, kind, asset, amount, destination, place, way, stage, requested_by, reason, requested_at, updated_at, last_position)
        select r.movement_id, r.kind, r.asset, r.amount::numeric, r.destination, r.place, r.way, 'Requested', r.requested_by, r.reason,
               r.at, r.at, r.position
          from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
                      $10::timestamptz[], $11::bigint[])
            as r (movement_id, kind, asset, amount, destination, place, way, requested_by, reason, at, position)
        """;

    private const string Update =
        """
        update read_models.treasury_movements as m
           set stage = case when m.stage = 'Completed' and e.stage in ('InBlock', 'Sent') then m.stage else coalesce(e.stage, m.stage) end,
               amount = coalesce(e.amount::numeric, m.amount),
               approved_by = coalesce(e.approved_by, m.approved_by),
               attempt = coalesce(e.attempt, m.attempt),
               evidence = coalesce(e.evidence, m.evidence),
               fee = coalesce(e.fee::numeric, m.fee),
               block_number = case when e.sets_block then e.block_number::numeric else m.block_number end,
               last_error = coalesce(e.last_error, m.last_error),
               is_final = m.is_final or coalesce(e.is_final, false),
               counts_from = coalesce(e.counts_from, m.counts_from),
               not_before = coalesce(e.not_before, m.not_before),
               completed_at = coalesce(e.completed_at, m.completed_at),
               updated_at = e.at,
               last_position = e.position
          from unnest($1::uuid[], $2::text[], $3::text[], $4::integer[], $5::text[], $6::text[], $7::boolean[], $8::text[], $9::text[],
                      $10::boolean[], $11::timestamptz[], $12::timestamptz[], $13::timestamptz[], $14::timestamptz[], $15::bigint[],
                      $16::text[])
            as e (movement_id, stage, approved_by, attempt, evidence, fee, sets_block, block_number, last_error, is_final, counts_from,
                  not_before, completed_at, at, position, amount)
         where m.movement_id = e.movement_id
        """;

    public string Name => "TreasuryMovements";

    public void Project(IReadOnlyList<RecordedEvent> events, NpgsqlBatch batch)
    {
        var requested = events.Select(e => (Event: e, Row: RequestedMovement.Of(e.Body))).Where(r => r.Row is not null).ToArray();
        if (requested.Length > 0)
        {
            batch.Add(
                Insert,
                Columns.Uuid(requested.Select(r => (Guid?)r.Row!.MovementId)),
                Columns.Text(requested.Select(r => r.Row!.Kind.ToString())),
                Columns.Text(requested.Select(r => r.Row!.Amount.Asset.Code)),
                Columns.Units(requested.Select(r => (UInt128?)r.Row!.Amount.Units)),
                Columns.Text(requested.Select(r => r.Row!.To)),
                Columns.Text(requested.Select(r => r.Row!.Place?.ToString())),
                Columns.Text(requested.Select(r => r.Row!.Way?.ToString())),
                Columns.Text(requested.Select(r => r.Row!.By)),
                Columns.Text(requested.Select(r => r.Row!.Reason)),
                Columns.Time(requested.Select(r => (DateTimeOffset?)r.Row!.At)),
                Columns.Long(requested.Select(r => (long?)r.Event.Position)));
        }

        var moved = MovementPatch.OfEach(events);
        if (moved.Count > 0)
        {
            batch.Add(Update, Parameters(moved));
        }
    }

    private static NpgsqlParameter[] Parameters(IReadOnlyList<MovementPatch> moved) =>
    [
        Columns.Uuid(moved.Select(m => (Guid?)m.MovementId)),
        Columns.Text(moved.Select(m => m.Stage?.ToString())),
        Columns.Text(moved.Select(m => m.ApprovedBy)),
        Columns.Whole(moved.Select(m => m.Attempt)),
        Columns.Text(moved.Select(m => m.Evidence)),
        Columns.Units(moved.Select(m => m.Fee)),
        Columns.Flag(moved.Select(m => (bool?)m.SetsBlock)),
        Columns.Units(moved.Select(m => (UInt128?)m.BlockNumber)),
        Columns.Text(moved.Select(m => m.LastError)),
        Columns.Flag(moved.Select(m => m.IsFinal)),
        Columns.Time(moved.Select(m => m.CountsFrom)),
        Columns.Time(moved.Select(m => m.NotBefore)),
        Columns.Time(moved.Select(m => m.CompletedAt)),
        Columns.Time(moved.Select(m => (DateTimeOffset?)m.At)),
        Columns.Long(moved.Select(m => (long?)m.Position)),
        Columns.Units(moved.Select(m => m.Units)),
    ];
}
