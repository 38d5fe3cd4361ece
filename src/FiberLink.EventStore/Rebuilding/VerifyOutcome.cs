namespace FiberLink.EventStore.Rebuilding;

/// <summary>How a comparison of a read model with its log ended. The live tables were only read.</summary>
public abstract record VerifyOutcome
{
    private VerifyOutcome()
    {
    }

    /// <summary>The live tables and freshly built ones were compared at one position.</summary>
    /// <param name="Position">
    /// Both show everything up to here; of an async read model whose shards stand at different positions, each as far as its own.
    /// </param>
    /// <param name="Tables">What was found in each.</param>
    /// <param name="Took">How long it took.</param>
    public sealed record Compared(long Position, IReadOnlyList<TableComparison> Tables, TimeSpan Took) : VerifyOutcome
    {
        public bool IsSame => Tables.All(t => t.IsSame);
    }

    /// <summary>Somebody else rebuilds or verifies this read model now; nothing was done.</summary>
    public sealed record AlreadyRunning : VerifyOutcome;

    /// <summary>An event cannot be shown.</summary>
    /// <param name="Position">The event.</param>
    /// <param name="Reason">What the projection or the database says.</param>
    public sealed record CannotShow(long Position, string Reason) : VerifyOutcome;

    /// <summary>The read model cannot be built beside the live one as it is written.</summary>
    public sealed record NotRebuildable(string Reason) : VerifyOutcome;
}

/// <summary>A live table beside the one that its log gives.</summary>
/// <param name="Table">Schema and name.</param>
/// <param name="LiveRows">How many rows the live one has.</param>
/// <param name="RebuiltRows">How many it should have.</param>
/// <param name="LiveDigest">16 hex digits over all live rows, in whatever order; columns that do not come from events are left out.</param>
/// <param name="RebuiltDigest">The same over the rows that should be there.</param>
/// <param name="Differences">The first rows that differ, by key; empty when none does.</param>
/// <param name="Shape">How the columns differ, in words; null when they do not, and then rows were compared.</param>
public sealed record TableComparison(
    string Table,
    long LiveRows,
    long RebuiltRows,
    string LiveDigest,
    string RebuiltDigest,
    IReadOnlyList<RowDifference> Differences,
    string? Shape)
{
    /// <summary>How many differing rows are named at most.</summary>
    public const int DifferencesMax = 10;

    public bool IsSame => Shape is null && LiveRows == RebuiltRows && LiveDigest == RebuiltDigest;
}

/// <summary>A row that is not as the log has it. Its values are not told: they may be nobody's business.</summary>
/// <param name="Key">The columns of its primary key with their values.</param>
/// <param name="Kind">What is wrong with it.</param>
/// <param name="Columns">Those that differ.</param>
public sealed record RowDifference(string Key, RowDifferenceKind Kind, IReadOnlyList<string> Columns);

/// <summary>What is wrong with a live row.</summary>
public enum RowDifferenceKind
{
    /// <summary>It has other values.</summary>
    Differs = 1,

    /// <summary>It should be there.</summary>
    Missing = 2,

    /// <summary>It should not be there.</summary>
    TooMany = 3,
}
