using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.EventStore.Projections;

/// <summary>
/// A decision about an async projection or subscription, which commits with the event that records it. No page of the projection is
/// being written in that moment: those before it are whole, and none after it knows nothing of it.
/// </summary>
/// <param name="Projection">Which.</param>
public abstract record ProjectionDecisionRow(string Projection) : CommitRow
{
    /// <summary>The constraint that is broken when it is paused already.</summary>
    public const string IsNotPaused = "projection_is_not_paused";

    /// <summary>The constraint that is broken when it is not paused.</summary>
    public const string IsPaused = "projection_is_paused";

    /// <summary>The constraint that is broken when it does not stand before that event and cannot show it.</summary>
    public const string StandsBeforeEvent = "projection_stands_before_event";

    /// <summary>The constraint that is broken when the event is left out already.</summary>
    public const string IsNotSkipped = "pk_projection_skips";

    /// <summary>The constraint that is broken when there is no such shard, or it stands there already or before it.</summary>
    public const string StandsFurtherOn = "shard_stands_further_on";

    /// <summary>It stands still, on all nodes, until it is resumed.</summary>
    public sealed record Pause(string Projection, string By, string Reason, DateTimeOffset At) : ProjectionDecisionRow(Projection);

    /// <summary>It goes on.</summary>
    public sealed record Resume(string Projection) : ProjectionDecisionRow(Projection);

    /// <summary>It leaves out the event that it stands before.</summary>
    public sealed record Skip(string Projection, long Position, Guid EventId, string By, string Reason, DateTimeOffset At)
        : ProjectionDecisionRow(Projection);

    /// <summary>A shard of it is given again what comes after a position; only for what may be given twice.</summary>
    public sealed record ResetShard(string Projection, string Shard, long To) : ProjectionDecisionRow(Projection);
}

/// <summary>Writes such decisions.</summary>
public sealed class ProjectionDecisionWriter : ICommitRowWriter
{
    private const string PauseSql = "select event_store.pause_projection($1, $2, $3, $4)";

    private const string ResumeSql = "select event_store.resume_projection($1)";

    private const string SkipSql = "select event_store.skip_event($1, $2, $3, $4, $5, $6)";

    private const string ResetSql = "select event_store.reset_shard($1, $2, $3)";

    public Type RowType => typeof(ProjectionDecisionRow);

    public void Write(IReadOnlyList<CommitRow> rows, NpgsqlBatch batch)
    {
        // One at a time: somebody at a keyboard decides them.
        foreach (var row in rows)
        {
            switch (row)
            {
                case ProjectionDecisionRow.Pause p:
                    batch.Add(
                        PauseSql,
                        new() { Value = p.Projection },
                        new() { Value = p.By },
                        new() { Value = p.Reason },
                        new() { Value = p.At });
                    break;
                case ProjectionDecisionRow.Resume r:
                    batch.Add(ResumeSql, new NpgsqlParameter { Value = r.Projection });
                    break;
                case ProjectionDecisionRow.Skip s:
                    batch.Add(
                        SkipSql,
                        new() { Value = s.Projection },
                        new() { Value = s.Position },
                        new() { Value = s.EventId },
                        new() { Value = s.By },
                        new() { Value = s.Reason },
                        new() { Value = s.At });
                    break;
                case ProjectionDecisionRow.ResetShard s:
                    batch.Add(ResetSql, new() { Value = s.Projection }, new() { Value = s.Shard }, new() { Value = s.To });
                    break;
                default:
                    throw new System.Diagnostics.UnreachableException();
            }
        }
    }
}
