namespace FiberLink.Events.Money;

/// <summary>The postings of one event. They sum to zero for each asset: money moves, it is never made.</summary>
/// <remarks>An entry that does not balance cannot be constructed, and so cannot be stored or read.</remarks>
public sealed record JournalEntry
{
    /// <summary>More postings than this in one event is a mistake of ours.</summary>
    public const int PostingsMax = 64;

    /// <param name="postings">Two or more, none of zero, summing to zero for each asset; members named exactly on member accounts.</param>
    /// <exception cref="ArgumentException">The postings break one of these rules.</exception>
    public JournalEntry(IReadOnlyList<Posting> postings)
    {
        ArgumentNullException.ThrowIfNull(postings);
        if (postings.Count is < 2 or > PostingsMax)
        {
            throw new ArgumentException($"A journal entry has 2 to {PostingsMax} postings, not {postings.Count}.", nameof(postings));
        }

        foreach (var posting in postings)
        {
            if (posting.Units == 0)
            {
                throw new ArgumentException($"A posting on {posting.Account} moves nothing.", nameof(postings));
            }

            if (Posting.BelongsToMember(posting.Account) != posting.Member is { Length: > 0 })
            {
                throw new ArgumentException($"{posting.Account} and the member named on it do not go together.", nameof(postings));
            }
        }

        foreach (var asset in postings.GroupBy(p => p.Asset))
        {
            var sum = asset.Aggregate(Int128.Zero, (total, posting) => checked(total + posting.Units));
            if (sum != 0)
            {
                throw new ArgumentException($"The postings in {asset.Key} sum to {sum}, not to zero.", nameof(postings));
            }
        }

        Postings = postings;
    }

    public IReadOnlyList<Posting> Postings { get; }

    /// <summary>Moves an amount from one account to another.</summary>
    /// <exception cref="ArgumentException">The amount is zero or above <see cref="Amount.UnitsMax"/>.</exception>
    public static JournalEntry Move(Amount amount, (Account Account, string? Member) from, (Account Account, string? Member) to)
    {
        if (amount.Units > Amount.UnitsMax)
        {
            throw new ArgumentException($"{amount.Units} units are more than a journal can post.", nameof(amount));
        }

        var units = (Int128)amount.Units;
        return new([new(to.Account, to.Member, amount.Asset, units), new(from.Account, from.Member, amount.Asset, -units)]);
    }

    public bool Equals(JournalEntry? other) => other is not null && Postings.SequenceEqual(other.Postings);

    public override int GetHashCode() => Postings.Aggregate(0, HashCode.Combine);
}

/// <summary>An event that can move money. Balances are the sum of these entries and of nothing else.</summary>
public interface IMovesMoney
{
    /// <summary>Null for the cases of such an event in which nothing can be said to have moved.</summary>
    JournalEntry? Entry { get; }
}
