namespace FiberLink.Chain.Node;

/// <summary>Where a transaction stands, as one node sees it now. None of it is for ever: blocks are taken back, pools forget.</summary>
public abstract record TransactionState
{
    private TransactionState()
    {
    }

    /// <summary>The node does not know it: never sent, forgotten, or not come yet. It may be sent again.</summary>
    public sealed record Unknown : TransactionState;

    /// <summary>In the pool.</summary>
    public sealed record Pending : TransactionState;

    /// <summary>In the pool, and named by a block: soon in one.</summary>
    public sealed record Proposed : TransactionState;

    /// <summary>In a block.</summary>
    public sealed record Committed(ulong BlockNumber, Bytes32 BlockHash) : TransactionState;

    /// <summary>
    /// The pool let go of it. That is no proof that it will never be in a block: others may still have it. It is dead only when
    /// something else that is final has spent one of its cells.
    /// </summary>
    /// <param name="Reason">The node's words, shortened.</param>
    public sealed record Rejected(string Reason) : TransactionState;
}

/// <summary>What came of giving a node a transaction.</summary>
public abstract record SendOutcome
{
    private SendOutcome()
    {
    }

    /// <summary>It is in the pool: now, or it was there already.</summary>
    public sealed record InPool(bool WasThere) : SendOutcome;

    /// <summary>
    /// The node did not take it now. Whether it was taken before, here or elsewhere, is another question: ask for its state before anything
    /// else is done.
    /// </summary>
    /// <param name="Reason">Why: decide by this.</param>
    /// <param name="Detail">The node's words, shortened; for people and logs.</param>
    public sealed record Refused(SendRefusal Reason, string Detail) : SendOutcome;

    /// <summary>Certainly not sent.</summary>
    public sealed record NotSent(string Detail) : SendOutcome;

    /// <summary>Nobody knows. Look, or send the same bytes again.</summary>
    public sealed record NotKnown(string Detail) : SendOutcome;
}

/// <summary>Why a node does not take a transaction.</summary>
public enum SendRefusal
{
    /// <summary>
    /// A cell that it spends is being spent, by what the pool has: perhaps by itself. Nothing follows for the chain; look for the hash.
    /// </summary>
    InputDead = 1,

    /// <summary>
    /// A cell that it spends or names is not known to the node. The node is behind, or what made the cell was taken back, or the cell has
    /// been spent in a block, perhaps by this very transaction: a node forgets spent cells. Look for the hash before anything else.
    /// </summary>
    InputUnknown = 2,

    /// <summary>A signature or a sum is wrong, or a cell may not be spent yet (a miner's reward, for its first days).</summary>
    Invalid = 3,

    /// <summary>The fee is below the node's least.</summary>
    FeeTooLow = 4,

    /// <summary>It stands on too many transactions that are in the pool themselves. Later it may be taken.</summary>
    TooManyAncestors = 5,

    /// <summary>The pool is full of better paid ones. Later it may be taken.</summary>
    PoolFull = 6,

    /// <summary>It waited too long in the pool. It may be sent again.</summary>
    Expired = 7,

    /// <summary>Another transaction in the pool spends one of its cells, and this one does not pay enough to take its place.</summary>
    Conflict = 8,

    /// <summary>It has more bytes than nodes take.</summary>
    TooLarge = 9,

    /// <summary>For a reason that has no name here.</summary>
    Other = 10,
}
