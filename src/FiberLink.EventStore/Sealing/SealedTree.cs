using FiberLink.Crypto;
using FiberLink.Crypto.Sealing;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.EventStore.Sealing;

/// <summary>How much of the log is in the tree.</summary>
/// <param name="Size">Events up to this position.</param>
/// <param name="Root">The root over them.</param>
public readonly record struct TreeHead(long Size, Bytes32 Root);

/// <summary>Reads the log's tree from its tiles.</summary>
public sealed class SealedTree(NpgsqlDataSource database)
{
    private const string HeadSql = "select size, root from event_store.log_tree";

    private const string TilesSql =
        """
        select t.level, t.index, t.hashes from unnest($1::int[], $2::bigint[]) as w (level, index)
          join event_store.log_tiles as t on t.level = w.level and t.index = w.index
        """;

    private const string EntriesSql =
        "select entry_hash from event_store.mt_events where seq_id > $1 and seq_id <= $2 order by seq_id";

    /// <summary>How far the tree is; a size of 0 when nothing is sealed.</summary>
    public async Task<TreeHead> ReadHeadAsync(CancellationToken ct)
    {
        await using var command = database.Command(HeadSql);
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct)
            ? new(reader.GetInt64(0), Bytes32.From(reader.GetFieldValue<byte[]>(1)))
            : new(0, MerkleHash.Empty);
    }

    /// <summary>A tile, or a bundle of entries, as it is served; null when the tree has no such one yet.</summary>
    public Task<byte[]?> ReadAsync(TileAddress address, CancellationToken ct) =>
        address.Level is { } level ? ReadTileAsync(level, address, ct) : ReadEntriesAsync(address, ct);

    /// <summary>The root over the first events.</summary>
    /// <exception cref="LogNotWholeException">The tiles of a tree of that size are not all there.</exception>
    public async Task<Bytes32> RootAsync(long size, CancellationToken ct) =>
        (await ProveAsync(nodes => [MerkleTree.Root(size, nodes)], ct))[0];

    /// <summary>What shows that an event is in the tree of that size.</summary>
    /// <inheritdoc cref="RootAsync"/>
    public Task<IReadOnlyList<Bytes32>> InclusionAsync(long position, long size, CancellationToken ct) =>
        ProveAsync(nodes => MerkleTree.Inclusion(position - 1, size, nodes), ct);

    /// <summary>What shows that the tree of one size begins with that of another.</summary>
    /// <inheritdoc cref="RootAsync"/>
    public Task<IReadOnlyList<Bytes32>> ConsistencyAsync(long before, long size, CancellationToken ct) =>
        ProveAsync(nodes => MerkleTree.Consistency(before, size, nodes), ct);

    /// <summary>The tiles with these names, by level and place; one that isn't there is left out.</summary>
    internal async Task<Dictionary<(int Level, long Index), byte[]>> ReadTilesAsync(
        IReadOnlyCollection<(int Level, long Index)> wanted, CancellationToken ct)
    {
        await using var command = database.Command(TilesSql, Names(wanted));
        return await ReadAsync(command, ct);
    }

    /// <inheritdoc cref="ReadTilesAsync(IReadOnlyCollection{ValueTuple{int, long}}, CancellationToken)"/>
    internal static async Task<Dictionary<(int Level, long Index), byte[]>> ReadTilesAsync(
        UnitOfWork work, IReadOnlyCollection<(int Level, long Index)> wanted, CancellationToken ct)
    {
        await using var command = work.Command(TilesSql, Names(wanted));
        return await ReadAsync(command, ct);
    }

    private static NpgsqlParameter[] Names(IReadOnlyCollection<(int Level, long Index)> wanted) =>
        [new() { Value = wanted.Select(w => w.Level).ToArray() }, new() { Value = wanted.Select(w => w.Index).ToArray() }];

    private static async Task<Dictionary<(int Level, long Index), byte[]>> ReadAsync(NpgsqlCommand command, CancellationToken ct)
    {
        await using var reader = await command.ExecuteReaderAsync(ct);
        var tiles = new Dictionary<(int, long), byte[]>();
        while (await reader.ReadAsync(ct))
        {
            tiles.Add((reader.GetInt32(0), reader.GetInt64(1)), reader.GetFieldValue<byte[]>(2));
        }

        return tiles;
    }

    private async Task<byte[]?> ReadTileAsync(int level, TileAddress address, CancellationToken ct)
    {
        var tiles = await ReadTilesAsync([(level, address.Index)], ct);
        var length = address.Width * Bytes32.Length;
        return tiles.Values.FirstOrDefault() is { } hashes && hashes.Length >= length ? hashes[..length] : null;
    }

    // Two bytes of length before each.
    private async Task<byte[]?> ReadEntriesAsync(TileAddress address, CancellationToken ct)
    {
        var first = address.Index * TileAddress.FullWidth;
        if (first + address.Width > (await ReadHeadAsync(ct)).Size)
        {
            return null;
        }

        await using var command = database.Command(EntriesSql, new() { Value = first }, new() { Value = first + address.Width });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var bundle = new MemoryStream(address.Width * (Bytes32.Length + 2));
        while (await reader.ReadAsync(ct))
        {
            bundle.Write([0, Bytes32.Length]);
            bundle.Write(reader.GetFieldValue<byte[]>(0));
        }

        return bundle.Length == address.Width * (Bytes32.Length + 2) ? bundle.ToArray() : null;
    }

    // Asked once for what is needed, and once more with it.
    private async Task<IReadOnlyList<Bytes32>> ProveAsync(Func<NodeSource, IReadOnlyList<Bytes32>> prove, CancellationToken ct)
    {
        var wanted = new HashSet<(int, long)>();
        _ = prove((level, index) =>
        {
            Tiles.Node(level, index, (of, at) =>
            {
                wanted.Add((of, at));
                return new byte[Tiles.FullLength];
            });
            return default;
        });
        var tiles = await ReadTilesAsync(wanted, ct);
        try
        {
            return prove((level, index) => Tiles.Node(level, index, (of, at) => tiles[(of, at)]));
        }
        catch (Exception missing) when (missing is KeyNotFoundException or ArgumentOutOfRangeException)
        {
            throw new LogNotWholeException(null, "The log's tree has not all of its tiles.");
        }
    }
}
