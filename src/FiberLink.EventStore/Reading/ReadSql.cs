using System.Diagnostics;
using FiberLink.Postgres;
using Npgsql;
using NpgsqlTypes;

namespace FiberLink.EventStore;

/// <summary>The statements of a read.</summary>
internal static class ReadSql
{
    /// <summary>The header that carries the W3C trace parent.</summary>
    public const string TraceParentHeader = "traceparent";

    public const string Columns =
        "seq_id, version, id, type, data, timestamp, correlation_id, causation_id, user_name, headers";

    private const string Stream =
        $"select {Columns} from event_store.mt_events where tenant_id = $1 and stream_id = $2 order by version limit $3";

    private const string Log =
        $"select {Columns}, tenant_id, stream_id from event_store.mt_events where seq_id > $1 order by seq_id limit $2";

    private const string Head = "select position from event_store.log_head";

    // Which version the stream had, by what it is asked about.
    private const string Now = "select version from event_store.mt_streams where tenant_id = $1 and id = $2";

    private const string OfStream = "from event_store.mt_events where tenant_id = $1 and stream_id = $2";
    private const string AtPosition = $"select version {OfStream} and seq_id <= $5 order by version desc limit 1";
    private const string AtTime = $"select version {OfStream} and timestamp <= $5 order by version desc limit 1";

    // One row of the point at least, then the events that there are.
    private const string Part1 = "with point as materialized (select coalesce((";
    private const string Part2 = "), 0) as version) select e.*, point.version from point left join lateral (select ";

    private const string Forwards =
        $"{Part2}{Columns} {OfStream} and version >= $3 and version <= point.version order by version limit $4)";

    private const string Backwards =
        $"{Part2}{Columns} {OfStream} and version <= least($3, point.version) order by version desc limit $4)";

    private const string End = " as e on true";

    private const string FilteredLog =
        $"""
        select {Columns}, tenant_id, stream_id
          from event_store.mt_events
         where seq_id > $1 and seq_id <= $2
           and ($3::text[] is null or type = any ($3))
           and ($4::text is null or tenant_id = $4)
           and ($5::text is null or starts_with(stream_id, $5))
         order by seq_id limit $6
        """;

    // A loop over the streams, in their order, with a look into the index for each: so the rows come sorted without a sort.
    private const string Streams =
        $"""
        select e.*, s.n
          from unnest($1::text[], $2::text[]) with ordinality as s (tenant_id, stream_id, n)
         cross join lateral (
               select {Columns} from event_store.mt_events as event
                where event.tenant_id = s.tenant_id and event.stream_id = s.stream_id order by version limit $3) as e
        """;

    public static NpgsqlCommand ReadStreams(NpgsqlDataSource database, IReadOnlyList<StreamId> streams) =>
        database.Command(
            Streams,
            new() { Value = streams.Select(s => s.Tenant).ToArray() },
            new() { Value = streams.Select(s => s.Key).ToArray() },
            new() { Value = EventStoreLimits.StreamEventsMax + 1 });

    public static NpgsqlCommand ReadStream(NpgsqlDataSource database, StreamId stream) =>
        database.Command(
            Stream,
            new() { Value = stream.Tenant },
            new() { Value = stream.Key },
            new() { Value = EventStoreLimits.StreamEventsMax + 1 });

    public static NpgsqlCommand ReadStream(NpgsqlDataSource database, StreamId stream, StreamRange range)
    {
        var command = (range.AsOf, range.IsBackwards) switch
        {
            (null, false) => database.Command($"{Part1}{Now}{Forwards}{End}"),
            (null, true) => database.Command($"{Part1}{Now}{Backwards}{End}"),
            (LogPoint.Position, false) => database.Command($"{Part1}{AtPosition}{Forwards}{End}"),
            (LogPoint.Position, true) => database.Command($"{Part1}{AtPosition}{Backwards}{End}"),
            (LogPoint.Time, false) => database.Command($"{Part1}{AtTime}{Forwards}{End}"),
            (LogPoint.Time, true) => database.Command($"{Part1}{AtTime}{Backwards}{End}"),
            _ => throw new UnreachableException($"{range.AsOf} is no point of the log."),
        };
        command.Parameters.Add(new() { Value = stream.Tenant });
        command.Parameters.Add(new() { Value = stream.Key });
        command.Parameters.Add(new() { Value = range.From ?? (range.IsBackwards ? long.MaxValue : 1) });
        command.Parameters.Add(new() { Value = range.AtMost ?? EventStoreLimits.StreamEventsMax + 1 });
        if (range.AsOf is { } point)
        {
            command.Parameters.Add(
                point is LogPoint.Time(var time)
                    ? new() { Value = time.ToUniversalTime() }
                    : new() { Value = ((LogPoint.Position)point).Value });
        }

        return command;
    }

    public static NpgsqlCommand ReadLog(NpgsqlDataSource database, long after, int limit) =>
        database.Command(Log, new() { Value = after }, new() { Value = limit });

    /// <summary>First the head, then the events: so whatever the head speaks of, the look at the events can see.</summary>
    public static void ReadLog(NpgsqlBatch batch, LogQuery query, IReadOnlySet<string>? names, LogScan scan)
    {
        batch.Add(Head);
        if (!query.IsFiltered)
        {
            batch.Add(Log, new() { Value = scan.After }, new() { Value = scan.PositionsMax });
            return;
        }

        batch.Add(
            FilteredLog,
            new() { Value = scan.After },
            new() { Value = scan.Last },
            new() { Value = (object?)names?.ToArray() ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text },
            Text(query.Tenant),
            Text(query.StreamPrefix),
            new() { Value = scan.Limit });
    }

    public static NpgsqlCommand ReadHead(NpgsqlDataSource database) => database.Command(Head);

    private static NpgsqlParameter Text(string? value) =>
        new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };
}
