using FiberLink.Chain;
using FiberLink.Chain.Transactions;
using FiberLink.Sandbox.State;

namespace FiberLink.Sandbox.Chain;

/// <summary>The node's chain, one change after the other.</summary>
internal sealed class ChainBook
{
    public const int BlocksMax = 10_000;

    private readonly Lock _lock = new();
    private readonly ChainState _state = new();
    private readonly SandboxChainOptions _options;
    private readonly TransactionChecks _checks;
    private readonly ChainJournal? _journal;
    private readonly TimeProvider _time;
    private ulong _fundings;

    /// <param name="options">How it behaves.</param>
    /// <param name="journal">Null keeps it in memory.</param>
    /// <param name="time">Says when a block came.</param>
    public ChainBook(SandboxChainOptions options, ChainJournal? journal, TimeProvider time)
    {
        (_options, _checks, _journal, _time) = (options, new(options), journal, time);
        foreach (var line in journal?.ReadAll() ?? [])
        {
            _state.Apply(line);
            _fundings += (ulong)(line.Mined?.Transactions.Count ?? 0);
        }

        if (_state.Blocks.Count == 0)
        {
            Mine([]);
        }
    }

    /// <summary>Looks at it as it is now.</summary>
    public T Read<T>(Func<ChainState, T> look)
    {
        lock (_lock)
        {
            return look(_state);
        }
    }

    /// <summary>Null when it is in the pool.</summary>
    public PoolReject? Send(Transaction transaction)
    {
        lock (_lock)
        {
            var (reject, fee) = _checks.Check(transaction, _state);
            var hash = transaction.Hash();
            if (reject is not null)
            {
                if (!reject.IsDuplicate)
                {
                    Leave(hash, reject.Reason);
                }

                return reject;
            }

            foreach (var replaced in _state.ConflictsOf(transaction))
            {
                Leave(replaced.Hash, PoolReject.ReplacedBy(hash).Reason);
            }

            Enter(transaction, fee);
            Sweep();
            return null;
        }
    }

    /// <summary>Blocks come, with what has waited long enough.</summary>
    public void MineBlocks(int count)
    {
        lock (_lock)
        {
            for (var i = 0; i < count; i++)
            {
                Mine(Due());
                Sweep();
            }
        }
    }

    /// <summary>Cells are made out of nothing, in a block of their own.</summary>
    public IReadOnlyList<OutPoint> Fund(Script owner, Script? token, ulong capacity, UInt128 amount, int cells)
    {
        lock (_lock)
        {
            var transaction = Fundings.Make(++_fundings, owner, token, capacity, amount, cells);
            Mine([transaction]);
            var hash = transaction.Hash();
            return [.. Enumerable.Range(0, cells).Select(i => new OutPoint(hash, (uint)i))];
        }
    }

    /// <summary>A block comes with just this transaction, whether or not the pool has it. The reason why it cannot, or null.</summary>
    public string? Commit(Transaction transaction)
    {
        lock (_lock)
        {
            if (_checks.CheckForBlock(transaction, _state) is { } reject)
            {
                return reject.Message;
            }

            Mine([transaction]);
            Sweep();
            return null;
        }
    }

    /// <summary>The pool lets go of it. False where it isn't there.</summary>
    /// <param name="hash">Which.</param>
    /// <param name="reason">What is told of it from now on; null tells nothing.</param>
    public bool Drop(Bytes32 hash, string? reason)
    {
        lock (_lock)
        {
            if (_state.FindPooled(hash) is null)
            {
                return false;
            }

            Leave(hash, reason);
            Sweep();
            return true;
        }
    }

