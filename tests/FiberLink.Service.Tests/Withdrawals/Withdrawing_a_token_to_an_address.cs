using FiberLink.Chain;
using FiberLink.Chain.Addresses;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Tests.Scene;
using FiberLink.Testing;

namespace FiberLink.Service.Tests.Withdrawals;

/// <summary>From a member's balance of a token to a cell on the chain, for whose room the hub pays.</summary>
public sealed class Withdrawing_a_token_to_an_address
{
    private const ulong Ckb = PaidChain.Ckb;

    [Fact]
    public async Task A_member_gets_all_of_it_and_the_hub_pays_for_the_room_and_the_way()
    {
        await using var service = await TokenScene.StartAsync();
        var chain = service.OnChain!;
        await chain.FundAsync(1_000, 1, Ct);
        await chain.FundTokenAsync(500);
        var before = await chain.HeldByAsync(chain.Wallet, Ct);
        await service.GiveAsync("alice", 120, TokenScene.Code);
        var (address, recipient) = PaidChain.NewRecipient();

        var quote = await service.Client.QuoteAsync("alice", "100.5", address, Ct, TokenScene.Code);
        Assert.Equal(
            ("20", "120", "0", "100.5", true, null),
            (Text(quote, "minimumAmount"), Text(quote, "availableBalance"), Text(quote, "networkFee"), Text(quote, "receiveAmount"),
                quote.GetProperty("destinationValid").GetBoolean(), Text(quote, "validationMessage")));

        var reply = await service.Client.WithdrawAsync("alice", "100.5", address, Ct, TokenScene.Code);
        Assert.Equal("PENDING", Text(reply.Result, "state"));
        var id = Text(reply.Result, "id")!;
        await service.MinedUntilAsync(id, "InBlock");

        // As deep as what is dearest in coins: nobody knows what a token is worth in them.
        await service.OnChain!.Control.MineAsync(20, Ct);
        Assert.Equal("InBlock", await service.StageOfAsync(id));
        await service.MinedUntilAsync(id, "Completed");

        var cell = Assert.Single(await chain.CellsOfAsync(recipient, Ct));
        Assert.Equal((TokenScene.Type, TokenScene.Room, 100_50), (cell.Output.Type, cell.Output.Capacity, (int)cell.UdtAmount!.Value));
        Assert.Equal(500 * TokenScene.One - 100_50, await chain.TokensOfAsync(chain.Wallet, TokenScene.Type, Ct));

        // What has left the wallet is what the books say, in each asset, and the member has paid no coins.
        var spent = (long)(before - await chain.HeldByAsync(chain.Wallet, Ct));
        Assert.InRange(spent - (long)TokenScene.Room, 1, (long)service.Settings.Payouts.FeeMax);
        Assert.Equal(
            (spent, -spent, 100_50, 19_50),
            (await service.UnitsOfAsync("HubOnChain", "CKB"), await service.UnitsOfAsync("NetworkFees", "CKB"),
                await service.UnitsOfAsync("HubOnChain", TokenScene.Code), await service.UnitsOfAsync("MemberAvailable", TokenScene.Code)));
        Assert.Equal(0, await service.UnitsOfAsync("NetworkFees", TokenScene.Code));
        await service.EachAssetIsEvenAsync();
    }

    [Theory]
    [InlineData("19.99", "withdrawal amount 19.99 is below minimum required 20 for destination address")]
    [InlineData("121", "Insufficient balance for withdrawal")]
    public async Task What_is_too_little_or_too_much_is_refused(string amount, string says)
    {
        await using var service = await TokenScene.StartAsync();
        await service.GiveAsync("alice", 120, TokenScene.Code);

        var reply = await service.Client.WithdrawAsync("alice", amount, PaidChain.NewRecipient().Address, Ct, TokenScene.Code);

        reply.AssertError(-32602, says);
    }

