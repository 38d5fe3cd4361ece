using FiberLink.Chain.Transactions;

namespace FiberLink.Sandbox.Chain;

/// <summary>
/// The best chain, the pool, and what is remembered of transactions that left it. It changes by what is told only; whether that may be is
/// decided before.
/// </summary>
internal sealed class ChainState
{
    private readonly List<SandboxBlock> _blocks = [];
    private readonly Dictionary<OutPoint, ChainCell> _cells = [];
    private readonly Dictionary<Bytes32, (ulong Block, uint Index)> _committed = [];
    private readonly Dictionary<Bytes32, Transaction> _known = [];
    private readonly Dictionary<Bytes32, string> _rejected = [];
    private readonly List<PoolEntry> _pool = [];

    /// <summary>How often blocks were taken back.</summary>
    public ulong Forks { get; private set; }

    /// <summary>By number.</summary>
    public IReadOnlyList<SandboxBlock> Blocks => _blocks;

    /// <summary>In the order in which they came.</summary>
    public IReadOnlyList<PoolEntry> Pool => _pool;

    /// <summary>Of the best chain, the spent ones too.</summary>
    public IReadOnlyCollection<ChainCell> Cells => _cells.Values;

    public SandboxBlock Tip => _blocks[^1];

    /// <summary>The cells that a transaction spends, without the nothing out of which a funding comes.</summary>
    public static IEnumerable<OutPoint> SpentBy(Transaction transaction) =>
        transaction.Inputs.Select(i => i.PreviousOutput).Where(o => o != Fundings.Nothing);

    public ChainCell? FindCell(OutPoint outPoint) => _cells.GetValueOrDefault(outPoint);

    /// <summary>The block and its place in it; null unless it is in the best chain.</summary>
    public (SandboxBlock Block, uint Index)? FindCommitted(Bytes32 hash) =>
        _committed.TryGetValue(hash, out var place) ? (_blocks[(int)place.Block], place.Index) : null;

    public PoolEntry? FindPooled(Bytes32 hash) => _pool.Find(e => e.Hash == hash);

    /// <summary>Whatever has become of it.</summary>
    public Transaction? FindKnown(Bytes32 hash) => _known.GetValueOrDefault(hash);

    /// <summary>Why the pool let go of it; null if it did not, or says nothing of it.</summary>
    public string? RejectionOf(Bytes32 hash) => _rejected.GetValueOrDefault(hash);

    /// <summary>A cell that a transaction in the pool makes.</summary>
    public Cell? FindPooledCell(OutPoint outPoint) =>
        FindPooled(outPoint.TransactionHash)?.Transaction is { } transaction && outPoint.Index < transaction.Outputs.Length
            ? CellOf(transaction, outPoint)
            : null;

    /// <summary>The transactions in the pool that spend one of the same cells.</summary>
    public IReadOnlyList<PoolEntry> ConflictsOf(Transaction transaction)
    {
        var spent = SpentBy(transaction).ToHashSet();
        return [.. _pool.Where(e => SpentBy(e.Transaction).Any(spent.Contains))];
    }

    public void Apply(ChainLine line)
    {
        switch (line)
        {
            case { Pooled: { } pooled }:
                var entry = new PoolEntry(pooled.Read(), pooled.Read().Hash(), pooled.Fee, pooled.Tip, pooled.At);
                _known[entry.Hash] = entry.Transaction;
                _rejected.Remove(entry.Hash);
                _pool.Add(entry);
                break;
            case { Left: { } left }:
                var hash = Bytes32.Parse(left.Hash);
                _pool.RemoveAll(e => e.Hash == hash);
                if (left.Reason is { } reason)
                {
                    _rejected[hash] = reason;
                }

                break;
            case { Mined: { } mined }:
                Attach(SandboxBlock.After(_blocks.LastOrDefault(), Forks, mined.At, [.. mined.Transactions.Select(ChainLine.Read)]));
                break;
            case { CutTo: { } number }:
                Forks++;
                while (Tip.Number > number)
                {
                    DetachTip();
                }

                break;
        }
    }

    private void Attach(SandboxBlock block)
    {
        _blocks.Add(block);
        foreach (var (i, transaction) in block.Transactions.Index())
        {
            var (hash, index) = (transaction.Hash(), (uint)i + SandboxBlock.FirstIndex);
            foreach (var spent in SpentBy(transaction))
            {
                _cells[spent] = _cells[spent] is { SpentIn: null } cell
                    ? cell with { SpentIn = block.Number }
                    : throw new InvalidOperationException($"{spent} would be spent twice.");
            }

            for (var output = 0U; output < transaction.Outputs.Length; output++)
            {
                var outPoint = new OutPoint(hash, output);
                _cells.Add(outPoint, new(CellOf(transaction, outPoint), block.Number, index));
            }

            _committed.Add(hash, (block.Number, index));
            _known[hash] = transaction;
            _rejected.Remove(hash);
            _pool.RemoveAll(e => e.Hash == hash);
        }
    }

    private void DetachTip()
    {
        foreach (var transaction in Tip.Transactions.Reverse())
        {
            var hash = transaction.Hash();
            for (var output = 0U; output < transaction.Outputs.Length; output++)
            {
                _cells.Remove(new(hash, output));
            }

            foreach (var spent in SpentBy(transaction))
            {
                _cells[spent] = _cells[spent] with { SpentIn = null };
            }

            _committed.Remove(hash);
        }

        _blocks.RemoveAt(_blocks.Count - 1);
    }

    private static Cell CellOf(Transaction transaction, OutPoint outPoint) =>
        new(outPoint, transaction.Outputs[(int)outPoint.Index], transaction.OutputsData[(int)outPoint.Index]);
}
