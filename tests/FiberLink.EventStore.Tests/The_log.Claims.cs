namespace FiberLink.EventStore.Tests;

public abstract partial class The_log<TLog>
{
    private static readonly Claim Mine = new("demo", "tip.create", "key-1", "tip-1", Sample.Noon.AddMinutes(10));

    [Fact]
    public async Task A_name_that_is_claimed_is_refused_to_others_who_are_told_who_has_it()
    {
        await AppendedAsync(Sample.Notes("a") with { Claims = [Mine] });

        var wish = Mine with { Holder = "tip-2" };
        var result = await Store.AppendAsync(Sample.Notes("b") with { Claims = [wish], Rows = [new SampleRow("one")] }, Ct);

        Assert.Equal(new AppendResult.ClaimTaken(wish, "tip-1"), result);
        Assert.Equal("a", Sample.Text(Assert.Single(await WholeLogAsync())));
        Assert.Empty(await _log.RowsAsync());
    }

    [Fact]
    public async Task The_holder_may_claim_again_and_so_holds_it_for_longer()
    {
        await AppendedAsync(Sample.Claiming(Mine, Sample.Noon));
        await AppendedAsync(Sample.Claiming(Mine with { Until = Sample.Noon.AddMinutes(20) }, Sample.Noon.AddMinutes(1)));

        var result = await Store.AppendAsync(Sample.Claiming(Mine with { Holder = "tip-2" }, Sample.Noon.AddMinutes(15)), Ct);

        Assert.IsType<AppendResult.ClaimTaken>(result);
    }

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    public async Task A_claim_ends_when_the_time_of_the_change_says_so(int secondsAfterItsEnd, bool isFree)
    {
        await AppendedAsync(Sample.Claiming(Mine, Sample.Noon));

        var other = Mine with { Holder = "tip-2", Until = Sample.Noon.AddHours(1) };
        var result = await Store.AppendAsync(Sample.Claiming(other, Mine.Until.AddSeconds(secondsAfterItsEnd)), Ct);

        Assert.Equal(isFree, result is AppendResult.Appended);
        Assert.Equal(!isFree, result is AppendResult.ClaimTaken { Holder: "tip-1" });
    }

    [Fact]
    public async Task Who_took_over_an_ended_claim_is_the_one_who_has_it()
    {
        await AppendedAsync(Sample.Claiming(Mine, Sample.Noon));
        var other = Mine with { Holder = "tip-2", Until = Sample.Noon.AddHours(1) };
        await AppendedAsync(Sample.Claiming(other, Mine.Until));

        Assert.Equal(
            new AppendResult.ClaimTaken(Mine, "tip-2"), await Store.AppendAsync(Sample.Claiming(Mine, Mine.Until.AddSeconds(1)), Ct));
    }

    [Fact]
    public async Task A_refused_claim_does_not_lengthen_the_one_that_stands()
    {
        await AppendedAsync(Sample.Claiming(Mine, Sample.Noon));
        var other = Mine with { Holder = "tip-2", Until = Sample.Noon.AddYears(1) };
        Assert.IsType<AppendResult.ClaimTaken>(await Store.AppendAsync(Sample.Claiming(other, Sample.Noon), Ct));

        await AppendedAsync(Sample.Claiming(other, Mine.Until));
    }

    [Fact]
    public async Task A_name_that_was_given_back_is_free()
    {
        await AppendedAsync(Sample.Notes("a") with { Claims = [Mine, Mine with { Key = "key-2" }] });
        await AppendedAsync(Sample.Notes("b") with { Releases = [new("demo", "tip.create", "tip-1")] });

        await AppendedAsync(Sample.Claiming(Mine with { Holder = "tip-2" }, Sample.Noon));
        await AppendedAsync(Sample.Claiming(Mine with { Key = "key-2", Holder = "tip-3" }, Sample.Noon));
    }

    [Theory]
    [InlineData("demo", "tip.create", "tip-2")]
    [InlineData("demo", "another.scope", "tip-1")]
    [InlineData("other", "tip.create", "tip-1")]
    public async Task Giving_back_what_another_has_does_nothing(string tenant, string scope, string holder)
    {
        await AppendedAsync(Sample.Claiming(Mine, Sample.Noon));

        await AppendedAsync(Sample.Notes("a") with { Releases = [new(tenant, scope, holder)] });

        Assert.IsType<AppendResult.ClaimTaken>(await Store.AppendAsync(Sample.Claiming(Mine with { Holder = "tip-9" }, Sample.Noon), Ct));
    }

    [Fact]
    public async Task A_release_in_a_refused_change_gives_nothing_back()
    {
        await AppendedAsync(Sample.Notes("a") with { Claims = [Mine] });

        var refused = Sample.Notes(Sample.Stream, ExpectedVersion.NoStream, "x") with { Releases = [new("demo", "tip.create", "tip-1")] };
        Assert.IsType<AppendResult.VersionMoved>(await Store.AppendAsync(refused, Ct));

        Assert.IsType<AppendResult.ClaimTaken>(await Store.AppendAsync(Sample.Claiming(Mine with { Holder = "tip-2" }, Sample.Noon), Ct));
    }

    [Fact]
    public async Task The_same_name_in_another_community_or_scope_is_another_name()
    {
        await AppendedAsync(Sample.Claiming(Mine, Sample.Noon));

        await AppendedAsync(Sample.Claiming(Mine with { Tenant = "other", Holder = "tip-2" }, Sample.Noon));
        await AppendedAsync(Sample.Claiming(Mine with { Scope = "withdrawal.create", Holder = "tip-3" }, Sample.Noon));
    }

    [Fact]
    public async Task Two_holders_who_claim_one_name_in_one_change_are_refused_together()
    {
        var result = await Store.AppendAsync(Sample.Notes("a") with { Claims = [Mine, Mine with { Holder = "tip-2" }] }, Ct);

        Assert.Equal(new AppendResult.ClaimTaken(Mine with { Holder = "tip-2" }, "tip-1"), result);
        Assert.Equal(0, await Store.ReadHeadAsync(Ct));
    }

    [Fact]
    public async Task What_a_change_claims_and_gives_back_is_free_afterwards()
    {
        await AppendedAsync(Sample.Notes("a") with { Claims = [Mine], Releases = [new("demo", "tip.create", "tip-1")] });

        await AppendedAsync(Sample.Claiming(Mine with { Holder = "tip-2" }, Sample.Noon));
    }
}
