namespace FiberLink.Service.Tests.Scene;

/// <summary>
/// The date is the test's, and moves when the test says so; timers run by the machine's clock, so that the service's loops go
/// round as they do in production.
/// </summary>
public sealed class TestClock : TimeProvider
{
    private readonly Lock _lock = new();
    private DateTimeOffset? _standsAt;
    private TimeSpan _ahead;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
        {
            return _standsAt ?? (base.GetUtcNow() + _ahead);
        }
    }

    /// <summary>Moves the date, forwards or back.</summary>
    public void Move(TimeSpan span)
    {
        lock (_lock)
        {
            if (_standsAt is { } at)
            {
                _standsAt = at + span;
            }
            else
            {
                _ahead += span;
            }
        }
    }

    /// <summary>From now on the date stands.</summary>
    public void StandAt(DateTimeOffset at)
    {
        lock (_lock)
        {
            _standsAt = at;
        }
    }
}
