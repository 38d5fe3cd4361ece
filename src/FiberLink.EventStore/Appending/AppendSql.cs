using System.Text.Json;
using FiberLink.Postgres;
using Npgsql;
using NpgsqlTypes;

namespace FiberLink.EventStore;

/// <summary>The statements that write a group of changes.</summary>
internal static class AppendSql
{
    private const string Append =
        """
        select event_store.append_sealed(
            $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27)
        """;

    private const string NameChanges =
        "insert into event_store.changes (id, event_count) select c.id, 0 from unnest($1::uuid[]) as c (id)";

    private const string TakeClaims = "select event_store.take_claims($1, $2, $3, $4, $5, $6)";

    private const string Release =
        """
        delete from event_store.claims as held
         using unnest($1::text[], $2::text[], $3::text[]) as given (tenant_id, scope, holder)
         where held.tenant_id = given.tenant_id and held.scope = given.scope and held.holder = given.holder
        """;

    // Whoever takes names does it under the head's lock, so nobody waits for anybody in a circle.
    private const string LockHead = "select position from event_store.log_head for update";

    // Marten's own daemon takes the sequence for the end of the log, and a sequence is not rolled back.
    private const string MoveSequence = "select setval('event_store.mt_events_sequence', $1)";

    /// <summary>What comes last, when nothing before it has failed.</summary>
    public static void AddEnd(NpgsqlBatch batch, BatchPlan plan)
    {
        if (plan.Events is [.., var last])
        {
            batch.Add(MoveSequence, new NpgsqlParameter<long> { TypedValue = last.Position });
        }
    }

    /// <summary>Streams, head, events, the changes' names, claims, releases.</summary>
    public static void Add(NpgsqlBatch batch, BatchPlan plan)
    {
        var changes = plan.Writes.Select(w => w.Pending.Written.Change).ToArray();
        if (plan.Events.Count > 0)
        {
            batch.Add(Append, Parameters(plan));
        }
        else
        {
            AddNames(batch, changes);
        }

        AddClaims(batch, plan, changes);
    }

    private static void AddNames(NpgsqlBatch batch, Change[] changes)
    {
        var named = changes.Where(c => c.Id != Guid.Empty).Select(c => c.Id).ToArray();
        if (named.Length > 0)
        {
            batch.Add(NameChanges, new NpgsqlParameter<Guid[]> { TypedValue = named });
        }
    }

    private static void AddClaims(NpgsqlBatch batch, BatchPlan plan, Change[] changes)
    {
        var claims = changes.SelectMany(c => c.Claims.Select(claim => (Claim: claim, c.At))).ToArray();
        var releases = changes.SelectMany(c => c.Releases).ToArray();
        if (plan.Events.Count == 0 && (claims.Length > 0 || releases.Length > 0))
        {
            batch.Add(LockHead);
        }

        if (claims.Length > 0)
        {
            batch.Add(
                TakeClaims,
                Text(claims, c => c.Claim.Tenant),
                Text(claims, c => c.Claim.Scope),
                Text(claims, c => c.Claim.Key),
                Text(claims, c => c.Claim.Holder),
                Times(claims, c => c.Claim.Until.ToUniversalTime()),
                Times(claims, c => c.At));
        }

        if (releases.Length > 0)
        {
            batch.Add(Release, Text(releases, r => r.Tenant), Text(releases, r => r.Scope), Text(releases, r => r.Holder));
        }
    }

