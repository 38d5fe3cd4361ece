using FiberLink.Chain.Transactions;

namespace FiberLink.Chain.Node;

/// <summary>
/// A node of the chain, in our words. Every failure is a value; the only exception that comes out is the caller's own cancellation.
/// Nothing but <see cref="SendTransactionAsync"/> changes anything, and sending one transaction any number of times is sending it once.
/// </summary>
public interface ICkbNode
{
    /// <summary>Which chain the node is on, by the node's name for it (<see cref="ChainParameters.NodeName"/>).</summary>
    Task<ChainAnswer<string>> GetChainNameAsync(CancellationToken ct);

    /// <summary>The number of the last block.</summary>
    Task<ChainAnswer<ulong>> GetTipNumberAsync(CancellationToken ct);

    /// <summary>The last block.</summary>
    Task<ChainAnswer<BlockHeader>> GetTipHeaderAsync(CancellationToken ct);

    /// <summary>
    /// The hash of the block of this number; null while there is none. A transaction's block that is no longer here was taken back.
    /// </summary>
    Task<ChainAnswer<Bytes32?>> GetBlockHashAsync(ulong number, CancellationToken ct);

    /// <summary>How far the node's list of cells has come. Cells are only as fresh as this.</summary>
    Task<ChainAnswer<ulong>> GetIndexerTipNumberAsync(CancellationToken ct);

    /// <summary>A page of the cells of exactly this lock, in the order in which they were made.</summary>
    /// <param name="owner">The lock.</param>
    /// <param name="limit">The most cells in the page.</param>
    /// <param name="after">Where the page before ended; null for the first one.</param>
    /// <param name="ct">The caller's own.</param>
    Task<ChainAnswer<CellPage>> GetCellsAsync(Script owner, int limit, string? after, CancellationToken ct);

    /// <summary>Whether a cell is there to be spent, as of the last block.</summary>
    Task<ChainAnswer<CellState>> GetCellStateAsync(OutPoint outPoint, CancellationToken ct);

    /// <summary>A cell with all that it holds, as of the last block; null unless it is there to be spent.</summary>
    Task<ChainAnswer<Cell?>> GetLiveCellAsync(OutPoint outPoint, CancellationToken ct);

    /// <summary>Where a transaction stands.</summary>
    Task<ChainAnswer<TransactionState>> GetTransactionStateAsync(Bytes32 hash, CancellationToken ct);

    /// <summary>A transaction of which only the name is known; null while the node has not got it.</summary>
    Task<ChainAnswer<Transaction?>> GetTransactionAsync(Bytes32 hash, CancellationToken ct);

    /// <summary>What a fee should be now, in shannon for a thousand bytes; the lowest that nodes take where the node cannot tell.</summary>
    Task<ChainAnswer<FeeRate>> EstimateFeeRateAsync(CancellationToken ct);

    /// <summary>Gives the node a signed transaction. It may be sent again at any time.</summary>
    Task<SendOutcome> SendTransactionAsync(Transaction transaction, CancellationToken ct);
}

/// <summary>What came of asking a node.</summary>
public abstract record ChainAnswer<T>
{
    private ChainAnswer()
    {
    }

    /// <summary>The node answered, and the answer could be read whole.</summary>
    public sealed record Ok(T Value) : ChainAnswer<T>;

    /// <summary>There is no value.</summary>
    /// <param name="Failure">Why: decide by this.</param>
    /// <param name="Detail">For people and logs only.</param>
    public sealed record Failed(ChainFailure Failure, string Detail) : ChainAnswer<T>;
}

/// <summary>Why there is no answer.</summary>
public enum ChainFailure
{
    /// <summary>Nothing was sent: the node cannot be reached.</summary>
    Unreachable = 1,

    /// <summary>Sent, and no usable answer came back (in time).</summary>
    NoAnswer = 2,

    /// <summary>The node answered that it won't or cannot.</summary>
    Rejected = 3,

    /// <summary>The node doesn't have the method, or has it switched off.</summary>
    NotOffered = 4,

    /// <summary>The node's list of cells is behind its own blocks: cells in it may be spent already.</summary>
    Behind = 5,

    /// <summary>The answer is longer than was asked for.</summary>
    TooMany = 6,
}

/// <summary>A block, by what is needed of it.</summary>
/// <param name="Number">How many came before it.</param>
/// <param name="Hash">Its name.</param>
/// <param name="ParentHash">The name of the one before.</param>
/// <param name="Time">What its miner says, to the millisecond.</param>
public sealed record BlockHeader(ulong Number, Bytes32 Hash, Bytes32 ParentHash, DateTimeOffset Time);

/// <summary>Some cells, and where to go on.</summary>
/// <param name="Cells">In the order in which they were made. Fewer than the limit: the last page.</param>
/// <param name="Next">What to ask the next page with.</param>
public sealed record CellPage(IReadOnlyList<Cell> Cells, string Next);

/// <summary>Whether a cell is there.</summary>
public enum CellState
{
    Live = 1,

    /// <summary>It was spent.</summary>
    Dead = 2,

    /// <summary>It is not there, as far as the node knows: spent long ago, not made yet, or never.</summary>
    Unknown = 3,
}

/// <summary>A fee rate.</summary>
/// <param name="ShannonPerKilobyte">Shannon for a thousand bytes.</param>
/// <param name="IsEstimate">Whether the node has reckoned it, or it is only the lowest that nodes take.</param>
public sealed record FeeRate(ulong ShannonPerKilobyte, bool IsEstimate);
