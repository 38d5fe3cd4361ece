namespace FiberLink.EventStore;

/// <summary>What became of a change. Only the first case wrote anything; of <see cref="Unknown"/> that is not known yet.</summary>
public abstract record AppendResult
{
    private AppendResult()
    {
    }

    /// <param name="Events">What was appended, with positions; empty for a change of rows alone.</param>
    public sealed record Appended(IReadOnlyList<RecordedEvent> Events) : AppendResult;

    /// <summary>Somebody else wrote to the stream first: read it again and decide again.</summary>
    /// <param name="Stream">The stream that was not as presumed.</param>
    /// <param name="Expected">What was presumed.</param>
    public sealed record VersionMoved(StreamId Stream, ExpectedVersion Expected) : AppendResult;

    /// <summary>Another holder has the name.</summary>
    /// <param name="Claim">The claim that was refused.</param>
    /// <param name="Holder">Who has it.</param>
    public sealed record ClaimTaken(Claim Claim, string Holder) : AppendResult;

    /// <summary>A rule that the database holds was broken by a row or a projection, such as a balance below zero.</summary>
    /// <param name="Constraint">The constraint's name.</param>
    public sealed record ConstraintBroken(string Constraint) : AppendResult;

    /// <summary>Somebody asked what became of this change and was told: nothing. So nothing it stays; a new one may be made.</summary>
    /// <param name="ChangeId">The change.</param>
    public sealed record Void(Guid ChangeId) : AppendResult;

    /// <summary>The stream was archived: it takes no more events.</summary>
    /// <param name="Stream">The stream.</param>
    public sealed record StreamArchived(StreamId Stream) : AppendResult;

    /// <summary>
    /// The database went away while it was committing, and could not be asked since. The change is in the log whole, or not at all:
    /// <see cref="IEventStore.SettleAsync"/> tells which, as soon as the database can be reached.
    /// </summary>
    /// <param name="ChangeId">The change.</param>
    public sealed record Unknown(Guid ChangeId) : AppendResult;
}