    private static NpgsqlParameter[] Parameters(BatchPlan plan)
    {
        var (moved, made) = StreamsOf(plan);
        var named = plan.Writes.Where(w => w.Pending.Written.Change.Id != Guid.Empty).ToArray();
        var events = plan.Events;
        var stored = StoredOf(plan);
        return
        [
            new NpgsqlParameter<long> { TypedValue = plan.HeadBefore },
            Text(moved, s => s.Key.Tenant),
            Text(moved, s => s.Key.Key),
            Longs(moved, s => s.Value.From),
            Longs(moved, s => s.Value.To),
            Times(moved, s => s.Value.At),
            Text(made, s => s.Key.Tenant),
            Text(made, s => s.Key.Key),
            Text(made, s => s.Key.Category),
            Longs(made, s => s.Value.To),
            Times(made, s => s.Value.Since),
            new NpgsqlParameter<Guid[]> { TypedValue = ArrayOf(events, e => e.Id) },
            Text(events, e => e.Stream.Tenant),
            Text(events, e => e.Stream.Key),
            Longs(events, e => e.Version),
            Json(stored, s => s.Body),
            Text(stored, s => s.Name),
            Text(stored, s => s.DotnetType),
            Times(events, e => e.At),
            Text(events, e => e.Metadata.CorrelationId),
            Text(events, e => e.Metadata.CausationId),
            Json(events, e => Headers(e.Metadata)),
            Text(events, e => e.Metadata.Actor),
            new NpgsqlParameter<byte[][]> { TypedValue = HashesOf(plan) },
            new NpgsqlParameter<Guid[]> { TypedValue = ArrayOf(named, w => w.Pending.Written.Change.Id) },
            Positions(named),
            new NpgsqlParameter<int[]> { TypedValue = ArrayOf(named, w => w.Events.Length) },
        ];
    }

    private static (List<KeyValuePair<StreamId, BatchPlan.Span>> Moved, List<KeyValuePair<StreamId, BatchPlan.Span>> Made) StreamsOf(
        BatchPlan plan)
    {
        var (moved, made) = (new List<KeyValuePair<StreamId, BatchPlan.Span>>(), new List<KeyValuePair<StreamId, BatchPlan.Span>>());
        foreach (var stream in plan.Streams)
        {
            (stream.Value.From > 0 ? moved : made).Add(stream);
        }

        moved.Sort((a, b) => WrittenChange.InLockOrder(a.Key, b.Key));
        return (moved, made);
    }

    private static StoredEvent[] StoredOf(BatchPlan plan)
    {
        var stored = new StoredEvent[plan.Events.Count];
        var n = 0;
        foreach (var (pending, _) in plan.Writes)
        {
            foreach (var (_, some, _) in pending.Written.Appends)
            {
                some.CopyTo(stored, n);
                n += some.Length;
            }
        }

        return stored;
    }

    private static byte[][] HashesOf(BatchPlan plan)
    {
        var hashes = new byte[plan.Events.Count][];
        var n = 0;
        foreach (var (pending, _) in plan.Writes)
        {
            foreach (var form in pending.Written.Appends.SelectMany(a => a.Sealed))
            {
                hashes[n] = form.Hash(plan.Events[n].Version);
                n++;
            }
        }

        return hashes;
    }

    private static NpgsqlParameter<long?[]> Positions(BatchPlan.Planned[] named) =>
        new() { TypedValue = ArrayOf(named, w => w.Events is [.., var last] ? last.Position : (long?)null) };

    public static byte[]? Headers(EventMetadata metadata) =>
        metadata.TraceParent is { } trace
            ? JsonSerializer.SerializeToUtf8Bytes(
                new Dictionary<string, string> { [ReadSql.TraceParentHeader] = trace }, HeadersJson.Default.DictionaryStringString)
            : null;

    private static NpgsqlParameter<string?[]> Text<T>(IReadOnlyList<T> of, Func<T, string?> value) =>
        new() { TypedValue = ArrayOf(of, value), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };

    private static NpgsqlParameter<long[]> Longs<T>(IReadOnlyList<T> of, Func<T, long> value) =>
        new() { TypedValue = ArrayOf(of, value) };

    private static NpgsqlParameter<DateTimeOffset[]> Times<T>(IReadOnlyList<T> of, Func<T, DateTimeOffset> value) =>
        new() { TypedValue = ArrayOf(of, value), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz };

    private static NpgsqlParameter<byte[]?[]> Json<T>(IReadOnlyList<T> of, Func<T, byte[]?> value) =>
        new() { TypedValue = ArrayOf(of, value), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Jsonb };

    private static TValue[] ArrayOf<T, TValue>(IReadOnlyList<T> of, Func<T, TValue> value)
    {
        var values = new TValue[of.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = value(of[i]);
        }

        return values;
    }
}
