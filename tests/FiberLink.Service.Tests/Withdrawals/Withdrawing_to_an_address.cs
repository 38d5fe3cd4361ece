using FiberLink.Events.Withdrawals;
using FiberLink.EventStore;
using FiberLink.Service.Tests.Scene;
using FiberLink.Testing;

namespace FiberLink.Service.Tests.Withdrawals;

/// <summary>From a settled tip to coins on the chain.</summary>
public sealed class Withdrawing_to_an_address
{
    [Fact]
    public async Task A_member_gets_what_was_quoted_and_the_books_are_even()
    {
        await using var service = await RunningService.StartAsync(new Opening { WithChain = true });
        var chain = service.OnChain!;
        await chain.FundAsync(1_000, 1, Ct);
        await service.EarnAsync(service.Client, "alice", "124.5");
        var (address, recipient) = PaidChain.NewRecipient();

        var quote = await service.Client.QuoteAsync("alice", "100", address, Ct);
        Assert.Equal("61", quote.GetProperty("minimumAmount").GetString());
        Assert.Equal("124.5", quote.GetProperty("availableBalance").GetString());
        Assert.Equal("0.00001", quote.GetProperty("networkFee").GetString());
        Assert.Equal("99.99999", quote.GetProperty("receiveAmount").GetString());
        Assert.True(quote.GetProperty("destinationValid").GetBoolean());

        var reply = await service.Client.WithdrawAsync("alice", "100", address, Ct);
        var id = reply.Result.GetProperty("id").GetString()!;
        Assert.Equal("PENDING", reply.Result.GetProperty("state").GetString());

        await service.MinedUntilAsync(id, "Completed");

        Assert.Equal((UInt128)99_99999000, await chain.HeldByAsync(recipient, Ct));
        Assert.Equal(0, await service.Database.CountAsync("select sum(units)::bigint from read_models.account_balances"));
        Assert.Equal(
            0,
            await service.Database.CountAsync(
                "select sum(units)::bigint from read_models.account_balances where account = 'MemberHeld'"));

        // What the transaction did not cost of the fee that was taken off is the member's again.
        var spent = 1_000_00000000 - (long)await chain.HeldByAsync(chain.Wallet, Ct);
        Assert.Equal(
            124_50000000 - spent,
            await service.Database.CountAsync(
                "select units::bigint from read_models.account_balances where account = 'MemberAvailable' and member = 'alice'"));
    }

    /// <summary>What was granted before a denial is not paid while that lasts, in its own transaction or in another's.</summary>
    [Fact]
    public async Task What_waits_is_stopped_too_and_goes_on_afterwards()
    {
        await using var service = await RunningService.StartAsync(new Opening { WithChain = true });
        await service.LimitAsync(RunningService.App, new() { NewDestinationWait = 60 });
        await service.OnChain!.FundAsync(1_000, 2, Ct);
        await service.GiveAsync(RunningService.App, "alice", "200");
        await service.GiveAsync(RunningService.App, "bob", "200");
        var stopped = await GrantedAsync(service, "alice");
        var other = await GrantedAsync(service, "bob");
        var control = new StreamId(RunningService.App, "payout_control");
        var now = service.Clock.GetUtcNow();
        await service.AppendAsync(control, new PayoutControlEvent.Denied(DenialKind.Member, "alice", "olga", "stolen", now));

        service.Clock.Move(TimeSpan.FromSeconds(61));
        await service.MinedUntilAsync(other, "Completed");
        Assert.Equal("Queued", await service.StageOfAsync(stopped));

        await service.AppendAsync(control, new PayoutControlEvent.Readmitted(DenialKind.Member, "alice", "olga", "hers", now));
        await Eventually.HoldsAsync(
            "it is paid",
            async () =>
            {
                service.Clock.Move(TimeSpan.FromSeconds(10));
                await service.OnChain.Control.MineAsync(1, Ct);
                return await service.StageOfAsync(stopped) == "Completed";
            },
            Ct);
    }

    /// <summary>W-08, W-09, W-19: one transaction pays many, in their order, and what is not covered keeps its place until it is.</summary>
    [Fact]
    public async Task What_the_wallet_does_not_cover_waits_and_is_paid_in_its_order()
    {
        await using var service = await RunningService.StartAsync(new Opening { WithChain = true });
        var ids = new List<string>();
        foreach (var member in (string[])["alice", "bob", "carol", "dave"])
        {
            await service.GiveAsync(RunningService.App, member, "200");
            ids.Add(await GrantedAsync(service, member));
        }

        await Eventually.HoldsAsync(
            "all of them wait for liquidity",
            async () => await service.Database.CountAsync("select count(*) from read_models.withdrawals where awaits_liquidity") == 4,
            Ct);
        await service.OnChain!.FundAsync(270, 1, Ct);
        await service.MinedUntilAsync(ids[0], "Completed");
        await service.MinedUntilAsync(ids[1], "Completed");
        Assert.Equal(("Queued", "Queued"), (await service.StageOfAsync(ids[2]), await service.StageOfAsync(ids[3])));

        await service.OnChain.FundAsync(1_000, 1, Ct);
        await service.MinedUntilAsync(ids[2], "Completed");
        await service.MinedUntilAsync(ids[3], "Completed");
        Assert.Equal(
            2, await service.Database.CountAsync("select count(distinct evidence) from read_models.withdrawals"));
    }

    private static async Task<string> GrantedAsync(RunningService service, string member) =>
        (await service.Client.WithdrawAsync(member, "100", PaidChain.NewRecipient().Address, Ct)).Result.GetProperty("id").GetString()!;
}
