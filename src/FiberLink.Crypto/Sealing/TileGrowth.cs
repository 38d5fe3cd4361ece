namespace FiberLink.Crypto.Sealing;

/// <summary>A tree that grows at its right edge, in tiles. It holds the last tile of each level and nothing else.</summary>
/// <remarks>Not for several threads at once.</remarks>
public sealed class TileGrowth
{
    private readonly List<byte[]> _edges = [];
    private readonly SortedSet<(int Level, long Index)> _touched = [];
    private readonly Dictionary<(int Level, long Index), byte[]> _full = [];

    /// <summary>A tree without leaves.</summary>
    public TileGrowth()
    {
    }

    /// <summary>Goes on from a tree that there is.</summary>
    /// <param name="size">Its leaves.</param>
    /// <param name="tile">The hashes of a tile at its right edge, given its level and place.</param>
    /// <exception cref="ArgumentException">A tile has fewer hashes than the tree must have there.</exception>
    public TileGrowth(long size, Func<int, long, ReadOnlyMemory<byte>> tile)
    {
        Size = size;
        for (var level = 0; Tiles.Hashes(level, size) > 0; level++)
        {
            var (index, width) = Math.DivRem(Tiles.Hashes(level, size), TileAddress.FullWidth);
            var edge = new byte[Tiles.FullLength];
            if (width > 0)
            {
                var hashes = tile(level, index);
                var length = (int)width * Bytes32.Length;
                if (hashes.Length < length)
                {
                    throw new ArgumentException($"Tile {level}/{index} has fewer than {width} hashes.", nameof(tile));
                }

                hashes.Span[..length].CopyTo(edge);
            }

            _edges.Add(edge);
        }
    }

    /// <summary>How many leaves it has.</summary>
    public long Size { get; private set; }

    public void Add(Bytes32 leaf)
    {
        Add(0, Size, leaf);
        Size++;
    }

    /// <summary>The tiles that have changed since this was last asked: each with all of its hashes.</summary>
    public IReadOnlyList<(TileAddress Address, byte[] Hashes)> TakeChanged()
    {
        var changed = new List<(TileAddress, byte[])>();
        foreach (var (level, index) in _touched)
        {
            if (_full.TryGetValue((level, index), out var full))
            {
                changed.Add((new(level, index, TileAddress.FullWidth), full));
                continue;
            }

            var width = (int)(Tiles.Hashes(level, Size) % TileAddress.FullWidth);
            changed.Add((new(level, index, width), _edges[level][..(width * Bytes32.Length)]));
        }

        _touched.Clear();
        _full.Clear();
        return changed;
    }

    /// <summary>The last tile of each level, where it is not full.</summary>
    public IEnumerable<(TileAddress Address, byte[] Hashes)> Edges()
    {
        for (var level = 0; level < _edges.Count; level++)
        {
            var (index, width) = Math.DivRem(Tiles.Hashes(level, Size), TileAddress.FullWidth);
            if (width > 0)
            {
                yield return (new(level, index, (int)width), _edges[level][..((int)width * Bytes32.Length)]);
            }
        }
    }

    /// <summary>The root of all leaves.</summary>
    public Bytes32 Root() => MerkleTree.Root(Size, (level, index) => Tiles.Node(level, index, Edge));

    // Whatever the root is made of is at the edge; a tile that has just become full is over in the level above.
    private ReadOnlyMemory<byte> Edge(int level, long index) => _edges[level];

    private void Add(int level, long count, Bytes32 hash)
    {
        if (level == _edges.Count)
        {
            _edges.Add(new byte[Tiles.FullLength]);
        }

        var (index, at) = Math.DivRem(count, TileAddress.FullWidth);
        hash.CopyTo(_edges[level].AsSpan((int)at * Bytes32.Length));
        _touched.Add((level, index));
        if (at == TileAddress.FullWidth - 1)
        {
            var full = _edges[level].ToArray();
            _full[(level, index)] = full;
            Add(level + 1, index, Tiles.Over(full));
        }
    }
}
