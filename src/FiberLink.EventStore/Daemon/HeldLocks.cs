using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.EventStore.Daemon;

/// <summary>Which nodes are alive and what they run, as the server sees it: without a clock, and over with the session.</summary>
/// <param name="Nodes">The numbers of the nodes that are there.</param>
/// <param name="Holders">For each lock that is held, the node that holds it; null when it is no node's session.</param>
/// <param name="Head">The log's last position in the same moment.</param>
internal sealed record HeldLocks(IReadOnlySet<int> Nodes, IReadOnlyDictionary<long, int?> Holders, long Head)
{
    private const string Sql =
        """
        select pid, classid::bigint, objid::bigint, objsubid = 2
          from pg_locks
         where locktype = 'advisory' and granted
           and database = (select oid from pg_database where datname = current_database())
        """;

    private const string HeadSql = "select position from event_store.log_head";

    public static async Task<HeldLocks> ReadAsync(NpgsqlBatch batch, CancellationToken ct)
    {
        batch.Add(HeadSql);
        batch.Add(Sql);
        await using var reader = await batch.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        var head = reader.GetInt64(0);
        await reader.NextResultAsync(ct);
        var nodes = new Dictionary<int, int>();
        var keys = new List<(int Session, long Key)>();
        while (await reader.ReadAsync(ct))
        {
            var (session, high, low) = (reader.GetInt32(0), reader.GetInt64(1), reader.GetInt64(2));
            if (!reader.GetBoolean(3))
            {
                keys.Add((session, (high << 32) | low));
            }
            else if (high == DaemonSession.NodesLock)
            {
                nodes[session] = unchecked((int)low);
            }
        }

        var holders = new Dictionary<long, int?>();
        foreach (var (session, key) in keys)
        {
            holders[key] = nodes.TryGetValue(session, out var node) ? node : null;
        }

        return new(nodes.Values.ToHashSet(), holders, head);
    }

    /// <summary>How many of the shards a node should run.</summary>
    /// <remarks>
    /// All nodes come to the same answer, and the answers add up to all shards: each gets the same number, and where that does not
    /// come out even, those who run more already keep one more. So nothing moves that need not.
    /// </remarks>
    public int ShareOf(int node, IReadOnlyCollection<ShardName> shards)
    {
        var rank = Nodes
            .OrderByDescending(n => shards.Count(s => IsHeldBy(s, n)))
            .ThenBy(n => n)
            .TakeWhile(n => n != node)
            .Count();
        return (shards.Count / Nodes.Count) + (rank < shards.Count % Nodes.Count ? 1 : 0);
    }

    public bool IsFree(ShardName shard) => !Holders.ContainsKey(shard.Lock);

    public bool IsHeldBy(ShardName shard, int node) => Holders.TryGetValue(shard.Lock, out var holder) && holder == node;
}
