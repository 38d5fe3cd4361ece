using FiberLink.Chain.Transactions;

namespace FiberLink.Chain.Node;

/// <summary>All cells of a lock, however many pages they fill.</summary>
public static class WalletCells
{
    /// <summary>How many cells are asked for at once.</summary>
    public const int PageSize = 200;

    // The list is written after the block, so every node is one block behind itself at times.
    private const ulong BlocksBehindMax = 1;

    /// <summary>Reads them, if the node's list of cells is up to date.</summary>
    /// <param name="node">Whom to ask.</param>
    /// <param name="owner">The lock.</param>
    /// <param name="cellsMax">More are <see cref="ChainFailure.TooMany"/>: a part would be taken for the whole.</param>
    /// <param name="ct">The caller's own.</param>
    /// <returns>Each cell once, though a block may come between two pages; one that is spent meanwhile may still be among them.</returns>
    public static async Task<ChainAnswer<IReadOnlyList<Cell>>> ReadAsync(ICkbNode node, Script owner, int cellsMax, CancellationToken ct)
    {
        var tip = await node.GetTipNumberAsync(ct);
        var listed = await node.GetIndexerTipNumberAsync(ct);
        if ((tip as ChainAnswer<ulong>.Failed ?? listed as ChainAnswer<ulong>.Failed) is { } silent)
        {
            return Failed(silent.Failure, silent.Detail);
        }

        if (Value(listed) + BlocksBehindMax < Value(tip))
        {
            return Failed(ChainFailure.Behind, $"The node is at block {Value(tip)}, and its list of cells at {Value(listed)}.");
        }

        var cells = new Dictionary<OutPoint, Cell>();
        string? after = null;
        while (true)
        {
            var answer = await node.GetCellsAsync(owner, PageSize, after, ct);
            if (answer is not ChainAnswer<CellPage>.Ok { Value: var page })
            {
                var failed = (ChainAnswer<CellPage>.Failed)answer;
                return Failed(failed.Failure, failed.Detail);
            }

            foreach (var cell in page.Cells.Where(c => c.Output.Lock == owner))
            {
                cells[cell.OutPoint] = cell;
            }

            if (cells.Count > cellsMax)
            {
                return Failed(ChainFailure.TooMany, $"The lock has more than {cellsMax} cells.");
            }

            if (page.Cells.Count < PageSize)
            {
                return new ChainAnswer<IReadOnlyList<Cell>>.Ok([.. cells.Values]);
            }

            // A page that ends where the one before ended would be asked for until the end of days.
            if (page.Next == after)
            {
                return Failed(ChainFailure.NoAnswer, "The node's pages of cells do not go on.");
            }

            after = page.Next;
        }
    }

    private static ulong Value(ChainAnswer<ulong> answer) => ((ChainAnswer<ulong>.Ok)answer).Value;

    private static ChainAnswer<IReadOnlyList<Cell>>.Failed Failed(ChainFailure failure, string detail) => new(failure, detail);
}
