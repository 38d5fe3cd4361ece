namespace FiberLink.EventStore.Rebuilding;

/// <summary>How a replay of the log into files ended. The live tables were not touched.</summary>
public abstract record ReplayOutcome
{
    private ReplayOutcome()
    {
    }

    /// <summary>The read model's tables as they were at a position of the log are in files.</summary>
    /// <param name="Position">Every event up to here is shown, and none after it.</param>
    /// <param name="Files">One for each table.</param>
    public sealed record Written(long Position, IReadOnlyList<ReplayedFile> Files) : ReplayOutcome;

    /// <summary>Somebody else rebuilds, verifies or replays this read model now; nothing was done.</summary>
    public sealed record AlreadyRunning : ReplayOutcome;

    /// <summary>An event cannot be shown.</summary>
    /// <param name="Position">The event.</param>
    /// <param name="Reason">What the projection or the database says.</param>
    public sealed record CannotShow(long Position, string Reason) : ReplayOutcome;

    /// <summary>The read model cannot be built beside the live one as it is written.</summary>
    public sealed record NotReplayable(string Reason) : ReplayOutcome;
}

/// <summary>A table in a file: CSV by RFC 4180 with a head line, in UTF-8, ordered by the table's key.</summary>
/// <param name="Path">Where.</param>
/// <param name="Rows">Lines after the head.</param>
/// <param name="Sha256">64 hexadecimal digits over the file.</param>
public sealed record ReplayedFile(string Path, long Rows, string Sha256);
