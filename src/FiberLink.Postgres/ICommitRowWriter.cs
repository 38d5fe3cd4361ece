using Npgsql;

namespace FiberLink.Postgres;

/// <summary>Writes all rows of one kind that belong to one appending transaction, which may carry many commands.</summary>
public interface ICommitRowWriter
{
    /// <summary>
    /// The kind of row this writer takes, a subclass of <see cref="CommitRow"/>; an abstract one stands for its own subclasses, for a
    /// writer that has to see rows of several kinds at once.
    /// </summary>
    Type RowType { get; }

    /// <summary>The channel that is notified after a commit with such rows; null when nobody waits for them.</summary>
    string? NoticeChannel => null;

    /// <summary>Whether a commit with these rows is one that others wait for.</summary>
    bool IsNoticed(IReadOnlyList<CommitRow> rows) => true;

    /// <summary>Adds set-based statements (arrays and <c>unnest</c>) for the rows to the batch of the appending transaction.</summary>
    /// <remarks>
    /// A clash is reported by the server as a unique or check violation of a named constraint; the statement must not
    /// swallow it, because the appender tells by that name which command of a group has to fail.
    /// </remarks>
    /// <param name="rows">At least one row, each of <see cref="RowType"/>.</param>
    /// <param name="batch">The batch that the transaction runs next.</param>
    void Write(IReadOnlyList<CommitRow> rows, NpgsqlBatch batch);
}