    /// <summary>Whoever could choose how much room the hub pays for could empty its wallet.</summary>
    [Fact]
    public async Task An_address_whose_cell_takes_too_much_room_is_refused()
    {
        await using var service = await TokenScene.StartAsync();
        await service.GiveAsync("alice", 120, TokenScene.Code);
        var large = new Script(ChainParameters.Testnet.AnyoneCanPay.CodeHash, ScriptHashType.Type, ByteString.From(new byte[39]));
        const string Says = "CKB destination address takes a cell of 161 CKB for USDI, more than 160 CKB";

        var address = AddressCodec.Write(large, ChainParameters.Testnet);
        var quote = await service.Client.QuoteAsync("alice", "100", address, Ct, TokenScene.Code);

        Assert.Equal((false, Says), (quote.GetProperty("destinationValid").GetBoolean(), Text(quote, "validationMessage")));
        (await service.Client.WithdrawAsync("alice", "100", address, Ct, TokenScene.Code)).AssertError(-32602, Says);
    }

    [Theory]
    [InlineData(99, 1_000, "USDI")]
    [InlineData(500, 100, "CKB")]
    public async Task It_waits_for_liquidity_when_tokens_or_coins_are_lacking_and_goes_when_they_come(
        ulong tokens, ulong coins, string missing)
    {
        await using var service = await TokenScene.StartAsync();
        var chain = service.OnChain!;
        await chain.FundAsync(coins, 1, Ct);
        await chain.FundTokenAsync(tokens);
        await service.GiveAsync("alice", 120, TokenScene.Code);

        var (id, recipient) = await service.GrantedAsync("alice", 100, TokenScene.Code);
        await Eventually.HoldsAsync(
            "what it lacks is told",
            async () => (await service.Database.TextsAsync(
                "select data -> 'missing' ->> 'asset' from event_store.mt_events where type = 'withdrawal.liquidity_awaited.v1'"))
                .SingleOrDefault() == missing,
            Ct);
        var second = await service.Client.WithdrawAsync("alice", "20", PaidChain.NewRecipient().Address, Ct, TokenScene.Code);
        Assert.Equal("LIQUIDITY_PENDING", Text(second.Result, "state"));

        await chain.FundAsync(1_000, 1, Ct);
        await chain.FundTokenAsync(500);
        await service.MinedUntilAsync(id, "Completed");
        await service.MinedUntilAsync(Text(second.Result, "id")!, "Completed");
        await chain.HasOnceAsync(recipient, 100, TokenScene.Code);
        await service.EachAssetIsEvenAsync();
    }

    [Fact]
    public async Task Several_share_a_transaction_up_to_what_one_may_give_away()
    {
        await using var service = await TokenScene.StartAsync(
            s => s with { Payouts = s.Payouts with { TokenCapacityAtOnceMax = 300 * Ckb } });
        var chain = service.OnChain!;
        var granted = new List<(string Id, Script Recipient)>();
        foreach (var member in (string[])["alice", "bob", "carol"])
        {
            await service.GiveAsync(member, 50, TokenScene.Code);
            granted.Add(await service.GrantedAsync(member, 50, TokenScene.Code));
        }

        await Eventually.HoldsAsync(
            "all of them wait",
            async () => await service.Database.CountAsync("select count(*) from read_models.withdrawals where awaits_liquidity") == 3,
            Ct);
        await chain.FundAsync(2_000, 2, Ct);
        await chain.FundTokenAsync(500);
        foreach (var (id, recipient) in granted)
        {
            await service.MinedUntilAsync(id, "Completed");
            await chain.HasOnceAsync(recipient, 50, TokenScene.Code);
        }

        Assert.Equal(
            2,
            await service.Database.CountAsync(
                "select max(n) from (select count(*) as n from read_models.withdrawals group by evidence) as of_each"));
        await service.EachAssetIsEvenAsync();
    }

