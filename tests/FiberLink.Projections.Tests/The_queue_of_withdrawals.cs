using FiberLink.Events.Money;
using FiberLink.Projections.Withdrawals;

namespace FiberLink.Projections.Tests;

public sealed class The_queue_of_withdrawals(ReadModelsUnderTest models) : IClassFixture<ReadModelsUnderTest>, IAsyncLifetime
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await models.ResetAsync();
        await models.AppendAllAsync(
            from tenant in (string[])["crowd", "few", "late"]
            from asset in (Asset[])[Asset.Ckb, new("USDI")]
            select Withdrawal.Funds(tenant, "alice", asset, 10_000),
            Ct);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Goes_round_by_round_through_the_communities_and_by_age_within_a_round()
    {
        (string Tenant, int Minute)[] asked = [("crowd", 1), ("crowd", 2), ("crowd", 3), ("crowd", 4), ("few", 9), ("few", 5), ("late", 8)];
        await models.AppendAllAsync(
            asked.Select(a => new Withdrawal("alice", (UInt128)(100 + a.Minute)) { Tenant = a.Tenant, At = Tip.Noon.AddMinutes(a.Minute) })
                .Select(w => w.Happens(w.Requested)),
            Ct);

        var queue = await QueueAsync(Asset.Ckb, Tip.Noon, 100);

        Assert.Equal(
            ["crowd 91", "few 95", "late 98", "crowd 92", "few 99", "crowd 93", "crowd 94"],
            queue.Select(q => $"{q.Tenant} {q.Pays.Units}"));
        Assert.Equal(queue.Take(3), await QueueAsync(Asset.Ckb, Tip.Noon, 3));
    }

    [Theory]
    [InlineData("Requested", true)]
    [InlineData("Requested Awaited", true)]
    [InlineData("Requested HeldBack", false)]
    [InlineData("Requested HeldBack Released", true)]
    [InlineData("Requested Prepared", false)]
    [InlineData("Requested Prepared InBlock", false)]
    [InlineData("Requested Prepared AttemptFailed Released", true)]
    [InlineData("Requested Prepared AttemptFailed InBlock", false)]
    [InlineData("Requested Prepared Completed", false)]
    [InlineData("Requested Prepared Completed TakenBack", false)]
    [InlineData("Requested Cancelled", false)]
    public async Task Holds_what_nothing_stands_in_the_way_of(string life, bool waits)
    {
        var withdrawal = new Withdrawal("alice", 100) { Tenant = "few" };
        await models.AppendAllAsync([withdrawal.Happens([.. withdrawal.Life(life)])], Ct);

        var expected = new QueuedPayout("few", withdrawal.Id, new(Asset.Ckb, 90), "ckt1qalice", Tip.Noon);
        Assert.Equal(waits ? [expected] : [], await QueueAsync(Asset.Ckb, Tip.Noon, 10));
        Assert.Empty(await QueueAsync(new("USDI"), Tip.Noon, 10));
    }

    /// <summary>Coins are added up; of tokens each takes a cell, whatever its amount.</summary>
    [Fact]
    public async Task Comes_to_so_many_coins_and_so_many_withdrawals_of_tokens()
    {
        var before = await new WithdrawalsQuery(models.Database).QueuedOnChainAsync(Ct);
        foreach (var withdrawal in (Withdrawal[])
            [
                new("alice", 100) { Tenant = "few" }, new("alice", 200) { Tenant = "few", NeedsApproval = true },
                new("alice", 300) { Tenant = "few", Asset = new("USDI") }, new("alice", 400) { Tenant = "few", PaymentHash = "0x7f" },
            ])
        {
            await models.AppendAllAsync([withdrawal.Happens(withdrawal.Requested)], Ct);
        }

        var after = await new WithdrawalsQuery(models.Database).QueuedOnChainAsync(Ct);
        Assert.Equal<(UInt128, long)>((90 + 190, 1), (after.Coins - before.Coins, after.Tokens - before.Tokens));
    }

    [Fact]
    public async Task Holds_no_invoice()
    {
        var withdrawal = new Withdrawal("alice", 100) { Tenant = "few", PaymentHash = "0x7e" };
        await models.AppendAllAsync([withdrawal.Happens(withdrawal.Requested)], Ct);

        Assert.Empty(await QueueAsync(Asset.Ckb, Tip.Noon, 10));
    }

    [Fact]
    public async Task Waits_for_its_time_and_for_who_must_agree()
    {
        var withdrawal = new Withdrawal("alice", 100) { Tenant = "few", NotBefore = Tip.Noon.AddHours(1), NeedsApproval = true };
        await models.AppendAllAsync([withdrawal.Happens(withdrawal.Requested)], Ct);
        Assert.Empty(await QueueAsync(Asset.Ckb, Tip.Noon.AddHours(1), 10));

        await models.AppendAllAsync([withdrawal.Happens(withdrawal.Approved)], Ct);
        Assert.Empty(await QueueAsync(Asset.Ckb, Tip.Noon.AddHours(1).AddMicroseconds(-1), 10));
        Assert.Single(await QueueAsync(Asset.Ckb, Tip.Noon.AddHours(1), 10));
    }

    private Task<IReadOnlyList<QueuedPayout>> QueueAsync(Asset asset, DateTimeOffset now, int limit) =>
        new WithdrawalsQuery(models.Database).QueueAsync(asset, now, limit, Ct);
}