    /// <summary>
    /// The last blocks are taken back, and one more without transactions comes in their place. The reason why it cannot be so, or null.
    /// </summary>
    /// <param name="depth">How many are taken back.</param>
    /// <param name="conflict">A transaction in the first of the new blocks; null for none.</param>
    /// <param name="forget">Whether transactions of the old blocks are gone, and not in the pool again.</param>
    public string? Reorganise(int depth, Transaction? conflict, bool forget)
    {
        lock (_lock)
        {
            if (depth < 1 || (ulong)depth > _state.Tip.Number)
            {
                return $"There are {_state.Tip.Number} blocks that can be taken back.";
            }

            var back = _state.Blocks.TakeLast(depth).SelectMany(b => b.Transactions)
                .Select(t => (Transaction: t, Fee: FeeOf(t))).ToList();
            if (conflict is not null && Rehearse(depth, conflict) is { } refused)
            {
                return refused.Message;
            }

            Change(new(CutTo: _state.Tip.Number - (ulong)depth));
            for (var i = 0; i <= depth; i++)
            {
                Mine(i == 0 && conflict is not null ? [conflict] : []);
            }

            foreach (var (transaction, fee) in back.Where(b => !forget && _state.FindCommitted(b.Transaction.Hash()) is null))
            {
                Enter(transaction, fee);
            }

            Sweep();
            return null;
        }
    }

    private PoolReject? Rehearse(int depth, Transaction conflict)
    {
        var earlier = new ChainState();
        foreach (var block in _state.Blocks.SkipLast(depth))
        {
            earlier.Apply(new(Mined: new(block.Timestamp, [.. block.Transactions.Select(ChainLine.Write)])));
        }

        return _checks.CheckForBlock(conflict, earlier);
    }

    // Of a transaction in a block all cells are known, spent or not.
    private ulong FeeOf(Transaction transaction) => Fundings.IsOne(transaction) ? 0 : (ulong)(
        ChainState.SpentBy(transaction).Aggregate(UInt128.Zero, (sum, o) => sum + _state.FindCell(o)!.Cell.Output.Capacity)
        - transaction.Outputs.Aggregate(UInt128.Zero, (sum, o) => sum + o.Capacity));

    private List<Transaction> Due()
    {
        var number = _state.Tip.Number + 1;
        var waiting = _state.Pool.Where(e => number - e.TipAtEntry >= (ulong)_options.BlocksToCommit).ToList();
        var (chosen, made) = (new List<Transaction>(), new HashSet<Bytes32>());

        // A child may have come before its parent, where the parent was taken out of a block.
        for (var more = true; more;)
        {
            var ready = waiting.FirstOrDefault(e => ChainState.SpentBy(e.Transaction)
                .All(o => made.Contains(o.TransactionHash) || _state.FindCell(o) is { SpentIn: null }));
            more = ready is not null && waiting.Remove(ready);
            if (ready is not null)
            {
                chosen.Add(ready.Transaction);
                made.Add(ready.Hash);
            }
        }

        return chosen;
    }

    /// <summary>What can come into no block any more leaves the pool.</summary>
    private void Sweep()
    {
        while (_state.Pool.Select(e => (e.Hash, Lost: LostBy(e.Transaction))).FirstOrDefault(e => e.Lost is not null) is
            { Lost: { } lost } gone)
        {
            Leave(gone.Hash, lost.Reason);
        }
    }

    private PoolReject? LostBy(Transaction transaction) => ChainState.SpentBy(transaction)
        .Where(o => _state.FindCell(o) is not { SpentIn: null } && _state.FindPooledCell(o) is null)
        .Select(o => _state.FindCell(o) is null ? PoolReject.Unknown(o) : PoolReject.Dead(o))
        .FirstOrDefault();

    private void Enter(Transaction transaction, ulong fee) =>
        Change(new(Pooled: new(ChainLine.Write(transaction), fee, _state.Tip.Number, Now())));

    private void Leave(Bytes32 hash, string? reason) => Change(new(Left: new(hash.ToHex(), reason)));

    private void Mine(IReadOnlyList<Transaction> transactions) =>
        Change(new(Mined: new(Now(), [.. transactions.Select(ChainLine.Write)])));

    private ulong Now() => (ulong)_time.GetUtcNow().ToUnixTimeMilliseconds();

    private void Change(ChainLine line)
    {
        _state.Apply(line);
        _journal?.Append(line);
    }
}