    /// <summary>An amount of a token whose script is gone from the settings is never taken for one of coins.</summary>
    [Fact]
    public async Task A_token_that_is_not_set_up_any_more_is_not_paid_until_it_is_again()
    {
        await using var service = await TokenScene.StartAsync();
        var chain = service.OnChain!;
        await service.GiveAsync("alice", 6_000, TokenScene.Code);
        var (address, recipient) = PaidChain.NewRecipient();
        var reply = await service.Client.WithdrawAsync("alice", "5000", address, Ct, TokenScene.Code);
        var id = Text(reply.Result, "id")!;
        await Eventually.HoldsAsync(
            "it waits", async () => await service.EventsAsync("withdrawal.liquidity_awaited.v1") == 1, Ct);

        await service.RestartWithAsync(s => s with { Tokens = [] });
        await chain.FundAsync(1_000, 3, Ct);
        await chain.FundTokenAsync(5_000);
        await Eventually.HoldsAsync(
            "its token is looked for",
            async () =>
            {
                service.Clock.Move(TimeSpan.FromSeconds(10));
                return (await service.Database.TextsAsync("select last_error from messaging.waiting where last_error is not null"))
                    .Any(e => e.Contains("not set up any more", StringComparison.Ordinal));
            },
            Ct);
        Assert.Equal("Queued", await service.StageOfAsync(id));

        await service.RestartWithAsync(TokenScene.WithToken);
        service.Clock.Move(TimeSpan.FromMinutes(2));
        await service.MinedUntilAsync(id, "Completed");
        await chain.HasOnceAsync(recipient, 5_000, TokenScene.Code);
    }

    [Fact]
    public async Task What_no_token_was_set_up_for_in_a_week_is_given_back()
    {
        await using var service = await TokenScene.StartAsync();
        await service.GiveAsync("alice", 100, TokenScene.Code);
        var (id, _) = await service.GrantedAsync("alice", 100, TokenScene.Code);
        await Eventually.HoldsAsync(
            "it waits", async () => await service.EventsAsync("withdrawal.liquidity_awaited.v1") == 1, Ct);

        await service.RestartWithAsync(s => s with { Tokens = [] });
        service.Clock.Move(TimeSpan.FromDays(7) + TimeSpan.FromMinutes(1));
        await service.StageIsAsync(id, "Failed");

        Assert.Equal((long)(100 * TokenScene.One), await service.UnitsOfAsync("MemberAvailable", TokenScene.Code));
        await service.EachAssetIsEvenAsync();
    }

    /// <summary>Two service nodes, one cell of coins: both have signed before either stores anything, and the commit decides.</summary>
    [Fact]
    public async Task A_token_and_coins_over_one_cell_are_both_paid_one_after_the_other()
    {
        await using var service = await TokenScene.StartAsync(s => s with { MessagesInFlight = 1 }, countsSteps: true);
        var chain = service.OnChain!;
        await service.StartAnotherAsync();
        await chain.FundAsync(1_000, 1, Ct);
        await chain.FundTokenAsync(500);
        await service.GiveAsync("alice", 100, TokenScene.Code);
        await service.GiveAsync("bob", 100, "CKB");

        (string Id, Script Recipient) token, coins;
        using (service.Steps!.Hold(StopPoints.PayoutSigned))
        {
            token = await service.GrantedAsync("alice", 100, TokenScene.Code);
            await SignedAsync(service, 1);
            coins = await service.GrantedAsync("bob", 100, "CKB");
            await SignedAsync(service, 2);
        }

        await service.MinedUntilAsync(token.Id, "Completed");
        await service.MinedUntilAsync(coins.Id, "Completed");
        await chain.HasOnceAsync(token.Recipient, 100, TokenScene.Code);
        await chain.HasOnceAsync(coins.Recipient, 100, "CKB");
        Assert.Equal(2, await service.EventsAsync("withdrawal.transaction_prepared.v1"));
        Assert.Equal(0, await service.EventsAsync("withdrawal.attempt_failed.v1"));
        await service.EachAssetIsEvenAsync();
    }

    private static Task SignedAsync(RunningService service, int times) => Eventually.HoldsAsync(
        "so many have signed", () => Task.FromResult(service.Steps!.Of(StopPoints.PayoutSigned) >= times), Ct);

    private static string? Text(System.Text.Json.JsonElement from, string name) => from.GetProperty(name).GetString();
}
