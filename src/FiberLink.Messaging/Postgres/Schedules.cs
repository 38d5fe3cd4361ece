using FiberLink.Postgres;
using Npgsql;
using NpgsqlTypes;

namespace FiberLink.Messaging;

/// <summary>The schedules, on PostgreSQL.</summary>
public sealed class Schedules(NpgsqlDataSource database) : IScheduleStore
{
    private static readonly long DeclareKey = AdvisoryKey.Of("fiberlink.messaging.schedules");

    public async Task DeclareAsync(ScheduleList list, DateTimeOffset now, CancellationToken ct)
    {
        var names = list.All.Select(s => s.Name).ToArray();
        await using var unit = await UnitOfWork.BeginAsync(database, ct);
        await using (var turn = unit.Command(ScheduleSql.DeclareInTurn, new NpgsqlParameter { Value = DeclareKey }))
        {
            await turn.ExecuteNonQueryAsync(ct);
        }

        var known = (await ReadAsync(unit.Command(ScheduleSql.Hold, new() { Value = list.Owner }, new() { Value = names }), ct))
            .ToDictionary(r => r.Name, StringComparer.Ordinal);
        await using var batch = unit.Batch();
        foreach (var schedule in list.All)
        {
            var stands = known.GetValueOrDefault(schedule.Name);
            Firing.AssertOwner(stands, list.Owner);
            batch.Add(
                ScheduleSql.Declare,
                new() { Value = schedule.Name },
                new() { Value = list.Owner },
                new() { Value = schedule.Recurrence.ToString() },
                new() { Value = schedule.CatchUp.ToString() },
                new() { Value = schedule.MessageName },
                new() { Value = schedule.Tenant },
                new() { Value = schedule.Body, NpgsqlDbType = NpgsqlDbType.Jsonb },
                new() { Value = Firing.AsDeclared(stands, schedule, now) },
                new() { Value = schedule.ExpiresAfter is { } after ? after : DBNull.Value, NpgsqlDbType = NpgsqlDbType.Interval });
        }

        batch.Add(ScheduleSql.Orphan, new() { Value = list.Owner }, new() { Value = names });
        await batch.ExecuteNonQueryAsync(ct);
        await unit.CommitAsync(ct);
    }

    public async Task<IReadOnlyList<FiredSchedule>> SendDueAsync(ScheduleList list, DateTimeOffset now, CancellationToken ct)
    {
        if (list.All.Count == 0)
        {
            return [];
        }

        await using var unit = await UnitOfWork.BeginAsync(database, ct);
        var due = await HoldDueAsync(unit, list, now, ct);
        if (due.Count == 0)
        {
            return [];
        }

        await using var batch = unit.Batch();
        OutboxWriter.Write(now, [], [.. due.SelectMany(d => d.Firing.Dues.Select(d.Schedule.MessageFor))], batch);
        batch.Add(
            ScheduleSql.MoveOn,
            new() { Value = due.Select(d => d.Schedule.Name).ToArray() },
            new() { Value = due.Select(d => d.Firing.NextDueAt).ToArray() },
            new()
            {
                Value = due.Select(d => d.Firing.Dues.Count == 0 ? (DateTimeOffset?)null : d.Firing.Dues[^1]).ToArray(),
                NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz,
            },
            new() { Value = due.Select(d => d.Firing.Skipped).ToArray() },
            new() { Value = now.ToUniversalTime() });
        batch.Add($"select pg_notify('{OutboxWriter.Channel}', '')");
        await batch.ExecuteNonQueryAsync(ct);
        await unit.CommitAsync(ct);
        return [.. due.Select(d => new FiredSchedule(d.Schedule.Name, d.Firing.Dues.Count, d.Firing.Skipped))];
    }

    public Task<IReadOnlyList<ScheduleRecord>> ListAsync(CancellationToken ct) => ReadAsync(database.Command(ScheduleSql.List), ct);

    public Task<bool> PauseAsync(string name, OperatorReason reason, CancellationToken ct) =>
        DecideAsync(name, "pause", reason, s => s.IsPaused ? null : s.NextDueAt, ct);

    public Task<bool> ResumeAsync(string name, OperatorReason reason, DateTimeOffset now, CancellationToken ct) =>
        DecideAsync(
            name, "resume", reason, s => s.IsPaused ? Firing.Onward(Recurrence.Parse(s.Recurrence), s.LastDueAt, now) : null, ct);

    private static async Task<IReadOnlyList<(Schedule Schedule, Firing Firing)>> HoldDueAsync(
        UnitOfWork unit, ScheduleList list, DateTimeOffset now, CancellationToken ct)
    {
        var all = list.All;
        await using var command = unit.Command(
            ScheduleSql.HoldDue,
            new() { Value = all.Select(s => s.Name).ToArray() },
            new() { Value = all.Select(s => s.Recurrence.ToString()).ToArray() },
            new() { Value = all.Select(s => s.CatchUp.ToString()).ToArray() },
            new() { Value = all.Select(s => s.MessageName).ToArray() },
            new() { Value = all.Select(s => s.Tenant).ToArray() },
            new() { Value = all.Select(s => s.Body).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Jsonb },
            new() { Value = list.Owner },
            new() { Value = now.ToUniversalTime() },
            new() { Value = all.Select(s => s.ExpiresAfter).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Interval });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var due = new List<(Schedule, Firing)>();
        while (await reader.ReadAsync(ct))
        {
            var schedule = all.Single(s => s.Name == reader.GetString(0));
            due.Add((schedule, Firing.Of(schedule.Recurrence, schedule.CatchUp, reader.GetFieldValue<DateTimeOffset>(1), now)));
        }

        return due;
    }

    /// <param name="name">The schedule.</param>
    /// <param name="action">As it is recorded.</param>
    /// <param name="reason">Recorded with it.</param>
    /// <param name="nextDueAt">When it is due then; null when nothing is to be done.</param>
    /// <param name="ct">Stops the call.</param>
    private async Task<bool> DecideAsync(
        string name, string action, OperatorReason reason, Func<ScheduleRecord, DateTimeOffset?> nextDueAt, CancellationToken ct)
    {
        await using var unit = await UnitOfWork.BeginAsync(database, ct);
        var found = await ReadAsync(unit.Command(ScheduleSql.HoldOne, new NpgsqlParameter { Value = name }), ct);
        if (found.Count == 0 || nextDueAt(found[0]) is not { } dueAt)
        {
            return false;
        }

        await using var command = unit.Command(
            ScheduleSql.SetPaused,
            new() { Value = name },
            new() { Value = reason.Actor },
            new() { Value = reason.Reason },
            new() { Value = action },
            new() { Value = dueAt });
        await command.ExecuteNonQueryAsync(ct);
        await unit.CommitAsync(ct);
        return true;
    }

    private static async Task<IReadOnlyList<ScheduleRecord>> ReadAsync(NpgsqlCommand command, CancellationToken ct)
    {
        await using (command)
        {
            await using var reader = await command.ExecuteReaderAsync(ct);
            var records = new List<ScheduleRecord>();
            while (await reader.ReadAsync(ct))
            {
                records.Add(new(
                    reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetString(3), reader.GetString(4),
                    reader.GetString(5), reader.GetFieldValue<DateTimeOffset>(6), MomentOf(reader, 7), MomentOf(reader, 8),
                    reader.GetInt64(9), reader.GetBoolean(10), reader.GetBoolean(11))
                {
                    ExpiresAfter = reader.IsDBNull(12) ? null : reader.GetTimeSpan(12),
                });
            }

            return records;
        }
    }

    private static DateTimeOffset? MomentOf(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);
}
