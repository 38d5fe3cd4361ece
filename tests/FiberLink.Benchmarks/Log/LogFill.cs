using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.Benchmarks.Log;

/// <summary>Puts events into the log by the shortest way, inside the server.</summary>
/// <remarks>
/// Streams have ten events each and come in groups of a hundred that are written to in turn, as streams do that live at the same
/// time. Deposits go to a thousand accounts. Nothing of it is in the inline balances.
/// </remarks>
internal static class LogFill
{
    /// <summary>Events come in groups of as many.</summary>
    public const int Step = 1_000;

    private const int BatchEvents = 500 * Step;
    private const int EventsPerStream = 10;

    // The referenced streams are inserted by the same hand a moment before.
    private const string SkipForeignKeys = "set local session_replication_role = replica";

    private const string Streams =
        """
        insert into event_store.mt_streams (tenant_id, id, type, version, timestamp, created)
        select 'filler', 'account-' || $1::bigint || '-' || s, 'account', 10, now(), now()
          from generate_series($2::bigint, $3::bigint) as s
        """;

    private const string Events =
        """
        insert into event_store.mt_events
            (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, mt_dotnet_type, correlation_id, user_name)
        select $1::bigint + n + 1,
               (lpad(to_hex($1::bigint + n), 12, '0') || '7' || substr(md5(n::text), 1, 3) || '8' || substr(md5(n::text), 4, 15))::uuid,
               'account-' || $1::bigint || '-' || n / 1000 * 100 + n % 100,
               n % 1000 / 100 + 1,
               jsonb_build_object('account', 'account-' || n * 7919 % 1000, 'units', n % 100 + 1),
               'bench.deposited', now(), 'filler', 'FiberLink.Benchmarks.Log.Deposited', 'bench', 'benchmark'
          from generate_series($2::bigint, $3::bigint) as n
        """;

    private const string Changes =
        """
        insert into event_store.changes (id, last_position, event_count)
        select id, seq_id, 1 from event_store.mt_events where seq_id between $1::bigint + $2::bigint + 1 and $1::bigint + $3::bigint + 1
        """;

    private const string MoveHead = "update event_store.log_head set position = $1";
    private const string MoveSequence = "select setval('event_store.mt_events_sequence', $1)";

    private static readonly string[] TidyUp =
    [
        "vacuum analyze event_store.mt_events",
        "vacuum analyze event_store.mt_streams",
        "vacuum analyze event_store.changes",
        "checkpoint",
    ];

    /// <summary>Fills the log until it has at least so many events.</summary>
    public static async Task UpToAsync(BenchDatabase database, long events, CancellationToken ct)
    {
        var first = await database.Store.ReadHeadAsync(ct);
        var all = Math.Max(0, events - first + Step - 1) / Step * Step;
        for (long done = 0; done < all; done += BatchEvents)
        {
            await WriteAsync(database.Source, first, done, Math.Min(done + BatchEvents, all), ct);
        }

        await TidyAsync(database, ct);
    }

    /// <summary>Does now what the server would else do while something is measured.</summary>
    public static async Task TidyAsync(BenchDatabase database, CancellationToken ct)
    {
        foreach (var statement in TidyUp)
        {
            await database.ExecuteAsync(statement, ct);
        }
    }

    private static async Task WriteAsync(NpgsqlDataSource database, long first, long from, long to, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using var batch = new NpgsqlBatch(connection, transaction) { Timeout = 0 };
        batch.Add(SkipForeignKeys);
        batch.Add(Streams, Long(first), Long(from / EventsPerStream), Long((to / EventsPerStream) - 1));
        batch.Add(Events, Long(first), Long(from), Long(to - 1));
        batch.Add(Changes, Long(first), Long(from), Long(to - 1));
        batch.Add(MoveHead, Long(first + to));
        batch.Add(MoveSequence, Long(first + to));
        await batch.ExecuteNonQueryAsync(ct);
        await transaction.CommitAsync(ct);
    }

    private static NpgsqlParameter Long(long value) => new() { Value = value };
}
