using FiberLink.Crypto;
using FiberLink.Crypto.Sealing;
using FiberLink.Postgres;

namespace FiberLink.EventStore.Sealing;

/// <summary>Grows the tree again and compares it with the stored one, and with what was signed and seen.</summary>
/// <remarks>
/// Where an event is missing or known to be changed, the tree goes on with the hash that is stored for it: so one wrong event is one
/// finding, and does not make everything behind it wrong.
/// </remarks>
internal sealed class TreeCheck(UnitOfWork work, LogSurroundings surroundings, Findings findings)
{
    private const string TilesSql =
        "select level, index, hashes from event_store.log_tiles where level = $1 and index >= $2 and index <= $3";

    private readonly TileGrowth _tree = new();
    private Dictionary<long, byte[]> _leaves = [];
    private long _soundUpTo;
    private int _next;
    private bool _isOff;

    /// <summary>The newest checkpoint that the events give.</summary>
    public SignedCheckpoint? Last { get; private set; }

    /// <summary>Fetches the leaves that are stored for a page.</summary>
    public async Task LoadAsync(long from, long to, CancellationToken ct) =>
        _leaves = await ReadAsync(0, from / TileAddress.FullWidth, to / TileAddress.FullWidth, ct);

    /// <summary>The next event.</summary>
    /// <param name="position">Where.</param>
    /// <param name="entry">What its row gives; null when it is known that it isn't what was sealed.</param>
    /// <param name="ct">Stops it.</param>
    public async Task AddAsync(long position, Bytes32? entry, CancellationToken ct)
    {
        if (position > surroundings.Tree.Size)
        {
            return;
        }

        var stored = await StoredLeafAsync(position, ct);
        var given = entry is { } known ? MerkleHash.Leaf(known.ToBytes()) : stored;
        if (stored is not null && stored != given)
        {
            findings.Add(
                SealFindingKind.EventChanged, position, $"Position {position}: the event is not the one that is in the tree");
        }

        _tree.Add(stored ?? given ?? default);
        Compare();
        if (position % (TileAddress.FullWidth * TileAddress.FullWidth) == 0)
        {
            await CompareFullAsync(ct);
        }
    }

    public async Task EndAsync(CancellationToken ct)
    {
        await CompareFullAsync(ct);
        if (_tree.Size == surroundings.Tree.Size)
        {
            foreach (var (address, hashes) in _tree.Edges())
            {
                await CompareAsync(address, hashes, ct);
            }

            if (_tree.Root() != surroundings.Tree.Root)
            {
                findings.Add(SealFindingKind.TreeWrong, null, $"The root of the tree is not the one that its {_tree.Size} events give");
            }
        }
        else
        {
            findings.Add(
                SealFindingKind.LogCutOff,
                null,
                $"The log ends at position {_tree.Size}, and {surroundings.Tree.Size} events were sealed: its end is gone");
        }

        foreach (var (head, name) in surroundings.Marks.Skip(_next).Where(m => m.Head.Size > surroundings.Tree.Size).TakeLast(1))
        {
            findings.Add(
                SealFindingKind.LogCutOff,
                null,
                $"The tree has {surroundings.Tree.Size} events, and {name} tells of {head.Size}: the log's end is gone");
        }
    }

    private void Compare()
    {
        for (; _next < surroundings.Marks.Count && surroundings.Marks[_next].Head.Size == _tree.Size; _next++)
        {
            var (head, name) = surroundings.Marks[_next];
            if (_tree.Root() == head.Root)
            {
                _soundUpTo = head.Size;
                Last = surroundings.Checkpoints.FirstOrDefault(c => c.Head == head) ?? Last;
            }
            else if (!_isOff)
            {
                _isOff = true;
                findings.Add(
                    SealFindingKind.HistoryChanged,
                    null,
                    $"Positions {_soundUpTo + 1} to {head.Size}: some of these events are not those that {name} was made of");
            }
        }
    }

    private async Task<Bytes32?> StoredLeafAsync(long position, CancellationToken ct)
    {
        var (tile, at) = Math.DivRem(position - 1, TileAddress.FullWidth);
        if (!_leaves.TryGetValue(tile, out var hashes))
        {
            // Of a page that isn't loaded: events are missing between two pages.
            _leaves = await ReadAsync(0, tile, tile + 1, ct);
            hashes = _leaves.GetValueOrDefault(tile);
        }

        if (hashes is null || hashes.Length < (at + 1) * Bytes32.Length)
        {
            findings.Add(SealFindingKind.TreeWrong, position, $"Position {position}: the tree has no hash for it");
            return null;
        }

        return Bytes32.From(hashes.AsSpan((int)at * Bytes32.Length, Bytes32.Length));
    }

    // The lowest level is compared event by event.
    private async Task CompareFullAsync(CancellationToken ct)
    {
        foreach (var (address, hashes) in _tree.TakeChanged().Where(t => t.Address is { IsFull: true, Level: > 0 }))
        {
            await CompareAsync(address, hashes, ct);
        }
    }

    private async Task CompareAsync(TileAddress address, byte[] hashes, CancellationToken ct)
    {
        var stored = await ReadAsync(address.Level!.Value, address.Index, address.Index, ct);
        if (!stored.TryGetValue(address.Index, out var there) || !there.AsSpan().SequenceEqual(hashes))
        {
            findings.Add(SealFindingKind.TreeWrong, null, $"{address} is not the one that the events give");
        }
    }

    private async Task<Dictionary<long, byte[]>> ReadAsync(int level, long from, long to, CancellationToken ct)
    {
        await using var command = work.Command(TilesSql, new() { Value = level }, new() { Value = from }, new() { Value = to });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var tiles = new Dictionary<long, byte[]>();
        while (await reader.ReadAsync(ct))
        {
            tiles.Add(reader.GetInt64(1), reader.GetFieldValue<byte[]>(2));
        }

        return tiles;
    }
}
