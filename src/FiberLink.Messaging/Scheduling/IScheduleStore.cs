namespace FiberLink.Messaging;

/// <summary>Where schedules are: PostgreSQL, or memory. The time is always the caller's.</summary>
public interface IScheduleStore
{
    /// <summary>
    /// Writes down what a component sends again and again. What is new or has another pattern is due by that from now on; what is overdue
    /// stays so. What the component had declared and does not any more is orphaned: it is kept, and stops. Whoever declares last decides.
    /// </summary>
    /// <exception cref="InvalidOperationException">Another component has a schedule of the same name.</exception>
    Task DeclareAsync(ScheduleList list, DateTimeOffset now, CancellationToken ct);

    /// <summary>
    /// Sends what is due, and moves each schedule on in the transaction that sends; skips what another node is at. Only what stands as
    /// this list declares it is fired: a node of another version leaves the rest to those that know it.
    /// </summary>
    /// <returns>What was fired; empty when nothing was due.</returns>
    Task<IReadOnlyList<FiredSchedule>> SendDueAsync(ScheduleList list, DateTimeOffset now, CancellationToken ct);

    /// <summary>All there are, orphaned ones too, by name.</summary>
    Task<IReadOnlyList<ScheduleRecord>> ListAsync(CancellationToken ct);

    /// <summary>Has a schedule fire no more until it is resumed.</summary>
    /// <returns>False when there is none, or it is paused already; then nothing is recorded either.</returns>
    Task<bool> PauseAsync(string name, OperatorReason reason, CancellationToken ct);

    /// <summary>Has a schedule go on from now. What fell into the pause is not caught up: the pause was wanted.</summary>
    /// <returns>False when there is none, or it is not paused; then nothing is recorded either.</returns>
    /// <exception cref="FormatException">Its pattern is of another version, which has to resume it.</exception>
    Task<bool> ResumeAsync(string name, OperatorReason reason, DateTimeOffset now, CancellationToken ct);
}

/// <summary>What came of a schedule that was due.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Sent">How many messages were sent.</param>
/// <param name="Skipped">For how many times none was sent.</param>
public sealed record FiredSchedule(string Name, int Sent, long Skipped);

/// <summary>A schedule as operators see it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Owner">The component that declares it.</param>
/// <param name="Recurrence">When, as text.</param>
/// <param name="CatchUp">What becomes of what was missed, as text.</param>
/// <param name="MessageName">What it sends.</param>
/// <param name="Tenant">The community.</param>
/// <param name="NextDueAt">When it is due; what is in the past is overdue, unless it is paused or orphaned.</param>
/// <param name="LastDueAt">The last time that it was fired for.</param>
/// <param name="LastFiredAt">When that was done.</param>
/// <param name="Skipped">How often it was due and nothing was sent, by its policy.</param>
/// <param name="IsPaused">Whether an operator has paused it.</param>
/// <param name="IsOrphaned">Whether nobody declares it any more.</param>
public sealed record ScheduleRecord(
    string Name, string Owner, string Recurrence, string CatchUp, string MessageName, string Tenant, DateTimeOffset NextDueAt,
    DateTimeOffset? LastDueAt, DateTimeOffset? LastFiredAt, long Skipped, bool IsPaused, bool IsOrphaned)
{
    /// <summary>How long after its time a message of it is worth handling; null for ever.</summary>
    public TimeSpan? ExpiresAfter { get; init; }
}
