using System.Text.Json;
using Npgsql;

namespace FiberLink.EventStore;

/// <summary>Reading events back.</summary>
internal static class ReadSql
{
    private const string Columns =
        "seq_id, tenant_id, stream_id, version, id, type, data::text, timestamp, correlation_id, causation_id, user_name, headers::text";

    public const string Stream =
        $"select {Columns} from event_store.mt_events where tenant_id = $1 and stream_id = $2 order by version limit $3";

    public const string Log = $"select {Columns} from event_store.mt_events where seq_id > $1 order by seq_id limit $2";

    /// <summary>The header that carries the W3C trace parent.</summary>
    public const string TraceParentHeader = "traceparent";

    public static async Task<IReadOnlyList<RecordedEvent>> ReadAsync(NpgsqlCommand command, EventCatalogue catalogue, CancellationToken ct)
    {
        var events = new List<RecordedEvent>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            var position = reader.GetInt64(0);
            var name = reader.GetString(5);
            events.Add(new(
                position,
                new(reader.GetString(1), reader.GetString(2)),
                reader.GetInt64(3),
                reader.GetGuid(4),
                name,
                catalogue.Read(name, reader.GetString(6), position),
                reader.GetFieldValue<DateTimeOffset>(7),
                new(Text(reader, 8), Text(reader, 9), Text(reader, 10), TraceParent(Text(reader, 11)))));
        }

        return events;
    }

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    private static string? TraceParent(string? headers)
    {
        if (headers is null)
        {
            return null;
        }

        using var parsed = JsonDocument.Parse(headers);
        return parsed.RootElement.TryGetProperty(TraceParentHeader, out var value) ? value.GetString() : null;
    }
}
