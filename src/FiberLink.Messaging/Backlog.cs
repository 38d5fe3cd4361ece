namespace FiberLink.Messaging;

/// <summary>How many messages are in the same state.</summary>
/// <param name="Name">Their name.</param>
/// <param name="Tenant">Their community.</param>
/// <param name="State"><c>scheduled</c>, <c>ready</c>, <c>behind</c>, <c>taken</c>, <c>dead</c>, or <c>expired</c>.</param>
/// <param name="Count">How many.</param>
/// <param name="OldestDueAt">Since when the first of them is due, or was given up.</param>
public sealed record Backlog(string Name, string Tenant, string State, long Count, DateTimeOffset OldestDueAt)
{
    /// <summary>Stands for the names and the tenants of the groups that are not told one by one.</summary>
    public const string Others = "(others)";

    /// <summary>Of a state, so many are counted; of more, as many as a sample of the table makes likely.</summary>
    public const int CountedMax = 10_000;

    /// <summary>Whether the count is an estimate; the oldest is then the sample's, but for what is ready.</summary>
    public bool IsEstimated { get; init; }

    /// <summary>The largest groups, and of each state all others as one.</summary>
    internal static IReadOnlyList<Backlog> Largest(IEnumerable<Backlog> all, int limit)
    {
        var ordered = all.OrderByDescending(b => b.Count).ThenBy(b => b.Name, StringComparer.Ordinal)
            .ThenBy(b => b.Tenant, StringComparer.Ordinal).ThenBy(b => b.State, StringComparer.Ordinal).ToArray();
        return
        [
            .. ordered.Take(limit),
            .. ordered.Skip(limit).GroupBy(b => b.State, StringComparer.Ordinal).OrderBy(s => s.Key, StringComparer.Ordinal).Select(
                s => new Backlog(Others, Others, s.Key, s.Sum(b => b.Count), s.Min(b => b.OldestDueAt))
                {
                    IsEstimated = s.Any(b => b.IsEstimated),
                }),
        ];
    }
}
