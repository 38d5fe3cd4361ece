namespace FiberLink.Messaging;

/// <summary>When a message that failed is tried again, and when it is given up.</summary>
/// <param name="First">The pause after the first failure; it doubles with each further one.</param>
/// <param name="Longest">The pause never gets longer.</param>
/// <param name="AttemptsMax">After so many attempts it is a dead letter.</param>
public sealed record RetrySchedule(TimeSpan First, TimeSpan Longest, int AttemptsMax)
{
    private const int DoublingsMax = 20;
    private const double HashRange = 1L << 32;

    /// <summary>1 s, 2 s, 4 s … 1 min; given up after 30 attempts, about 25 minutes.</summary>
    public static RetrySchedule Default { get; } = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1), 30);

    /// <summary>What part of a pause is left to chance, 0 to 1, so that many that failed together don't come back together.</summary>
    public double Jitter { get; init; } = 0.2;

    /// <returns>The pause after that attempt; null when it was the last.</returns>
    public TimeSpan? PauseAfter(int attempt) => attempt >= AttemptsMax ? null : Pause(attempt);

    /// <summary>As <see cref="PauseAfter(int)"/>, shortened by the message's part of the jitter.</summary>
    /// <remarks>The chance is the message's id: the same run has the same pauses.</remarks>
    public TimeSpan? PauseAfter(int attempt, Guid message) =>
        PauseAfter(attempt) is { } pause
            ? TimeSpan.FromMilliseconds(Math.Round(pause.TotalMilliseconds * (1 - (Jitter * Chance(message, attempt)))))
            : null;

    /// <summary>The pause after so many failures, for what is never given up.</summary>
    public TimeSpan Pause(int failures)
    {
        var pause = First * (1L << (Math.Clamp(failures, 1, DoublingsMax + 1) - 1));
        return pause < Longest ? pause : Longest;
    }

    private static double Chance(Guid message, int attempt)
    {
        Span<byte> bytes = stackalloc byte[16];
        message.TryWriteBytes(bytes);
        var hash = 2166136261u;
        foreach (var value in bytes)
        {
            hash = (hash ^ value) * 16777619u;
        }

        return ((hash ^ (uint)attempt) * 2654435761u) / HashRange;
    }
}

/// <summary>
/// Thrown by a handler whose time has not come: what it needs is away, by nobody's fault. The attempt does not count.
/// </summary>
/// <param name="why">Kept with the message.</param>
/// <param name="pause">How long to wait.</param>
public sealed class TryLaterException(string why, TimeSpan pause) : Exception(why)
{
    public TimeSpan Pause => pause;

    /// <summary>Whether the whole destination is away, so that nobody else need try it just now either.</summary>
    public bool IsDestinationAway { get; init; }
}

/// <summary>Thrown by a handler that no further attempt can help; the message becomes a dead letter at once.</summary>
public sealed class CannotBeHandledException(string why) : Exception(why);

/// <summary>
/// Thrown when a message's marker was refused because another has the message by now. Nothing was written; there is nothing to do.
/// </summary>
public sealed class MessageLostException(Guid messageId) : Exception($"Message {messageId} is in other hands by now.");
