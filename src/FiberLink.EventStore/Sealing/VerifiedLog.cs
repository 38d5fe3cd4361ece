using FiberLink.Crypto.Sealing;
using FiberLink.Postgres;

namespace FiberLink.EventStore.Sealing;

/// <summary>What is wrong with a log.</summary>
/// <param name="Kind">Of which kind.</param>
/// <param name="Position">The event it is about; null when it is about something else, or about more than one.</param>
/// <param name="Text">A sentence: what is wrong, and where. No text of an event is in it.</param>
public sealed record SealFinding(SealFindingKind Kind, long? Position, string Text);

/// <summary>What can be wrong with a log. Stored nowhere; told by its name.</summary>
public enum SealFindingKind
{
    /// <summary>The event is not what was appended.</summary>
    EventChanged = 1,

    /// <summary>There is no event at a position, although there are later ones.</summary>
    EventMissing = 2,

    /// <summary>An event was appended that nothing understands.</summary>
    EventUnreadable = 3,

    /// <summary>A stream's versions are not 1, 2, 3…, or not as many as it says.</summary>
    StreamBroken = 4,

    /// <summary>The head says another end than the events.</summary>
    HeadWrong = 5,

    /// <summary>A tile or the root is not what the events give.</summary>
    TreeWrong = 6,

    /// <summary>A checkpoint is not signed by the log's keys, or says another thing than its row.</summary>
    CheckpointWrong = 7,

    /// <summary>What was signed, or seen before, is not what is there now.</summary>
    HistoryChanged = 8,

    /// <summary>The end of the log is gone.</summary>
    LogCutOff = 9,

    /// <summary>Postings do not sum to zero.</summary>
    EntryUnbalanced = 10,

    /// <summary>A balance is not the sum of its postings.</summary>
    BalanceWrong = 11,

    /// <summary>A read model is not what the log gives.</summary>
    ReadModelWrong = 12,

    /// <summary>What was published of liabilities is not what the log gives.</summary>
    LiabilitiesWrong = 13,
}

/// <summary>How a log is verified.</summary>
/// <param name="Origin">The log's name.</param>
/// <param name="Trusted">The key that the auditor got by another way; null to believe the log's own list.</param>
/// <param name="Seen">The newest checkpoint that was seen before; null when none was.</param>
/// <param name="Inspection">Sees every event too; may be null.</param>
public sealed record VerifyLogOptions(string Origin, NoteKey? Trusted, TreeHead? Seen, ILogInspection? Inspection);

/// <summary>Sees every event of a log that is being verified, in order.</summary>
public interface ILogInspection
{
    /// <summary>Reads what it needs beside the events, at the same moment as the log.</summary>
    Task BeginAsync(UnitOfWork work, CancellationToken ct);

    /// <summary>What is wrong with the event by itself; null when nothing is.</summary>
    SealFinding? See(RecordedEvent seen);

    /// <summary>What is wrong with what is kept beside the log, at the same moment as the log.</summary>
    Task<IReadOnlyList<SealFinding>> EndAsync(UnitOfWork work, CancellationToken ct);
}

/// <summary>What came of verifying a log.</summary>
/// <param name="Events">How many there are.</param>
/// <param name="Tree">How far the tree is.</param>
/// <param name="Checkpoints">How many checkpoints were compared.</param>
/// <param name="Last">The newest checkpoint, if it is sound.</param>
/// <param name="Findings">What is wrong: the first of it, at most <see cref="FindingsMax"/>.</param>
public sealed record VerifiedLog(long Events, TreeHead Tree, int Checkpoints, SignedCheckpoint? Last, IReadOnlyList<SealFinding> Findings)
{
    /// <summary>How many findings are told.</summary>
    public const int FindingsMax = 100;

    public bool IsWhole => Findings.Count == 0;
}
