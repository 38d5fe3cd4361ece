using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.EventStore;

/// <summary>Writes one group of changes at a time, and answers each of them.</summary>
/// <remarks>
/// The writer knows where the head is after its own commits. So it sends a group as if nobody else wrote: one round trip that
/// locks, checks, writes and commits. When somebody else did write, nothing of it is left, and the writer looks first, under the
/// locks. A group that an error ends is written in halves, down to the one change whose error it is.
/// </remarks>
internal sealed class BatchWriter(
    NpgsqlDataSource database, CommitStatements statements, ChangeBook book, EventStoreOptions options, TimeProvider time)
{
    private const int AttemptsMax = 5;
    private const int LooksMax = 64;

    // Null when somebody else may have moved it.
    private long? _head;

    // What was written last.
    private BatchPlan? _previous;

    // How many groups are looked up before presuming is tried again, and how many it will be should that fail.
    private int _looks;
    private int _looksNext = 1;

    /// <summary>Comes back when every change has its answer. Never throws.</summary>
    public async Task WriteAsync(IReadOnlyList<PendingAppend> group, CancellationToken abandoned)
    {
        using var activity = EventStoreTelemetry.StartCommit(group);
        var started = time.GetTimestamp();
        try
        {
            await TryAsync(group, abandoned);
        }
#pragma warning disable CA1031 // Nobody may wait for ever for an answer, nor for the writer.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            _head = null;
            foreach (var pending in group)
            {
                pending.Fail(failure);
            }
        }

        EventStoreTelemetry.CountGroup(group.Count, time.GetElapsedTime(started));
    }

    private async Task TryAsync(IReadOnlyList<PendingAppend> group, CancellationToken abandoned)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await WriteOnceAsync(group, abandoned);
                return;
            }
            catch (PostgresException lost) when (attempt < AttemptsMax && AppendFailures.IsLostRace(lost))
            {
                // Rolled back whole. Two that make one stream at once meet at its key, not at its version: the loser looks again.
                await FreeHeadAsync(lost);
            }
