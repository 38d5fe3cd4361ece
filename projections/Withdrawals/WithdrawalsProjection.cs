using FiberLink.Events.Withdrawals;
using FiberLink.EventStore;
using FiberLink.EventStore.Projections;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.Projections.Withdrawals;

/// <summary>Where each withdrawal stands. Inline, because limits are decided over it in the transaction that holds the money.</summary>
public sealed class WithdrawalsProjection : IProjection
{
    /// <summary>The constraint that a second open withdrawal to one invoice breaks.</summary>
    public const string InvoiceIsOpen = "ux_withdrawals_open_invoice";

    private const string Insert =
        """
        insert into read_models.withdrawals (
            tenant_id, withdrawal_id, member, asset, amount, pays, hold, destination_kind, destination, payment_hash, stage,
            needs_approval, awaits_liquidity, not_before, requested_at, updated_at, last_position)
        select r.tenant_id, r.withdrawal_id, r.member, r.asset, r.amount::numeric, r.pays::numeric, r.hold::numeric, r.destination_kind,
               r.destination, r.payment_hash, 'Queued', r.needs_approval, r.awaits_liquidity, r.not_before, r.at, r.at, r.position
          from unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
                      $10::text[], $11::boolean[], $12::boolean[], $13::timestamptz[], $14::timestamptz[], $15::bigint[])
            as r (tenant_id, withdrawal_id, member, asset, amount, pays, hold, destination_kind, destination, payment_hash,
                  needs_approval, awaits_liquidity, not_before, at, position)
        """;

    private const string Update =
        """
        update read_models.withdrawals as w
           set stage = case when w.stage = 'Completed' and e.stage in ('InBlock', 'Sent') then w.stage else coalesce(e.stage, w.stage) end,
               needs_approval = coalesce(e.needs_approval, w.needs_approval),
               is_held_back = coalesce(e.is_held_back, w.is_held_back),
               awaits_liquidity = coalesce(e.awaits_liquidity, w.awaits_liquidity),
               not_before = case when e.sets_not_before then e.not_before else w.not_before end,
               attempt = coalesce(e.attempt, w.attempt),
               evidence = coalesce(e.evidence, w.evidence),
               fee = coalesce(e.fee::numeric, w.fee),
               block_number = case when e.sets_block then e.block_number::numeric else w.block_number end,
               block_hash = case when e.sets_block then e.block_hash else w.block_hash end,
               last_error = coalesce(e.last_error, w.last_error),
               usd_cents = coalesce(e.usd_cents, w.usd_cents),
               is_final = w.is_final or coalesce(e.is_final, e.stage = 'Completed' and w.destination_kind = 'PaymentRequest', false),
               completed_at = coalesce(e.completed_at, w.completed_at),
               updated_at = e.at,
               last_position = e.position
          from unnest($1::text[], $2::uuid[], $3::text[], $4::boolean[], $5::boolean[], $6::boolean[], $7::boolean[], $8::timestamptz[],
                      $9::integer[], $10::text[], $11::text[], $12::boolean[], $13::text[], $14::text[], $15::text[], $16::bigint[],
                      $17::boolean[], $18::timestamptz[], $19::timestamptz[], $20::bigint[])
            as e (tenant_id, withdrawal_id, stage, needs_approval, is_held_back, awaits_liquidity, sets_not_before, not_before,
                  attempt, evidence, fee, sets_block, block_number, block_hash, last_error, usd_cents, is_final, completed_at, at, position)
         where w.tenant_id = e.tenant_id and w.withdrawal_id = e.withdrawal_id
        """;

    public string Name => "Withdrawals";

    // A row is refused for another stream's: of two withdrawals to one invoice, the second waits for the end of the first. So the
    // log's order counts, also within a batch.
    public void Project(IReadOnlyList<RecordedEvent> events, NpgsqlBatch batch)
    {
        var part = new List<RecordedEvent>();
        var frees = false;
        foreach (var @event in events)
        {
            if (frees && @event.Body is WithdrawalEvent.Requested)
            {
                Write(part, batch);
                part.Clear();
                frees = false;
            }

            frees |= @event.Body is WithdrawalEvent.Failed or WithdrawalEvent.Cancelled;
            part.Add(@event);
        }

        Write(part, batch);
    }

    private static void Write(IReadOnlyList<RecordedEvent> events, NpgsqlBatch batch)
    {
        var requested = events.Where(e => e.Body is WithdrawalEvent.Requested)
            .Select(e => (Event: e, Body: (WithdrawalEvent.Requested)e.Body))
            .ToArray();
        if (requested.Length > 0)
        {
            batch.Add(
                Insert,
                Columns.Text(requested.Select(r => r.Event.Stream.Tenant)),
                Columns.Uuid(requested.Select(r => (Guid?)r.Body.WithdrawalId)),
                Columns.Text(requested.Select(r => r.Body.Member)),
                Columns.Text(requested.Select(r => r.Body.Amount.Asset.Code)),
                Columns.Units(requested.Select(r => (UInt128?)r.Body.Amount.Units)),
                Columns.Units(requested.Select(r => (UInt128?)r.Body.Pays.Units)),
                Columns.Units(requested.Select(r => (UInt128?)r.Body.Hold.Units)),
                Columns.Text(requested.Select(r => r.Body.Destination.Kind.ToString())),
                Columns.Text(requested.Select(r => r.Body.Destination.Text)),
                Columns.Text(requested.Select(r => r.Body.Destination.PaymentHash)),
                Columns.Flag(requested.Select(r => (bool?)r.Body.NeedsApproval)),
                Columns.Flag(requested.Select(r => (bool?)r.Body.NeedsLiquidity)),
                Columns.Time(requested.Select(r => r.Body.NotBefore)),
                Columns.Time(requested.Select(r => (DateTimeOffset?)r.Body.RequestedAt)),
                Columns.Long(requested.Select(r => (long?)r.Event.Position)));
        }

        var moved = WithdrawalPatch.OfEach(events);
        if (moved.Count > 0)
        {
            batch.Add(Update, Parameters(moved));
        }
    }

    private static NpgsqlParameter[] Parameters(IReadOnlyList<WithdrawalPatch> moved) =>
    [
        Columns.Text(moved.Select(m => m.Tenant)),
        Columns.Uuid(moved.Select(m => (Guid?)m.WithdrawalId)),
        Columns.Text(moved.Select(m => m.Stage?.ToString())),
        Columns.Flag(moved.Select(m => m.NeedsApproval)),
        Columns.Flag(moved.Select(m => m.IsHeldBack)),
        Columns.Flag(moved.Select(m => m.AwaitsLiquidity)),
        Columns.Flag(moved.Select(m => (bool?)m.SetsNotBefore)),
        Columns.Time(moved.Select(m => m.NotBefore)),
        Columns.Whole(moved.Select(m => m.Attempt)),
        Columns.Text(moved.Select(m => m.Evidence)),
        Columns.Units(moved.Select(m => m.Fee)),
        Columns.Flag(moved.Select(m => (bool?)m.SetsBlock)),
        Columns.Units(moved.Select(m => (UInt128?)m.BlockNumber)),
        Columns.Text(moved.Select(m => m.BlockHash)),
        Columns.Text(moved.Select(m => m.LastError)),
        Columns.Long(moved.Select(m => m.UsdCents)),
        Columns.Flag(moved.Select(m => m.IsFinal)),
        Columns.Time(moved.Select(m => m.CompletedAt)),
        Columns.Time(moved.Select(m => (DateTimeOffset?)m.At)),
        Columns.Long(moved.Select(m => (long?)m.Position)),
    ];
}
