using System.Text.Json;
using FiberLink.Events;
using FiberLink.Events.Withdrawals;
using FiberLink.EventStore;
using FiberLink.EventStore.Projections;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.Projections.PayoutRules;

/// <summary>Limits, pauses and denials. Inline: a withdrawal that is decided after a stop has committed is stopped.</summary>
public sealed class PayoutRulesProjection : IProjection
{
    /// <summary>The kind of a stop that concerns everybody.</summary>
    public const string Paused = "Paused";

    private const string SetPolicy =
        """
        insert into read_models.payout_policies (tenant_id, asset, limits, changed_by, reason, changed_at)
        values ($1, $2, $3::jsonb, $4, $5, $6)
        on conflict on constraint pk_payout_policies do update
           set limits = excluded.limits, changed_by = excluded.changed_by, reason = excluded.reason, changed_at = excluded.changed_at
        """;

    private const string Stop =
        """
        insert into read_models.payout_stops (tenant_id, kind, value, stopped_by, reason, stopped_at) values ($1, $2, $3, $4, $5, $6)
        on conflict on constraint pk_payout_stops do update
           set stopped_by = excluded.stopped_by, reason = excluded.reason, stopped_at = excluded.stopped_at
        """;

    private const string LetGo = "delete from read_models.payout_stops where tenant_id = $1 and kind = $2 and value = $3";

    private const string Moved =
        """
        insert into read_models.payout_rules (tenant_id, position) select * from unnest($1::text[], $2::bigint[])
        on conflict on constraint pk_payout_rules do update set position = excluded.position
        """;

    public string Name => "PayoutRules";

    // Operators decide rarely: one statement each is enough, and keeps their order.
    public void Project(IReadOnlyList<RecordedEvent> events, NpgsqlBatch batch)
    {
        var changes = events.Where(e => e.Body is PayoutPolicyEvent or PayoutControlEvent).ToArray();
        if (changes.Length == 0)
        {
            return;
        }

        foreach (var change in changes)
        {
            Add(batch, change.Stream.Tenant, change.Body);
        }

        var last = changes.GroupBy(c => c.Stream.Tenant, StringComparer.Ordinal).ToArray();
        batch.Add(
            Moved, Columns.Text(last.Select(t => t.Key)), Columns.Long(last.Select(t => (long?)t.Max(c => c.Position))));
    }

    private static void Add(NpgsqlBatch batch, string tenant, object change)
    {
        switch (change)
        {
            case PayoutPolicyEvent.Changed e:
                var limits = JsonSerializer.Serialize(e.Limits, StoredJson.PayoutLimits);
                batch.Add(SetPolicy, Values(tenant, e.Asset.Code, limits, e.By, e.Reason, e.ChangedAt));
                break;
            case PayoutControlEvent.Paused e:
                batch.Add(Stop, Values(tenant, Paused, e.Asset?.Code ?? "", e.By, e.Reason, e.PausedAt));
                break;
            case PayoutControlEvent.Resumed e:
                batch.Add(LetGo, Values(tenant, Paused, e.Asset?.Code ?? ""));
                break;
            case PayoutControlEvent.Denied e:
                batch.Add(Stop, Values(tenant, e.Kind.ToString(), e.Value, e.By, e.Reason, e.DeniedAt));
                break;
            case PayoutControlEvent.Readmitted e:
                batch.Add(LetGo, Values(tenant, e.Kind.ToString(), e.Value));
                break;
            default:
                throw new System.Diagnostics.UnreachableException($"{change.GetType().Name} is no rule.");
        }
    }

    private static NpgsqlParameter[] Values(params object[] values) =>
        [.. values.Select(v => new NpgsqlParameter { Value = v is DateTimeOffset time ? time.ToUniversalTime() : v })];
}