#pragma warning disable CA1031 // Whatever it is, it is the answer to whose change it is; the writer goes on.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                _head = null;
                await AnswerAsync(group, failure, abandoned);
                return;
            }
        }
    }

    private async Task WriteOnceAsync(IReadOnlyList<PendingAppend> group, CancellationToken abandoned)
    {
        await using var connection = await database.OpenConnectionAsync(abandoned);
        if (_head is { } head && _looks == 0 && !BatchPlan.NeedsLook(group, _previous))
        {
            try
            {
                var plan = BatchPlan.Presuming(group, _previous, head);
                await using var batch = new NpgsqlBatch(connection);
                statements.Add(batch, plan);
                await CommitAsync(batch, plan, abandoned);
                _looksNext = 1;
                return;
            }
            catch (PostgresException wrong) when (AppendFailures.IsPresumption(wrong))
            {
                _looks = _looksNext;
                _looksNext = Math.Min(LooksMax, 2 * _looksNext);
            }
        }

        _looks = Math.Max(0, _looks - 1);
        await LookAndWriteAsync(connection, group, abandoned);
    }

    private async Task LookAndWriteAsync(NpgsqlConnection connection, IReadOnlyList<PendingAppend> group, CancellationToken abandoned)
    {
        var isOver = false;
        try
        {
            var started = time.GetTimestamp();
            var known = await LookSql.LookAsync(connection, group, abandoned);
            EventStoreTelemetry.CountLook(time.GetElapsedTime(started));
            var plan = BatchPlan.Knowing(group, known);
            await using var batch = new NpgsqlBatch(connection);
            if (plan.Writes.Count > 0)
            {
                statements.Add(batch, plan);
            }

            batch.Add("commit");
            await CommitAsync(batch, plan, abandoned);
            isOver = true;
            foreach (var (pending, change) in plan.Repeated)
            {
                await RepeatAsync(pending, change);
            }
        }
        finally
        {
            if (!isOver && connection.FullState == System.Data.ConnectionState.Open)
            {
                await using var rollback = connection.Command("rollback");
                await rollback.ExecuteNonQueryAsync(CancellationToken.None);
            }
        }
    }

    /// <summary>Sends what commits the plan, and answers its changes.</summary>
    private async Task CommitAsync(NpgsqlBatch batch, BatchPlan plan, CancellationToken abandoned)
    {
        try
        {
            if (batch.BatchCommands.Count > 0)
            {
                await SendAsync(batch, plan, abandoned);
            }
        }
        catch (Exception failure) when (!AppendFailures.IsRolledBack(failure) && failure is NpgsqlException or OperationCanceledException)
        {
            _head = null;
            await SettleAsync(plan, failure);
            return;
        }

        Answer(plan);
    }

    private static async Task SendAsync(NpgsqlBatch batch, BatchPlan plan, CancellationToken abandoned)
    {
        await using var reader = await batch.ExecuteReaderAsync(abandoned);
        if (plan.Events.Count > 0 && await reader.ReadAsync(abandoned))
        {
            EventStoreTelemetry.CountHeadWait(TimeSpan.FromMicroseconds(reader.GetInt64(0)));
        }

        while (await reader.NextResultAsync(abandoned))
        {
            // An error of a later statement is told when its turn comes.
        }
    }

    private void Answer(BatchPlan plan)
    {
        _head = plan.HeadBefore + plan.Events.Count;
        _previous = plan;
        statements.Announce(plan);
        EventStoreTelemetry.CountAppend(plan.Events);
        foreach (var (pending, events) in plan.Writes)
        {
            pending.Tell(new AppendResult.Appended(events));
        }

        foreach (var (pending, refusal) in plan.Refused)
        {
            EventStoreTelemetry.CountRefusal(refusal);
            pending.Tell(refusal);
        }
    }

    /// <summary>The answer was lost: all of the plan has committed, or nothing of it ever will.</summary>
    private async Task SettleAsync(BatchPlan plan, Exception lost)
    {
        var named = plan.Writes.Where(w => w.Pending.Written.Change.Id != Guid.Empty).ToArray();
        var known = named.Length == 0 ? null : await book.TrySettleAsync(
            [.. named.Select(w => w.Pending.Written.Change.Id)], options.SettlePatience, time);
        if (known is not null && named.All(w => w.IsAsIn(known)))
        {
            Answer(plan);
            _head = null;
            return;
        }

        foreach (var (pending, _) in plan.Writes)
        {
            if (known is null)
            {
                pending.Tell(new AppendResult.Unknown(pending.Written.Change.Id));
            }
            else if (known.GetValueOrDefault(pending.Written.Change.Id) is { IsVoid: false } before)
            {
                await RepeatAsync(pending, before);
            }
            else
            {
                pending.Fail(lost);
            }
        }

        foreach (var (pending, _) in plan.Refused)
        {
            pending.Fail(lost);
        }
    }

    /// <summary>
    /// Nothing of the group was written. One change alone is answered; more are written in halves, to find whose error it is.
    /// </summary>
    private async Task AnswerAsync(IReadOnlyList<PendingAppend> group, Exception failure, CancellationToken abandoned)
    {
        if (group is [var alone])
        {
            if (failure is PostgresException lost && AppendFailures.IsPresumption(lost) && alone.Written.Appends is [var first, ..])
            {
                // Others were faster each time.
                alone.Tell(new AppendResult.VersionMoved(first.Append.Stream, first.Append.Expected));
            }
            else if (AppendFailures.Refusal(failure) is { } refusal)
            {
                EventStoreTelemetry.CountRefusal(refusal);
                alone.Tell(refusal);
            }
            else
            {
                alone.Fail(failure);
            }
        }
        else if (IsOfAll(failure))
        {
            foreach (var pending in group)
            {
                pending.Fail(failure);
            }
        }
        else
        {
            var half = group.Count / 2;
            await TryAsync([.. group.Take(half)], abandoned);
            await TryAsync([.. group.Skip(half)], abandoned);
        }
    }

    // The database is away, or the head could not be had: no change of the group has done that.
    private static bool IsOfAll(Exception failure) =>
        failure is OperationCanceledException
        || (failure is NpgsqlException && !AppendFailures.IsRolledBack(failure))
        || failure is PostgresException { SqlState: SqlStates.LockNotAvailable };

    private async Task RepeatAsync(PendingAppend pending, KnownChange known)
    {
        try
        {
            pending.Tell(await book.RepeatAsync(pending.Written, known, CancellationToken.None));
        }
#pragma warning disable CA1031 // It is the answer.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            pending.Fail(failure);
        }
    }

    private async Task FreeHeadAsync(PostgresException lost)
    {
        _head = null;
        if (lost.SqlState == SqlStates.LockNotAvailable)
        {
            // Should it fail, nothing of the group has been written, and that is the answer.
            await HeadGuard.EndStuckWritersAsync(database, CancellationToken.None);
        }
    }
}
