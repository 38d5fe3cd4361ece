using FiberLink.Events;
using FiberLink.Events.Money;
using FiberLink.Events.Withdrawals;
using FiberLink.Projections.PayoutRules;
using FiberLink.Projections.Withdrawals;

namespace FiberLink.Projections.Tests;

public sealed class What_a_withdrawal_is_decided_on(ReadModelsUnderTest models) : IClassFixture<ReadModelsUnderTest>, IAsyncLifetime
{
    private static readonly PayoutLimits Limits = new(
        true, new(Asset.Ckb, 5), new(Asset.Ckb, 6), new(Asset.Ckb, UInt128.MaxValue), null, 60, new(Asset.Ckb, 0), 3_600);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private PayoutRulesQuery Rules => new(models.Database);

    public async ValueTask InitializeAsync()
    {
        await models.ResetAsync();
        await models.AppendAllAsync(
            from tenant in (string[])["demo", "other"]
            from member in (string[])["alice", "bob"]
            from asset in (Asset[])[Asset.Ckb, new("USDI")]
            select Withdrawal.Funds(tenant, member, asset, 10_000),
            Ct);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Is_nothing_where_nothing_has_happened() =>
        Assert.Equal(
            new(null, null, false, false, 0, 0, 0, 0, 0, null, null, 0, 0, 0, false, 0, 0),
            await new PayoutUseQuery(models.Database).ReadAsync("nowhere", "nobody", Asset.Ckb, "x", null, Tip.Noon, Ct));

    [Fact]
    public async Task Is_what_was_asked_for_since_the_window_began_by_member_and_by_community()
    {
        await RequestAsync(new Withdrawal("alice", 100) { At = Tip.Noon });
        await RequestAsync(new Withdrawal("alice", 200) { At = Tip.Noon.AddMicroseconds(1) });
        await RequestAsync(new Withdrawal("bob", 400) { At = Tip.Noon.AddHours(1) });
        await RequestAsync(new Withdrawal("alice", 800) { At = Tip.Noon.AddHours(1), Asset = new("USDI") });
        await RequestAsync(new Withdrawal("alice", 1_600) { At = Tip.Noon.AddHours(1), Tenant = "other" });

        // The moment that the window begins at is not in it any more.
        var use = await UseAsync("alice", from: Tip.Noon);
        AssertUsed(use, 200, 600, 300);
        Assert.Equal(Tip.Noon.AddMicroseconds(1), use.LastRequestedAt);

        use = await UseAsync("alice", from: Tip.Noon.AddMicroseconds(-1));
        AssertUsed(use, 300, 700, 300);

        // The last time is known however long ago it is: a cooldown may be longer than a day.
        use = await UseAsync("alice", from: Tip.Noon.AddDays(30));
        AssertUsed(use, 0, 0, 300);
        Assert.Equal(Tip.Noon.AddMicroseconds(1), use.LastRequestedAt);
    }

    [Theory]
    [InlineData("Requested", true, true)]
    [InlineData("Requested Prepared", true, true)]
    [InlineData("Requested Prepared Sent", true, true)]
    [InlineData("Requested Prepared InBlock", true, true)]
    [InlineData("Requested Prepared AttemptFailed", true, true)]
    [InlineData("Requested Prepared Completed", true, false)]
    [InlineData("Requested Prepared AttemptFailed Failed", false, false)]
    [InlineData("Requested Cancelled", false, false)]
    [InlineData("Requested Prepared AttemptFailed Failed PaidAfterFailure", true, false)]
    [InlineData("Requested Prepared InBlock Completed TakenBack Lost", true, false)]
    public async Task Counts_what_may_leave_or_has_left_and_knows_what_is_open(string life, bool counts, bool isOpen)
    {
        var withdrawal = new Withdrawal("alice", 100);
        await models.AppendAllAsync([withdrawal.Happens([.. withdrawal.Life(life)])], Ct);

        var use = await UseAsync("alice", from: Tip.Noon.AddHours(-1));
        AssertUsed(use, counts ? 100u : 0, counts ? 100u : 0, isOpen ? 100u : 0);
        Assert.Equal(counts ? Tip.Noon : null, use.LastRequestedAt);
        Assert.Equal(counts ? Tip.Noon : null, use.DestinationSince);
        Assert.Equal<UInt128>(isOpen ? 100u : 0, use.Held);
        var isQueued = withdrawal.Life(life).Last() is WithdrawalEvent.Requested or WithdrawalEvent.AttemptFailed;
        Assert.Equal<UInt128>(isQueued ? 90u : 0, use.QueuedOnChain);
    }

    [Fact]
    public async Task Is_a_balance_in_two_parts()
    {
        await RequestAsync(new Withdrawal("alice", 100));
        await RequestAsync(new Withdrawal("bob", 3_000));

        var use = await UseAsync("alice", Tip.Noon);
        Assert.Equal<(UInt128, UInt128)>((9_900, 100), (use.Available, use.Held));
    }

    [Fact]
    public async Task Knows_since_when_a_member_asks_for_a_destination()
    {
        await RequestAsync(new Withdrawal("alice", 100) { At = Tip.Noon.AddDays(2), Asset = new("USDI") });
        await RequestAsync(new Withdrawal("alice", 100) { At = Tip.Noon.AddDays(1) });
        await RequestAsync(new Withdrawal("bob", 100));
        await RequestAsync(new Withdrawal("alice", 100) { Tenant = "other" });

        Assert.Equal(Tip.Noon.AddDays(1), (await UseAsync("alice", Tip.Noon)).DestinationSince);
        Assert.Null((await UseAsync("alice", Tip.Noon, "ckt1qother")).DestinationSince);
    }

    /// <summary>One wallet pays for all communities.</summary>
    [Fact]
    public async Task Knows_what_waits_to_be_paid_on_chain_in_all_communities()
    {
        await RequestAsync(new Withdrawal("alice", 100));
        await RequestAsync(new Withdrawal("alice", 200) { Tenant = "other", NeedsApproval = true });
        await RequestAsync(new Withdrawal("alice", 400) { Asset = new("USDI") });
        await RequestAsync(new Withdrawal("alice", 800) { PaymentHash = "0x7d" });

        var use = await UseAsync("bob", Tip.Noon);
        Assert.Equal<(UInt128, UInt128, long)>((90 + 190, 90 + 190, 1), (use.QueuedOnChain, use.QueuedCoins, use.QueuedTokens));
    }

    [Theory]
    [InlineData("demo", null, true)]
    [InlineData("demo", "CKB", true)]
    [InlineData("demo", "USDI", false)]
    [InlineData("other", null, false)]
    [InlineData(Tenants.Hub, null, true)]
    [InlineData(Tenants.Hub, "CKB", true)]
    [InlineData(Tenants.Hub, "USDI", false)]
    public async Task Is_stopped_by_the_community_or_by_the_hub_for_all_assets_or_for_one(string tenant, string? asset, bool isStopped)
    {
        Asset? which = asset is null ? null : new(asset);
        await DecideAsync(tenant, new PayoutControlEvent.Paused(which, "olga", "incident", Tip.Noon));
        Assert.Equal(isStopped ? "incident" : null, (await UseAsync("alice", Tip.Noon)).PausedBecause);

        await DecideAsync(tenant, new PayoutControlEvent.Resumed(which, "olga", "over", Tip.Noon));
        Assert.Null((await UseAsync("alice", Tip.Noon)).PausedBecause);
    }

    [Fact]
    public async Task Stays_stopped_for_all_assets_when_one_of_them_goes_on()
    {
        await DecideAsync("demo", new PayoutControlEvent.Paused(null, "olga", "all", Tip.Noon));
        await DecideAsync("demo", new PayoutControlEvent.Paused(Asset.Ckb, "olga", "one", Tip.Noon.AddHours(1)));
        Assert.Equal("all", (await UseAsync("alice", Tip.Noon)).PausedBecause);
        await DecideAsync("demo", new PayoutControlEvent.Resumed(null, "olga", "over", Tip.Noon));

        Assert.Equal("one", (await UseAsync("alice", Tip.Noon)).PausedBecause);
    }

    [Theory]
    [InlineData("demo", true)]
    [InlineData(Tenants.Hub, true)]
    [InlineData("other", false)]
    public async Task Knows_whom_and_what_is_denied(string tenant, bool isDenied)
    {
        await DecideAsync(tenant, new PayoutControlEvent.Denied(DenialKind.Member, "alice", "olga", "why", Tip.Noon));
        Assert.Equal((isDenied, false), Denied(await UseAsync("alice", Tip.Noon)));
        Assert.Equal((false, false), Denied(await UseAsync("bob", Tip.Noon)));

        await DecideAsync(
            tenant,
            new PayoutControlEvent.Readmitted(DenialKind.Member, "alice", "olga", "why", Tip.Noon),
            new PayoutControlEvent.Denied(DenialKind.Destination, "ckt1qalice", "olga", "why", Tip.Noon));
        Assert.Equal((false, isDenied), Denied(await UseAsync("alice", Tip.Noon)));
        Assert.Equal((false, isDenied), Denied(await UseAsync("bob", Tip.Noon)));
        Assert.Equal((false, false), Denied(await UseAsync("alice", Tip.Noon, "alice")));
    }

    [Fact]
    public async Task Are_the_last_limits_whole_and_the_rules_as_of_when_they_moved()
    {
        Assert.Equal((0L, 0L), Positions(await UseAsync("alice", Tip.Noon)));
        var other = Limits with { IsAllowed = false, MemberOpenMax = new(Asset.Ckb, 9), ApprovalAbove = null };
        await ChangeAsync(Limits);
        var first = await UseAsync("alice", Tip.Noon);
        Assert.Equal(Limits, first.Limits);
        Assert.Equal(0, first.HubRulesPosition);

        await ChangeAsync(other);
        var second = await UseAsync("alice", Tip.Noon);
        Assert.Equal(other, second.Limits);
        Assert.True(second.RulesPosition > first.RulesPosition);

        await DecideAsync(Tenants.Hub, new PayoutControlEvent.Paused(new("USDI"), "olga", "why", Tip.Noon));
        var third = await UseAsync("alice", Tip.Noon);
        Assert.Equal(second.RulesPosition, third.RulesPosition);
        Assert.True(third.HubRulesPosition > third.RulesPosition);
        Assert.Equal([new("demo", Asset.Ckb, other, "olga", "why", Tip.Noon)], await Rules.PoliciesAsync(null, Ct));
        Assert.Equal([new(Tenants.Hub, "Paused", "USDI", "olga", "why", Tip.Noon)], await Rules.StopsAsync(null, Ct));
        Assert.Empty(await Rules.StopsAsync("demo", Ct));
    }

    private static void AssertUsed(PayoutUse use, UInt128 memberDay, UInt128 communityDay, UInt128 memberOpen) =>
        Assert.Equal((memberDay, communityDay, memberOpen), (use.MemberDay, use.CommunityDay, use.MemberOpen));

    private static (bool Member, bool Destination) Denied(PayoutUse use) => (use.IsMemberDenied, use.IsDestinationDenied);

    private static (long Community, long Hub) Positions(PayoutUse use) => (use.RulesPosition, use.HubRulesPosition);

    private Task RequestAsync(Withdrawal withdrawal) =>
        models.AppendAllAsync([withdrawal.Happens(withdrawal.Requested)], Ct);

    private Task DecideAsync(string tenant, params PayoutControlEvent[] events) =>
        models.AppendAllAsync([new(new(tenant, "payout-control"), Tip.Noon, events)], Ct);

    private Task ChangeAsync(PayoutLimits limits) => models.AppendAllAsync(
        [
            new(
                new("demo", "payout-policy-CKB"),
                Tip.Noon,
                [new PayoutPolicyEvent.Changed(Asset.Ckb, limits, "olga", "why", Tip.Noon)]),
        ],
        Ct);

    private Task<PayoutUse> UseAsync(string member, DateTimeOffset from, string destination = "ckt1qalice") =>
        new PayoutUseQuery(models.Database).ReadAsync("demo", member, Asset.Ckb, destination, null, from, Ct);
}
