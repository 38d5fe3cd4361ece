using FiberLink.Service.Tests.Scene;

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
            0, await service.Database.CountAsync("select sum(units)::bigint from read_models.account_balances where account = 'MemberHeld'"));

        // What the transaction did not cost of the fee that was taken off is the member's again.
        var spent = 1_000_00000000 - (long)await chain.HeldByAsync(chain.Wallet, Ct);
        Assert.Equal(
            124_50000000 - spent,
            await service.Database.CountAsync(
                "select units::bigint from read_models.account_balances where account = 'MemberAvailable' and member = 'alice'"));
    }
}
