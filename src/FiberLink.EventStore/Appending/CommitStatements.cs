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
            if (WriterOf(row) is null)
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
        var channels = RowsOf(plan).Where(r => r.Writer.IsNoticed(r.Rows)).Select(r => r.Writer.NoticeChannel).OfType<string>();
        notices.Announce(plan.Events.Count > 0 ? channels.Append(PostgresEventStore.Channel) : channels);
    }

    private IEnumerable<(ICommitRowWriter Writer, IReadOnlyList<CommitRow> Rows)> RowsOf(BatchPlan plan)
    {
        Dictionary<ICommitRowWriter, List<CommitRow>>? byWriter = null;
        foreach (var (pending, _) in plan.Writes)
        {
            foreach (var row in pending.Written.Change.Rows)
            {
                byWriter ??= [];
                var writer = WriterOf(row)!;
                if (!byWriter.TryGetValue(writer, out var rows))
                {
                    byWriter.Add(writer, rows = []);
                }

                rows.Add(row);
            }
        }

        return byWriter is null ? [] : byWriter.Select(w => (w.Key, (IReadOnlyList<CommitRow>)w.Value));
    }

    /// <summary>The writer of the row's kind, or else of the nearest kind that it is one of.</summary>
    private ICommitRowWriter? WriterOf(CommitRow row)
    {
        for (var kind = row.GetType(); kind is not null; kind = kind.BaseType)
        {
            if (rowWriters.TryGetValue(kind, out var writer))
            {
                return writer;
            }
        }

        return null;
    }
}
