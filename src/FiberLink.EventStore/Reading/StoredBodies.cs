using FiberLink.Postgres;
using Npgsql;
using NpgsqlTypes;

namespace FiberLink.EventStore;

/// <summary>What is stored of an event, unread: what stands there may be no event of the catalogue.</summary>
/// <param name="Position">Where it is in the log.</param>
/// <param name="Tenant">The community.</param>
/// <param name="Body">JSON in UTF-8.</param>
public sealed record StoredBody(long Position, string Tenant, ReadOnlyMemory<byte> Body);

/// <summary>Bodies of events of one name, for those who judge them and not only read them. Old names are not raised.</summary>
public static class StoredBodies
{
    private const string OfPrefix =
        """
        select e.seq_id, e.tenant_id, e.data
          from event_store.mt_streams as s
          join event_store.mt_events as e on e.tenant_id = s.tenant_id and e.stream_id = s.id
         where starts_with(s.id, $1) and ($2::text is null or s.tenant_id = $2) and e.type = $3
         order by e.seq_id
        """;

    private const string OfStreams =
        """
        select e.seq_id, e.tenant_id, e.data
          from unnest($1::text[], $2::text[]) as s (tenant_id, id)
          join event_store.mt_events as e on e.tenant_id = s.tenant_id and e.stream_id = s.id
         where e.type = $3 and e.seq_id > $4 and e.seq_id <= $5
         order by e.seq_id limit $6
        """;

    /// <summary>All of some streams, in the log's order. It scans all streams: it is for operators.</summary>
    /// <param name="work">Where it is read.</param>
    /// <param name="name">The stored name of the events.</param>
    /// <param name="streamPrefix">Only streams whose key begins so.</param>
    /// <param name="tenant">Only this community's; null for all.</param>
    /// <param name="ct">Stops the read.</param>
    public static async Task<IReadOnlyList<StoredBody>> ReadAsync(
        UnitOfWork work, string name, string streamPrefix, string? tenant, CancellationToken ct)
    {
        await using var command = work.Command(
            OfPrefix,
            new() { Value = streamPrefix },
            new() { Value = (object?)tenant ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
            new() { Value = name });
        return await ReadAsync(command, ct);
    }

    /// <summary>Those of some streams between two positions, in the log's order.</summary>
    /// <param name="work">Where it is read.</param>
    /// <param name="name">The stored name of the events.</param>
    /// <param name="streams">Which; each is looked up.</param>
    /// <param name="after">Behind this position.</param>
    /// <param name="upTo">And up to this one.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="ct">Stops the read.</param>
    public static async Task<IReadOnlyList<StoredBody>> ReadAsync(
        UnitOfWork work, string name, IReadOnlyCollection<StreamId> streams, long after, long upTo, int limit, CancellationToken ct)
    {
        await using var command = work.Command(
            OfStreams,
            new() { Value = streams.Select(s => s.Tenant).ToArray() },
            new() { Value = streams.Select(s => s.Key).ToArray() },
            new() { Value = name },
            new() { Value = after },
            new() { Value = upTo },
            new() { Value = limit });
        return await ReadAsync(command, ct);
    }

    private static async Task<IReadOnlyList<StoredBody>> ReadAsync(NpgsqlCommand command, CancellationToken ct)
    {
        await using var reader = await command.ExecuteReaderAsync(ct);
        var bodies = new List<StoredBody>();
        while (await reader.ReadAsync(ct))
        {
            bodies.Add(new(reader.GetInt64(0), reader.GetString(1), reader.GetFieldValue<byte[]>(2)));
        }

        return bodies;
    }
}
