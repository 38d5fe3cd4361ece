namespace FiberLink.EventStore;

/// <summary>Which events of the log are read, in log order. All conditions hold at once.</summary>
public sealed record LogQuery
{
    /// <summary>The most names that are asked for at once.</summary>
    public const int NamesMax = 500;

    /// <summary>Everything there is.</summary>
    public static LogQuery All { get; } = new();

    /// <summary>Only what comes after this position; 0 for the beginning.</summary>
    public long After { get; init; }

    /// <summary>Only what is at or before this position. Null for the log's end, as it is when the reader comes there.</summary>
    public long? UpTo { get; init; }

    /// <summary>
    /// Only events of these names; null for all. They are names of the catalogue: an event that was stored under an old name and has
    /// since been renamed to one of them is among them.
    /// </summary>
    public IReadOnlyCollection<string>? Names { get; init; }

    /// <summary>Only streams whose key begins so, such as <c>tip-</c>.</summary>
    public string? StreamPrefix { get; init; }

    /// <summary>Only this community's streams.</summary>
    public string? Tenant { get; init; }

    /// <summary>Whether some events between the two positions are left out.</summary>
    internal bool IsFiltered => Names is not null || StreamPrefix is not null || Tenant is not null;

    /// <exception cref="ArgumentException">The query is none; the message says which field, its limit and what to do.</exception>
    internal LogQuery Checked()
    {
        CheckAfter(After);
        if (UpTo < After)
        {
            throw new ArgumentOutOfRangeException(
                nameof(UpTo), UpTo, $"The last position is not before {nameof(After)}, which is {After}: give that or more, or nothing.");
        }

        if (Names is { Count: 0 or > NamesMax })
        {
            throw new ArgumentOutOfRangeException(
                nameof(Names), Names.Count, $"1 to {NamesMax} names are asked for at once: give as many, or nothing for all events.");
        }

        CheckName(StreamPrefix, nameof(StreamPrefix));
        CheckName(Tenant, nameof(Tenant));
        return this;
    }

    internal static void CheckAfter(long after)
    {
        if (after < 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(after), after, "Positions of the log begin with 1: give the last one that was seen, or 0 to begin with the first.");
        }
    }

    private static void CheckName(string? text, string field)
    {
        if (text is not null && !StoredText.IsName(text, StreamId.LengthMax))
        {
            throw new ArgumentException(
                $"{field} has {text.Length} characters, or one that cannot be stored: give 1 to {StreamId.LengthMax}, or nothing for all.",
                field);
        }
    }
}

/// <summary>A part of the log that was looked through.</summary>
/// <param name="Events">What the query asked for there, in log order.</param>
/// <param name="Position">
/// Everything that the query asks for up to here is in <paramref name="Events"/>: a reader goes on after it, even when
/// it found nothing.
/// </param>
/// <param name="IsAtEnd">There was no more to look at: the log ended here, or what was asked for did.</param>
public sealed record LogPage(IReadOnlyList<RecordedEvent> Events, long Position, bool IsAtEnd);
