namespace FiberLink.Messaging.InMemory;

/// <summary>Schedules in memory, held to what PostgreSQL does by the same tests.</summary>
/// <param name="messages">Where their messages go.</param>
public sealed class InMemorySchedules(InMemoryMessageStore messages) : IScheduleStore
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, (Schedule Declared, ScheduleRecord Stands)> _byName = new(StringComparer.Ordinal);

    public Task DeclareAsync(ScheduleList list, DateTimeOffset now, CancellationToken ct)
    {
        lock (_gate)
        {
            foreach (var schedule in list.All)
            {
                Firing.AssertOwner(_byName.GetValueOrDefault(schedule.Name).Stands, list.Owner);
            }

            foreach (var schedule in list.All)
            {
                var stands = _byName.GetValueOrDefault(schedule.Name).Stands;
                var dueAt = Firing.AsDeclared(stands, schedule, now);
                _byName[schedule.Name] = (
                    schedule,
                    new(
                        schedule.Name, list.Owner, schedule.Recurrence.ToString(), schedule.CatchUp.ToString(), schedule.MessageName,
                        schedule.Tenant, dueAt, stands?.LastDueAt, stands?.LastFiredAt, stands?.Skipped ?? 0, stands?.IsPaused ?? false,
                        IsOrphaned: false)
                    {
                        ExpiresAfter = schedule.ExpiresAfter,
                    });
            }

            var names = list.All.Select(s => s.Name).ToHashSet(StringComparer.Ordinal);
            foreach (var (declared, stands) in _byName.Values.Where(s => s.Stands.Owner == list.Owner).ToArray())
            {
                _byName[stands.Name] = (declared, stands with { IsOrphaned = !names.Contains(stands.Name) });
            }

            return Task.CompletedTask;
        }
    }

    public Task<IReadOnlyList<FiredSchedule>> SendDueAsync(ScheduleList list, DateTimeOffset now, CancellationToken ct)
    {
        var sent = new List<OutgoingMessage>();
        var fired = new List<FiredSchedule>();
        lock (_gate)
        {
            foreach (var (schedule, stands) in Due(list, now))
            {
                var firing = Firing.Of(schedule.Recurrence, schedule.CatchUp, stands.NextDueAt, now);
                sent.AddRange(firing.Dues.Select(schedule.MessageFor));
                fired.Add(new(schedule.Name, firing.Dues.Count, firing.Skipped));
                var moved = stands with { NextDueAt = firing.NextDueAt, Skipped = stands.Skipped + firing.Skipped };
                _byName[schedule.Name] = (
                    schedule, firing.Dues.Count == 0 ? moved : moved with { LastDueAt = firing.Dues[^1], LastFiredAt = now });
            }

            messages.Commit(sent);
            return Task.FromResult<IReadOnlyList<FiredSchedule>>(fired);
        }
    }

    public Task<IReadOnlyList<ScheduleRecord>> ListAsync(CancellationToken ct)
    {
        lock (_gate)
        {
            return Task.FromResult<IReadOnlyList<ScheduleRecord>>([.. _byName.Values.Select(s => s.Stands)]);
        }
    }

    public Task<bool> PauseAsync(string name, OperatorReason reason, CancellationToken ct) =>
        DecideAsync(name, s => s.IsPaused ? null : s with { IsPaused = true });

    public Task<bool> ResumeAsync(string name, OperatorReason reason, DateTimeOffset now, CancellationToken ct) =>
        DecideAsync(name, s => !s.IsPaused ? null : s with
        {
            IsPaused = false,
            NextDueAt = Firing.Onward(Recurrence.Parse(s.Recurrence), s.LastDueAt, now),
        });

    private (Schedule Declared, ScheduleRecord Stands)[] Due(ScheduleList list, DateTimeOffset now) =>
    [
        .. _byName.Values
            .Where(s => s.Stands is { IsPaused: false, IsOrphaned: false } && s.Stands.Owner == list.Owner && s.Stands.NextDueAt <= now)
            .Where(s => list.All.Contains(s.Declared))
            .OrderBy(s => s.Stands.NextDueAt),
    ];

    private Task<bool> DecideAsync(string name, Func<ScheduleRecord, ScheduleRecord?> decide)
    {
        lock (_gate)
        {
            if (!_byName.TryGetValue(name, out var found) || decide(found.Stands) is not { } decided)
            {
                return Task.FromResult(false);
            }

            _byName[name] = (found.Declared, decided);
            return Task.FromResult(true);
        }
    }
}
