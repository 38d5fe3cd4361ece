using FiberLink.Events.Tips;
using FiberLink.EventStore;
using FiberLink.EventStore.Projections;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.Projections.SettledFeed;

/// <summary>The settled tips of a community in commit order. Async: a reader who comes later finds them all the same.</summary>
public sealed class SettledFeedProjection : IProjection
{
    private const string Insert =
        """
        insert into read_models.settled_feed
            (tenant_id, tip_id, post_id, from_member, to_member, asset, units, message_key, message_nonce, message_ciphertext)
        select t.tenant_id, t.tip_id, t.post_id, t.from_member, t.to_member, t.asset, t.units::numeric, t.message_key,
               t.message_nonce, t.message_ciphertext
          from unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::uuid[], $9::text[],
                      $10::text[])
            as t (tenant_id, tip_id, post_id, from_member, to_member, asset, units, message_key, message_nonce, message_ciphertext)
        """;

    private const string Invoice =
        """
        update read_models.settled_feed as tip set invoice = e.invoice
          from unnest($1::text[], $2::uuid[], $3::text[]) as e (tenant_id, tip_id, invoice)
         where tip.tenant_id = e.tenant_id and tip.tip_id = e.tip_id
        """;

    private const string Settle =
        """
        update read_models.settled_feed as tip
           set units = e.units::numeric, settled_at = e.settled_at, position = e.position
          from unnest($1::text[], $2::uuid[], $3::text[], $4::timestamptz[], $5::bigint[])
            as e (tenant_id, tip_id, units, settled_at, position)
         where tip.tenant_id = e.tenant_id and tip.tip_id = e.tip_id
        """;

    public string Name => "SettledFeed";

    public bool IsByStream => true;

    public void Project(IReadOnlyList<RecordedEvent> events, NpgsqlBatch batch)
    {
        var requested = Of<TipEvent.Requested>(events);
        if (requested.Length > 0)
        {
            batch.Add(
                Insert,
                Columns.Text(requested.Select(r => r.Tenant)),
                Columns.Uuid(requested.Select(r => (Guid?)r.Event.TipId)),
                Columns.Text(requested.Select(r => r.Event.PostId)),
                Columns.Text(requested.Select(r => r.Event.From)),
                Columns.Text(requested.Select(r => r.Event.To)),
                Columns.Text(requested.Select(r => r.Event.Amount.Asset.Code)),
                Columns.Units(requested.Select(r => (UInt128?)r.Event.Amount.Units)),
                Columns.Uuid(requested.Select(r => r.Event.Message?.KeyId)),
                Columns.Text(requested.Select(r => r.Event.Message?.Nonce)),
                Columns.Text(requested.Select(r => r.Event.Message?.Ciphertext)));
        }

        var issued = Of<TipEvent.InvoiceIssued>(events);
        if (issued.Length > 0)
        {
            batch.Add(
                Invoice,
                Columns.Text(issued.Select(i => i.Tenant)),
                Columns.Uuid(issued.Select(i => (Guid?)i.Event.TipId)),
                Columns.Text(issued.Select(i => i.Event.Invoice)));
        }

        var settled = Of<TipEvent.Settled>(events);
        if (settled.Length > 0)
        {
            batch.Add(
                Settle,
                Columns.Text(settled.Select(s => s.Tenant)),
                Columns.Uuid(settled.Select(s => (Guid?)s.Event.TipId)),
                Columns.Units(settled.Select(s => (UInt128?)s.Event.Amount.Units)),
                Columns.Time(settled.Select(s => (DateTimeOffset?)s.Event.SettledAt)),
                Columns.Long(settled.Select(s => (long?)s.Position)));
        }
    }

    private static (string Tenant, long Position, TEvent Event)[] Of<TEvent>(IReadOnlyList<RecordedEvent> events) =>
        [.. events.Where(e => e.Body is TEvent).Select(e => (e.Stream.Tenant, e.Position, (TEvent)e.Body))];
}
