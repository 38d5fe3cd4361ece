using FiberLink.Events.Money;
using FsCheck.Fluent;

namespace FiberLink.Events.Tests.Money;

public sealed class A_journal_entry
{
    private static readonly Asset Usdi = new("USDI");

    [Fact]
    public void Moves_any_amount_that_can_be_posted_and_balances() =>
        Property.Holds(
            from asset in Any.Asset from units in Any.PostableUnits from a in Any.Place from b in Any.Place select (asset, units, a, b),
            move =>
            {
                var entry = JournalEntry.Move(new Amount(move.asset, move.units), move.a, move.b);

                Assert.Equal(Int128.Zero, entry.Postings.Aggregate(Int128.Zero, (sum, p) => sum + p.Units));
                Assert.Equal(new Posting(move.b.Account, move.b.Member, move.asset, (Int128)move.units), entry.Postings[0]);
                Assert.Equal(new Posting(move.a.Account, move.a.Member, move.asset, -(Int128)move.units), entry.Postings[1]);
            });

    [Fact]
    public void Keeps_the_books_at_zero_for_each_asset_whatever_is_transferred() =>
        Property.Holds(
            (from asset in Any.Asset
             from units in Any.PostableUnits
             from a in Any.Place
             from b in Any.Place
             select JournalEntry.Move(new Amount(asset, units), a, b)).ListOf(),
            entries => Assert.All(
                entries.SelectMany(e => e.Postings).GroupBy(p => p.Asset),
                asset => Assert.Equal(Int128.Zero, asset.Aggregate(Int128.Zero, (sum, p) => unchecked(sum + p.Units)))));

    [Fact]
    public void Of_many_transfers_in_several_assets_balances_as_each_of_them_does() =>
        Property.Holds(
            from moves in (from asset in Any.Asset
                           from units in Any.PostableUnits
                           from a in Any.Place
                           from b in Any.Place
                           select JournalEntry.Move(new Amount(asset, units / 64 + 1), a, b)).NonEmptyListOf()
            select moves.Take(JournalEntry.PostingsMax / 2).SelectMany(e => e.Postings).ToArray(),
            postings =>
            {
                Assert.Equal(postings, new JournalEntry(postings).Postings);
                var tampered = postings[0] with { Units = postings[0].Units == 1 ? 2 : postings[0].Units - 1 };
                Assert.Throws<ArgumentException>(() => new JournalEntry([tampered, .. postings[1..]]));
            });

    [Fact]
    public void Cannot_move_nothing() =>
        Assert.Throws<ArgumentException>(
            () => JournalEntry.Move(new Amount(Asset.Ckb, 0), (Account.HubChannels, null), (Account.Suspense, null)));

    [Fact]
    public void Moves_the_most_that_a_journal_can_post_and_not_one_unit_more()
    {
        JournalEntry Move(UInt128 units) =>
            JournalEntry.Move(new Amount(Asset.Ckb, units), (Account.HubChannels, null), (Account.Suspense, null));

        Assert.Equal(Int128.MaxValue, Move(Amount.UnitsMax).Postings[0].Units);
        Assert.Throws<ArgumentException>(() => Move(Amount.UnitsMax + 1));
        Assert.Throws<ArgumentException>(() => Move(UInt128.MaxValue));
    }

    [Fact]
    public void That_is_off_by_one_unit_cannot_be_made() => Refused(Hub(-100), Alice(99));

    [Fact]
    public void That_balances_only_across_assets_cannot_be_made() => Refused(Hub(-100), Alice(100) with { Asset = Usdi });

    [Fact]
    public void With_fewer_than_two_postings_cannot_be_made()
    {
        Refused();
        Refused(Hub(1));
    }

    [Fact]
    public void With_a_posting_that_moves_nothing_cannot_be_made() => Refused(Hub(-1), Alice(1), Alice(0));

