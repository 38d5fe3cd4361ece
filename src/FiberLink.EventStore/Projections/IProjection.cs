using Npgsql;

namespace FiberLink.EventStore.Projections;

/// <summary>How events become the rows of one read model.</summary>
/// <remarks>
/// It adds set-based statements for a whole batch of events to the transaction that keeps it: the appending one when it is
/// inline, the daemon's own when it is async. It must give the same rows however the log is cut into batches, and has no
/// other effects, so that it can be rebuilt. A rebuild runs the same statements on tables in another schema; see
/// <see cref="ReadModelTables"/>.
/// </remarks>
public interface IProjection
{
    /// <summary>The name its progress is kept under; the read model's name.</summary>
    string Name { get; }

    /// <summary>
    /// Whether each of its rows depends on the events of one stream alone, so that the streams may be split over several workers
    /// (<see cref="StreamShard"/>).
    /// </summary>
    bool IsByStream => false;

    /// <summary>Adds the statements that these events call for; none when they do not concern it.</summary>
    void Project(IReadOnlyList<RecordedEvent> events, NpgsqlBatch batch);
}

/// <summary>When a read model is brought up to date.</summary>
public enum ProjectionLifecycle
{
    /// <summary>In the appending transaction: the same caller's next request needs it, or a command needs it to find its stream.</summary>
    Inline = 1,

    /// <summary>By the daemon, soon after the commit.</summary>
    Async = 2,
}

/// <param name="Projection">The projection.</param>
/// <param name="Lifecycle">When it runs.</param>
/// <param name="Reason">Why so, for the reference pages.</param>
public sealed record ReadModel(IProjection Projection, ProjectionLifecycle Lifecycle, string Reason)
{
    /// <summary>Its tables; null for one that cannot be rebuilt beside the live one.</summary>
    public ReadModelTables? Tables { get; init; }
}
