using Microsoft.Extensions.Logging;

namespace FiberLink.Messaging;

/// <summary>Fires a component's schedules on this node. Each node has one, and of each time one of them sends the message.</summary>
/// <param name="store">Where schedules are.</param>
/// <param name="list">What the component sends again and again; declared when it is first needed.</param>
/// <param name="time">What counts as due.</param>
/// <param name="logger">Told of what was skipped.</param>
public sealed class ScheduleClock(IScheduleStore store, ScheduleList list, TimeProvider time, ILogger<ScheduleClock> logger)
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    private bool _isDeclared;
    private long? _lookedAt;

    /// <summary>Sends what is due; it looks once a second at most. Not to be called twice at once.</summary>
    /// <returns>Whether there are new messages.</returns>
    /// <exception cref="InvalidOperationException">Another component has a schedule of the same name.</exception>
    public async Task<bool> SendDueAsync(CancellationToken ct)
    {
        if (!_isDeclared)
        {
            await store.DeclareAsync(list, time.GetUtcNow(), ct);
            _isDeclared = true;
        }

        // By the clock that never goes back: one that does must not keep the node from looking.
        if (_lookedAt is { } before && time.GetElapsedTime(before) < LookInterval)
        {
            return false;
        }

        _lookedAt = time.GetTimestamp();
        var fired = await store.SendDueAsync(list, time.GetUtcNow(), ct);
        foreach (var schedule in fired)
        {
            MessagingTelemetry.CountScheduled(schedule);
            if (schedule.Skipped > 0)
            {
                MessagingLog.Skipped(logger, schedule.Name, schedule.Skipped);
            }
        }

        return fired.Any(f => f.Sent > 0);
    }
}
