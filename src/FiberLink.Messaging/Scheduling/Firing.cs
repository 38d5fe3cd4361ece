namespace FiberLink.Messaging;

/// <summary>What is to be done about a schedule that is due.</summary>
/// <param name="Dues">The times to send a message for, in order.</param>
/// <param name="Skipped">How many more there were.</param>
/// <param name="NextDueAt">When it is due again.</param>
internal sealed record Firing(IReadOnlyList<DateTimeOffset> Dues, long Skipped, DateTimeOffset NextDueAt)
{
    /// <param name="recurrence">When it is due.</param>
    /// <param name="catchUp">What becomes of what was missed.</param>
    /// <param name="dueAt">When it is due, by an earlier pattern perhaps; not after now.</param>
    /// <param name="now">The time.</param>
    public static Firing Of(Recurrence recurrence, CatchUp catchUp, DateTimeOffset dueAt, DateTimeOffset now)
    {
        var total = recurrence.Count(dueAt, now) + 1;
        var sent = Math.Min(total, catchUp.Most);
        var dues = Enumerable.Range(0, (int)sent).Select(i => Due(total - sent + i));
        if (catchUp.Lateness is { } lateness)
        {
            dues = dues.Where(d => now - d <= lateness);
        }

        IReadOnlyList<DateTimeOffset> chosen = [.. dues];
        return new(chosen, total - chosen.Count, recurrence.Next(now));

        DateTimeOffset Due(long number) => number == 0 ? dueAt : recurrence.From(dueAt, number);
    }

    /// <summary>When a schedule is due once it stands as it is declared.</summary>
    /// <param name="stands">As it stood; null for a new one.</param>
    /// <param name="declared">As it is declared.</param>
    /// <param name="now">The time.</param>
    public static DateTimeOffset AsDeclared(ScheduleRecord? stands, Schedule declared, DateTimeOffset now) =>
        stands is { IsOrphaned: false }
        && (stands.Recurrence == declared.Recurrence.ToString() || (stands.NextDueAt <= now && !stands.IsPaused))
            ? stands.NextDueAt
            : Onward(declared.Recurrence, stands?.LastDueAt, now);

    /// <summary>When it is due from now on: never again at a time that it was fired for, whatever the clock says.</summary>
    public static DateTimeOffset Onward(Recurrence recurrence, DateTimeOffset? lastDueAt, DateTimeOffset now) =>
        recurrence.Next(lastDueAt > now ? lastDueAt.Value : now);

    /// <exception cref="InvalidOperationException">It is another component's.</exception>
    public static void AssertOwner(ScheduleRecord? stands, string owner)
    {
        if (stands is { IsOrphaned: false } && stands.Owner != owner)
        {
            throw new InvalidOperationException($"The schedule '{stands.Name}' is declared by {stands.Owner} already, and not {owner}'s.");
        }
    }
}
