using FiberLink.Events.Money;
using FiberLink.EventStore;
using FiberLink.Projections.AccountBalances;

namespace FiberLink.Projections.Tests;

public sealed class Balances_are_the_sum_of_all_postings(ReadModelsUnderTest models) : IClassFixture<ReadModelsUnderTest>, IAsyncLifetime
{
    private static readonly (Account, string?) Bob = (Account.MemberAvailable, "bob");
    private static readonly (Account, string?) BobHeld = (Account.MemberHeld, "bob");
    private static readonly (Account, string?) Hub = (Account.HubChannels, null);

    private AccountBalancesQuery Query => new(models.Database);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await models.ResetAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task What_comes_in_is_the_member_s_and_what_the_hub_has_is_its_mirror()
    {
        await models.AppendAllAsync([Settled("bob", 5), Settled("bob", 7), Settled("carol", 1)], Ct);

        Assert.Equal([new(Account.MemberAvailable, "bob", Asset.Ckb, 12)], await Query.OfMemberAsync("demo", "bob", Ct));
        Assert.Equal(
            [
                new(Account.HubChannels, null, Asset.Ckb, -13),
                new(Account.MemberAvailable, "bob", Asset.Ckb, 12),
                new(Account.MemberAvailable, "carol", Asset.Ckb, 1),
            ],
            await Query.OfCommunityAsync("demo", Ct));
        Assert.Empty(await Query.OfMemberAsync("other", "bob", Ct));
        Assert.Empty(await Query.OfMemberAsync("demo", "nobody", Ct));
    }

    [Fact]
    public async Task What_is_taken_from_a_balance_is_taken_off_it_down_to_nothing()
    {
        await models.AppendAllAsync([Settled("bob", 10), Moves(3, Bob, BobHeld), Moves(3, BobHeld, Hub), Moves(7, Bob, Hub)], Ct);

        Assert.Equal([0, 0], (await Query.OfMemberAsync("demo", "bob", Ct)).Select(b => b.Units));
        Assert.Equal(0, (await Query.OfCommunityAsync("demo", Ct)).Single(b => b.Account is Account.HubChannels).Units);
    }

    [Fact]
    public async Task What_is_not_there_cannot_be_taken_and_nothing_of_the_change_is_written()
    {
        await models.AppendAllAsync([Settled("bob", 10)], Ct);
        var before = await models.RowsAsync(Ct);

        foreach (var taking in new[] { Moves(11, Bob, Hub), Moves(1, BobHeld, Bob), Moves(1, (Account.MemberAvailable, "nobody"), Hub) })
        {
            Assert.Equal(
                new AppendResult.ConstraintBroken(AccountBalancesProjection.NotNegative), await models.AppendAsync(taking, Ct));
        }

        Assert.Equal(before, await models.RowsAsync(Ct));
        await models.AppendAllAsync([Moves(10, Bob, Hub)], Ct);
        Assert.Equal(5, await models.Store.ReadHeadAsync(Ct));
    }

    [Fact]
    public async Task Of_two_who_take_the_same_money_at_once_one_is_refused()
    {
        await models.AppendAllAsync([Settled("bob", 10)], Ct);

        var taking = Enumerable.Range(0, 8).Select(_ => Task.Run(() => models.AppendAsync(Moves(4, Bob, Hub), Ct), Ct));
        var results = await Task.WhenAll(taking);

        Assert.Equal(2, results.Count(r => r is AppendResult.Appended));
        Assert.Equal(6, results.Count(r => r is AppendResult.ConstraintBroken { Constraint: AccountBalancesProjection.NotNegative }));
        Assert.Equal(2, Assert.Single(await Query.OfMemberAsync("demo", "bob", Ct)).Units);
    }

    [Fact]
    public async Task The_hub_s_own_accounts_may_be_below_zero()
    {
        await models.AppendAllAsync([Moves(5, (Account.Suspense, null), (Account.NetworkFees, null))], Ct);

        Assert.Equal([5, -5], (await Query.OfCommunityAsync("demo", Ct)).Select(b => b.Units));
    }

    [Fact]
    public async Task Amounts_of_128_bits_are_added_exactly()
    {
        var half = (UInt128)Int128.MaxValue / 2;
        await models.AppendAllAsync([Settled("bob", half), Settled("bob", half), Settled("bob", 1)], Ct);

        Assert.Equal(Int128.MaxValue, Assert.Single(await Query.OfMemberAsync("demo", "bob", Ct)).Units);
    }

    [Fact]
    public async Task Assets_and_communities_are_kept_apart()
    {
        var usdi = new Asset("USDI");
        Tip[] tips = [new("alice", "bob", 5), new("alice", "bob", 5) { Asset = usdi }, new("alice", "bob", 5) { Tenant = "other" }];
        await models.AppendAllAsync(tips.Select(t => t.Happens(t.Requested, t.Issued, t.Settled)), Ct);

        Assert.Equal(
            [new(Account.MemberAvailable, "bob", Asset.Ckb, 5), new(Account.MemberAvailable, "bob", usdi, 5)],
            await Query.OfMemberAsync("demo", "bob", Ct));
        Assert.Single(await Query.OfMemberAsync("other", "bob", Ct));
    }

    private static Happening Settled(string to, UInt128 units)
    {
        var tip = new Tip("alice", to, units);
        return tip.Happens(tip.Requested, tip.Issued, tip.Settled);
    }

    private static Happening Moves(UInt128 units, (Account, string?) from, (Account, string?) to)
    {
        var tip = new Tip("alice", "bob", units);
        return tip.Happens(tip.Requested, tip.Moving(JournalEntry.Move(tip.Amount, from, to)));
    }
}
