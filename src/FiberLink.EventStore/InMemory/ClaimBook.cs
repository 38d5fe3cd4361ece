using System.Collections.Immutable;

namespace FiberLink.EventStore.InMemory;

/// <summary>Who holds which names. A value: a change that is refused leaves the book as it was.</summary>
internal sealed record ClaimBook
{
    private ImmutableDictionary<(string Tenant, string Scope, string Key), (string Holder, DateTimeOffset Until)> ByName { get; init; } =
        ImmutableDictionary<(string, string, string), (string, DateTimeOffset)>.Empty;

    private ImmutableDictionary<ClaimRelease, ImmutableHashSet<string>> KeysOf { get; init; } =
        ImmutableDictionary<ClaimRelease, ImmutableHashSet<string>>.Empty;

    /// <summary>The book after the claim, if nobody else holds the name at that time.</summary>
    /// <param name="claim">What is claimed.</param>
    /// <param name="at">When.</param>
    /// <param name="holder">Who holds the name afterwards.</param>
    public ClaimBook With(Claim claim, DateTimeOffset at, out string holder)
    {
        var name = (claim.Tenant, claim.Scope, claim.Key);
        var book = this;
        if (ByName.TryGetValue(name, out var held))
        {
            if (held.Until > at && held.Holder != claim.Holder)
            {
                holder = held.Holder;
                return this;
            }

            book = Without(name, held.Holder);
        }

        holder = claim.Holder;
        var of = new ClaimRelease(claim.Tenant, claim.Scope, claim.Holder);
        return book with
        {
            ByName = book.ByName.Add(name, (claim.Holder, WrittenChange.ToMicroseconds(claim.Until))),
            KeysOf = book.KeysOf.SetItem(of, book.KeysOf.GetValueOrDefault(of, []).Add(claim.Key)),
        };
    }

    /// <summary>The book after everything that this holder has in this scope was given back.</summary>
    public ClaimBook Without(ClaimRelease release) =>
        KeysOf.GetValueOrDefault(release, [])
            .Aggregate(this, (book, key) => book.Without((release.Tenant, release.Scope, key), release.Holder));

    private ClaimBook Without((string Tenant, string Scope, string Key) name, string holder)
    {
        var of = new ClaimRelease(name.Tenant, name.Scope, holder);
        var left = KeysOf[of].Remove(name.Key);
        return this with
        {
            ByName = ByName.Remove(name),
            KeysOf = left.IsEmpty ? KeysOf.Remove(of) : KeysOf.SetItem(of, left),
        };
    }
}
