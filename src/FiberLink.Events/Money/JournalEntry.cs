using System.Numerics;

namespace FiberLink.Events.Money;

/// <summary>The postings of one event. They sum to zero for each asset: money moves, it is never made.</summary>
/// <remarks>An entry that does not balance cannot be constructed, and so cannot be stored or read.</remarks>
public sealed record JournalEntry
{
    /// <summary>More postings than this in one event is a mistake of ours.</summary>
    public const int PostingsMax = 64;

    /// <param name="postings">
    /// 2 to <see cref="PostingsMax"/>, none of zero, summing to zero for each asset; members named exactly on member accounts.
    /// </param>
    /// <exception cref="ArgumentException">The postings break one of these rules.</exception>
    public JournalEntry(IReadOnlyList<Posting> postings)
    {
        ArgumentNullException.ThrowIfNull(postings);
        if (postings.Count is < 2 or > PostingsMax)
        {
            throw new ArgumentException($"A journal entry has 2 to {PostingsMax} postings, not {postings.Count}.", nameof(postings));
        }

        // A copy: what was checked must not change in the caller's hands.
        Postings = [.. postings];
        foreach (var posting in Postings)
        {
            // The serializer does not look for nulls within a list.
            if (posting is null || !Enum.IsDefined(posting.Account))
            {
                throw new ArgumentException("A posting is missing, or on no account.", nameof(postings));
            }

            if (posting.Units == 0)
            {
                throw new ArgumentException($"A posting on {posting.Account} moves nothing.", nameof(postings));
            }

            if (Posting.BelongsToMember(posting.Account) != posting.Member is { Length: > 0 })
            {
                throw new ArgumentException($"{posting.Account} and the member named on it do not go together.", nameof(postings));
            }
        }

        foreach (var asset in Postings.GroupBy(p => p.Asset))
        {
            // Wider than a posting, so that no order of the postings runs over on the way to zero.
            var sum = asset.Aggregate(BigInteger.Zero, (total, posting) => total + posting.Units);
            if (!sum.IsZero)
            {
                throw new ArgumentException($"The postings in {asset.Key} sum to {sum}, not to zero.", nameof(postings));
            }
        }
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
