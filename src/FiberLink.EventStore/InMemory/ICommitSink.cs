using FiberLink.Postgres;

namespace FiberLink.EventStore.InMemory;

/// <summary>Takes what commits together with events in memory, as inline projections and row writers do on PostgreSQL.</summary>
public interface ICommitSink
{
    /// <summary>Takes all of it, or nothing. Called one change at a time; it must not call the store.</summary>
    /// <param name="events">What is about to be appended, with positions; empty for a change of rows alone.</param>
    /// <param name="rows">The rows of the change.</param>
    /// <returns>Null when it was taken; else the name of the constraint that refused it, and nothing is written anywhere.</returns>
    /// <exception cref="ArgumentException">A row is of a kind that nothing here takes.</exception>
    string? Take(IReadOnlyList<RecordedEvent> events, IReadOnlyList<CommitRow> rows);
}

/// <summary>Takes events, which need nothing more, and refuses every row, as a store without row writers does.</summary>
internal sealed class NoRows : ICommitSink
{
    public string? Take(IReadOnlyList<RecordedEvent> events, IReadOnlyList<CommitRow> rows) =>
        rows.Count == 0
            ? null
            : throw new ArgumentException($"No writer is registered for rows of type {rows[0].GetType().Name}.", nameof(rows));
}