    [Fact]
    public void May_have_as_many_postings_as_the_limit_and_no_more()
    {
        Posting[] Pairs(int count) => [.. Enumerable.Range(0, count).SelectMany(_ => (Posting[])[Hub(-1), Alice(1)])];

        Assert.Equal(JournalEntry.PostingsMax, new JournalEntry(Pairs(JournalEntry.PostingsMax / 2)).Postings.Count);
        Refused(Pairs(JournalEntry.PostingsMax / 2 + 1));
    }

    [Fact]
    public void Names_the_member_on_a_members_account()
    {
        Refused(Hub(-1), Alice(1) with { Member = null });
        Refused(Hub(-1), Alice(1) with { Member = "" });
        Refused(Hub(-1), Alice(1) with { Account = Account.MemberHeld, Member = null });
    }

    [Fact]
    public void Names_no_member_on_any_other_account()
    {
        foreach (var account in Enum.GetValues<Account>().Where(a => !Posting.BelongsToMember(a)))
        {
            Refused(Hub(-1) with { Account = account, Member = "alice" }, Alice(1));
            Assert.NotNull(new JournalEntry([Hub(-1) with { Account = account }, Alice(1)]));
        }
    }

    [Fact]
    public void On_no_account_at_all_cannot_be_made()
    {
        Refused(Hub(-1) with { Account = default }, Alice(1));
        Refused(Hub(-1) with { Account = (Account)99 }, Alice(1));
    }

    [Fact]
    public void With_a_missing_posting_cannot_be_made() => Refused(Hub(-1), Alice(1), null!);

    /// <summary>Two of these wrap around to a sum that looks like zero, or stop half-way; neither is a balanced entry.</summary>
    [Fact]
    public void That_only_balances_by_running_over_cannot_be_made()
    {
        Refused(Hub(Int128.MinValue), Alice(Int128.MinValue));
        Refused(Hub(Int128.MaxValue), Alice(Int128.MaxValue), Alice(2));
    }

    [Fact]
    public void Balances_whatever_the_order_its_postings_are_in() =>
        Assert.Equal(4, new JournalEntry([Hub(Int128.MaxValue), Hub(1), Alice(-1), Alice(-Int128.MaxValue)]).Postings.Count);

    [Fact]
    public void Stays_as_it_was_checked_when_the_list_it_was_made_from_changes()
    {
        List<Posting> postings = [Hub(-100), Alice(100)];
        var entry = new JournalEntry(postings);

        postings[1] = Alice(1_000_000);
        postings.Add(Alice(1));

        Assert.Equal([Hub(-100), Alice(100)], entry.Postings);
    }

    [Fact]
    public void Cannot_be_changed_through_the_list_it_shows()
    {
        var shown = new JournalEntry([Hub(-100), Alice(100)]).Postings;

        Assert.True(shown is not IList<Posting> list || list.IsReadOnly && shown is not Posting[]);
    }

    [Fact]
    public void Equals_another_with_the_same_postings_in_the_same_order()
    {
        JournalEntry Entry(params Posting[] postings) => new(postings);

        Assert.Equal(Entry(Hub(-1), Alice(1)), Entry(Hub(-1), Alice(1)));
        Assert.Equal(Entry(Hub(-1), Alice(1)).GetHashCode(), Entry(Hub(-1), Alice(1)).GetHashCode());
        Assert.NotEqual(Entry(Hub(-1), Alice(1)), Entry(Alice(1), Hub(-1)));
        Assert.NotEqual(Entry(Hub(-1), Alice(1)), Entry(Hub(-2), Alice(2)));
    }

    private static Posting Hub(Int128 units) => new(Account.HubChannels, null, Asset.Ckb, units);

    private static Posting Alice(Int128 units) => new(Account.MemberAvailable, "alice", Asset.Ckb, units);

    private static void Refused(params Posting[] postings) => Assert.Throws<ArgumentException>(() => new JournalEntry(postings));
}
