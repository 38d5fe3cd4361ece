using FiberLink.EventStore.Projections;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.EventStore;

/// <summary>Everything that one transaction writes: the log, the inline projections, the rows of the changes.</summary>
internal sealed class CommitStatements(
    IReadOnlyList<IProjection> inline, IReadOnlyDictionary<Type, ICommitRowWriter> rowWriters, CommitNotices notices)
{
    /// <exception cref="ArgumentException">Nothing writes rows of a kind that the change carries.</exception>
    public void Check(Change change)
    {
        foreach (var row in change.Rows)
        {
            if (!rowWriters.ContainsKey(row.GetType()))
            {
                throw new ArgumentException($"No writer is registered for rows of type {row.GetType().Name}.", nameof(change));
            }
        }
    }

    public void Add(NpgsqlBatch batch, BatchPlan plan)
    {
        AppendSql.Add(batch, plan);
        if (plan.Events.Count > 0)
        {
            foreach (var projection in inline)
            {
                projection.Project(plan.Events, batch);
            }
        }

        foreach (var (writer, rows) in RowsOf(plan))
        {
            writer.Write(rows, batch);
        }

        AppendSql.AddEnd(batch, plan);
    }

    /// <summary>Tells other processes what the plan's commit holds for them.</summary>
    public void Announce(BatchPlan plan)
    {
        var channels = RowsOf(plan).Select(r => r.Writer.NoticeChannel).OfType<string>();
        notices.Announce(plan.Events.Count > 0 ? channels.Append(PostgresEventStore.Channel) : channels);
    }

    private IEnumerable<(ICommitRowWriter Writer, IReadOnlyList<CommitRow> Rows)> RowsOf(BatchPlan plan)
    {
        Dictionary<Type, List<CommitRow>>? byType = null;
        foreach (var (pending, _) in plan.Writes)
        {
            foreach (var row in pending.Written.Change.Rows)
            {
                byType ??= [];
                if (!byType.TryGetValue(row.GetType(), out var rows))
                {
                    byType.Add(row.GetType(), rows = []);
                }

                rows.Add(row);
            }
        }

        return byType is null ? [] : byType.Select(t => (rowWriters[t.Key], (IReadOnlyList<CommitRow>)t.Value));
    }
}
