using FiberLink.Crypto;
using FiberLink.Crypto.Sealing;
using FiberLink.Postgres;
using Npgsql;
using NpgsqlTypes;

namespace FiberLink.EventStore.Sealing;

/// <summary>Brings what was appended into the tree.</summary>
/// <remarks>
/// Each step is one transaction under the lock of the tree's row: a crash leaves the tree as it was before the step, and several at once
/// wait for each other. An event is hashed again from its row before it goes in, so nothing is sealed that was changed since.
/// </remarks>
public sealed class LogSealer(NpgsqlDataSource database)
{
    /// <summary>How many events one step seals.</summary>
    public const int StepEventsMax = 5_000;

    private const string BeginTree =
        "insert into event_store.log_tree (size, root) values (0, $1) on conflict on constraint pk_log_tree do nothing";

    private const string LockTree = "select size, root from event_store.log_tree for update";

    // A tile grows at its end and changes nowhere else.
    private const string WriteTiles =
        """
        insert into event_store.log_tiles as t (level, index, hashes)
        select w.level, w.index, w.hashes from unnest($1::int[], $2::bigint[], $3::bytea[]) as w (level, index, hashes)
            on conflict on constraint pk_log_tiles do update set hashes = excluded.hashes
         where substring(excluded.hashes for length(t.hashes)) = t.hashes
        """;

    private const string WriteTree = "update event_store.log_tree set size = $1, root = $2";

    private const string WriteHashes =
        """
        update event_store.mt_events as e set entry_hash = w.hash
          from unnest($1::bigint[], $2::bytea[]) as w (position, hash)
         where e.seq_id = w.position and e.entry_hash is null
        """;

    /// <summary>Seals whatever the log has by now.</summary>
    /// <param name="sealed">Told after each step how far the tree is; may be null.</param>
    /// <param name="ct">Stops between two steps.</param>
    /// <returns>How far the tree is.</returns>
    /// <exception cref="LogNotWholeException">An event was changed, or the tree was. Nothing more is sealed until then.</exception>
    public async Task<TreeHead> SealAsync(IProgress<TreeHead>? @sealed, CancellationToken ct)
    {
        while (true)
        {
            var (head, count) = await StepAsync(ct);
            if (count > 0)
            {
                @sealed?.Report(head);
            }

            if (count < StepEventsMax)
            {
                return head;
            }
        }
    }

    /// <summary>The tree's head, with its row locked until the end of the transaction.</summary>
    internal static async Task<TreeHead> LockAsync(UnitOfWork work, CancellationToken ct)
    {
        await using var batch = work.Batch();
        batch.Add(BeginTree, new NpgsqlParameter { Value = MerkleHash.Empty.ToBytes() });
        batch.Add(LockTree);
        await using var reader = await batch.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        return new(reader.GetInt64(0), Bytes32.From(reader.GetFieldValue<byte[]>(1)));
    }

    private async Task<(TreeHead Head, int Count)> StepAsync(CancellationToken ct)
    {
        await using var work = await UnitOfWork.BeginAsync(database, ct);
        var head = await LockAsync(work, ct);
        var (entries, unhashed) = await ReadAsync(work, head.Size, ct);
        if (entries.Count == 0)
        {
            // The row that begins the tree stays.
            await work.CommitAsync(ct);
            return (head, 0);
        }

        var tree = await OpenAsync(work, head, ct);
        foreach (var entry in entries)
        {
            tree.Add(MerkleHash.Leaf(entry.ToBytes()));
        }

        head = new(tree.Size, tree.Root());
        await WriteAsync(work, tree, head, unhashed, ct);
        await work.CommitAsync(ct);
        return (head, entries.Count);
    }

    private static async Task<TileGrowth> OpenAsync(UnitOfWork work, TreeHead head, CancellationToken ct)
    {
        var edge = new List<(int, long)>();
        for (var level = 0; Tiles.Hashes(level, head.Size) > 0; level++)
        {
            edge.Add((level, Tiles.Hashes(level, head.Size) / TileAddress.FullWidth));
        }

        var tiles = await SealedTree.ReadTilesAsync(work, edge, ct);
        var tree = TryOpen(head.Size, tiles);
        return tree?.Root() == head.Root
            ? tree
            : throw new LogNotWholeException(null, "The last tiles of the log's tree are not those that its root was made of.");
    }

    private static TileGrowth? TryOpen(long size, Dictionary<(int Level, long Index), byte[]> tiles)
    {
        try
        {
            return new(size, (level, index) => tiles.TryGetValue((level, index), out var hashes) ? hashes : default(ReadOnlyMemory<byte>));
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static async Task<(List<Bytes32> Entries, List<(long Position, byte[] Hash)> Unhashed)> ReadAsync(
        UnitOfWork work, long after, CancellationToken ct)
    {
        var (entries, unhashed) = (new List<Bytes32>(), new List<(long, byte[])>());
        await using var command = work.Command(SealedRow.After, new() { Value = after }, new() { Value = (long)StepEventsMax });
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            var row = SealedRow.Read(reader);
            if (row.Position != after + entries.Count + 1)
            {
                throw new LogNotWholeException(after + entries.Count + 1, "the log has no such event, and has later ones");
            }

            var entry = row.Entry();
            entries.Add(entry);
            if (row.StoredHash is null)
            {
                unhashed.Add((row.Position, entry.ToBytes()));
            }
        }

        return (entries, unhashed);
    }

    private static async Task WriteAsync(
        UnitOfWork work, TileGrowth tree, TreeHead head, List<(long Position, byte[] Hash)> unhashed, CancellationToken ct)
    {
        var changed = tree.TakeChanged();
        await using var batch = work.Batch();
        var tiles = batch.Add(
            WriteTiles,
            new() { Value = changed.Select(t => t.Address.Level!.Value).ToArray() },
            new() { Value = changed.Select(t => t.Address.Index).ToArray() },
            new() { Value = changed.Select(t => t.Hashes).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea });
        batch.Add(WriteTree, new() { Value = head.Size }, new() { Value = head.Root.ToBytes() });
        if (unhashed.Count > 0)
        {
            batch.Add(
                WriteHashes,
                new() { Value = unhashed.Select(u => u.Position).ToArray() },
                new() { Value = unhashed.Select(u => u.Hash).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea });
        }

        await batch.ExecuteNonQueryAsync(ct);
        if (tiles.RecordsAffected != changed.Count)
        {
            throw new LogNotWholeException(null, "A tile of the log's tree already has other hashes than its events give.");
        }
    }
}
