namespace FiberLink.Messaging;

/// <summary>
/// Keeps messages from being tried in vain while what they depend on is away: after some failures in a row only one at a time is let
/// through, after a pause that grows.
/// </summary>
internal sealed class Circuits(TimeProvider time)
{
    private const int FailuresUntilOpen = 5;
    private static readonly RetrySchedule Pauses = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30), int.MaxValue);

    private readonly Lock _gate = new();
    private readonly long _start = time.GetTimestamp();
    private readonly Dictionary<string, State> _states = new(StringComparer.Ordinal);

    // By the clock that never goes back: one that does must not keep anybody waiting.
    private TimeSpan Now => time.GetElapsedTime(_start);

    /// <summary>How many messages for the destination had better be taken; null when it is there.</summary>
    public int? Room(string destination)
    {
        lock (_gate)
        {
            return !_states.TryGetValue(destination, out var state) || state.Failures < FailuresUntilOpen ? null
                : Now < state.ProbeAt ? 0
                : 1;
        }
    }

    /// <summary>Whether a message for the destination may be tried.</summary>
    /// <returns>Null when it may; else how long it had better wait.</returns>
    public TimeSpan? Enter(string? destination)
    {
        lock (_gate)
        {
            if (destination is null || !_states.TryGetValue(destination, out var state) || state.Failures < FailuresUntilOpen)
            {
                return null;
            }

            var now = Now;
            if (now < state.ProbeAt)
            {
                return state.ProbeAt - now;
            }

            // This one is the probe. Should it tell nothing, the next goes when its time has come.
            var pause = Pauses.Pause(state.Failures - FailuresUntilOpen + 1);
            _states[destination] = state with { ProbeAt = now + pause };
            return null;
        }
    }

    /// <summary>Tells how a message for the destination went.</summary>
    public void Leave(string? destination, bool isAway)
    {
        if (destination is null)
        {
            return;
        }

        lock (_gate)
        {
            if (!isAway)
            {
                _states.Remove(destination);
                return;
            }

            var failures = _states.GetValueOrDefault(destination)?.Failures + 1 ?? 1;
            var pause = Pauses.Pause(failures - FailuresUntilOpen + 1);
            _states[destination] = new(failures, Now + pause);
        }
    }

    private sealed record State(int Failures, TimeSpan ProbeAt);
}
