using FiberLink.Domain.Money;
using FiberLink.Events.Money;
using FiberLink.HubNode;
using FiberLink.Service.Tests.Scene;

namespace FiberLink.Service.Tests;

/// <summary>What may be wished for, and what reaches the node for it.</summary>
public sealed class Creating_tips(OneService one) : IClassFixture<OneService>
{
    private static readonly TokenScript Usdi = new($"0x{new string('a', 64)}", "type", "0x0123456789abcdef");

    private readonly SignedClient _client = one.Running.Client;

    /// <summary>W-01, W-02: the node is asked for smallest units, exactly.</summary>
    [Theory]
    [InlineData("1", "100000000")]
    [InlineData("1.5", "150000000")]
    [InlineData("0.00000001", "1")]
    [InlineData("61.12345678", "6112345678")]
    [InlineData("0001.50", "150000000")]
    [InlineData("1.500000000000", "150000000")]
    [InlineData("184467440737.09551614", "18446744073709551614")]
    public async Task The_node_is_asked_for_shannon(string amount, string shannon)
    {
        var wish = TipWish.New() with { Amount = amount };
        var invoice = await _client.TipAsync(wish, Ct);

        var made = (await one.Running.Control.ListAsync(Ct)).Single(i => i.Invoice == invoice);
        Assert.Equal(UInt128.Parse(shannon, System.Globalization.CultureInfo.InvariantCulture), made.Amount);
        Assert.Equal(FiberCurrency.Fibt, made.Currency);
    }

    /// <summary>W-01, W-02: what is no amount of the asset is refused in words, and nothing is left of it.</summary>
    [Theory]
    [InlineData("\"0.123456789\"", "at most 8 decimals")]
    [InlineData("\"0\"", "greater than 0")]
    [InlineData("\"0.0\"", "greater than 0")]
    [InlineData("\"000.000\"", "greater than 0")]
    [InlineData("\"-1\"", "digits")]
    [InlineData("\"+1\"", "digits")]
    [InlineData("\"1e3\"", "digits")]
    [InlineData("\"1.\"", "digits")]
    [InlineData("\".5\"", "digits")]
    [InlineData("\"1,5\"", "digits")]
    [InlineData("\" 1\"", "digits")]
    [InlineData("\"1 \"", "digits")]
    [InlineData("\"1\\n\"", "digits")]
    [InlineData("\"0x10\"", "digits")]
    [InlineData("\"١\"", "digits")]
    [InlineData("\"NaN\"", "digits")]
    [InlineData("\"184467440737.09551615\"", "largest CKB amount is 184467440737.09551614")]
    [InlineData("\"9999999999999999999999999999999999999999\"", "largest CKB amount")]
    [InlineData("\"\"", "at least 1")]
    [InlineData("1", "Expected string, received number")]
    [InlineData("1.5", "Expected string, received number")]
    [InlineData("null", "Expected string, received null")]
    [InlineData("[\"1\"]", "Expected string, received array")]
    public async Task What_is_no_amount_is_refused_and_leaves_nothing(string amount, string says) =>
        await IsRefusedAsync($$"""{"amount":{{amount}},"asset":"CKB","postId":"1","fromUserId":"a","toUserId":"b"}""", "amount", says);

    [Theory]
    [InlineData("""{"asset":"CKB","postId":"1","fromUserId":"a","toUserId":"b"}""", "amount", "Required")]
    [InlineData("""{"amount":"1","postId":"1","fromUserId":"a","toUserId":"b"}""", "asset", "Required")]
    [InlineData("""{"amount":"1","asset":"CKB","fromUserId":"a","toUserId":"b"}""", "postId", "Required")]
    [InlineData("""{"amount":"1","asset":"CKB","postId":"1","toUserId":"b"}""", "fromUserId", "Required")]
    [InlineData("""{"amount":"1","asset":"CKB","postId":"1","fromUserId":"a"}""", "toUserId", "Required")]
    [InlineData("""{"amount":"1","asset":"CKB","postId":"","fromUserId":"a","toUserId":"b"}""", "postId", "at least 1")]
    [InlineData("""{"amount":"1","asset":"CKB","postId":42,"fromUserId":"a","toUserId":"b"}""", "postId", "received number")]
    [InlineData("""{"amount":"1","asset":"CKB","postId":"1","fromUserId":"","toUserId":"b"}""", "fromUserId", "at least 1")]
    [InlineData("""{"amount":"1","asset":"CKB","postId":"1","fromUserId":"a","toUserId":null}""", "toUserId", "received null")]
    [InlineData("""{"amount":"1","asset":"USDI","postId":"1","fromUserId":"a","toUserId":"b"}""", "asset", "CKB")]
    [InlineData("""{"amount":"1","asset":"ckb","postId":"1","fromUserId":"a","toUserId":"b"}""", "asset", "CKB")]
    [InlineData("""{"amount":"1","asset":"","postId":"1","fromUserId":"a","toUserId":"b"}""", "asset", "CKB")]
    [InlineData("""{"amount":"1","asset":7,"postId":"1","fromUserId":"a","toUserId":"b"}""", "asset", "CKB")]
    [InlineData("""{"amount":"1","asset":"CKB","postId":"1","fromUserId":"a","toUserId":"b","message":7}""", "message", "string or null")]
    [InlineData("""{"amount":"1","asset":"CKB","postId":"1","fromUserId":"a","toUserId":"b","message":{}}""", "message", "string or null")]
    public Task What_is_missing_or_of_another_kind_is_refused_and_leaves_nothing(string parameters, string path, string says) =>
        IsRefusedAsync(parameters, path, says);

    [Fact]
    public async Task Everything_that_is_wrong_is_said_at_once()
    {
        var reply = await _client.CallAsync("tip.create", new { amount = "0", asset = "CKB", message = 7 }, Ct);

        reply.AssertError(-32602, "Invalid params");
        Assert.Equal(["amount", "fromUserId", "message", "postId", "toUserId"], reply.Paths.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Ids_have_a_longest_length()
    {
        var longest = new string('i', 255);
        Assert.NotEmpty(await _client.TipAsync(new TipWish($"{longest[..^1]}1", $"{longest[..^1]}2") { Post = longest }, Ct));
        await IsRefusedAsync(
            $$"""{"amount":"1","asset":"CKB","postId":"1","fromUserId":"{{longest}}x","toUserId":"b"}""", "fromUserId", "at most 255");
    }

    [Fact]
    public async Task Ids_are_taken_as_they_are()
    {
        var wish = new TipWish("-100123:7", "telegram:-5 😀'\";--") { Post = "0042" };
        var invoice = await _client.TipAsync(wish, Ct);
        await one.Running.DashboardsAreCurrentAsync();

        var tip = (await _client.DashboardAsync(wish.To, Ct)).GetProperty("tips")[0];
        Assert.Equal(invoice, tip.GetProperty("invoice").GetString());
        Assert.Equal("0042", tip.GetProperty("postId").GetString());
        Assert.Equal(wish.From, tip.GetProperty("counterpartyUserId").GetString());
    }

    [Fact]
    public async Task A_message_has_280_characters_after_trimming()
    {
        var longest = new string('m', 280);
        var wish = TipWish.New() with { Message = $"  \n{longest}\t " };

        Assert.Equal(longest, await MessageOfAsync(wish));
        var refused = await _client.CallAsync("tip.create", (wish with { Message = longest + "m" }).Params, Ct);
        refused.AssertError(-32602, "Invalid params");
        Assert.Equal(["message"], refused.Paths);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" \n\t ")]
    public async Task A_blank_message_is_none(string? message) =>
        Assert.Null(await MessageOfAsync(TipWish.New() with { Message = message }));

    [Fact]
    public async Task Unknown_parameters_are_ignored()
    {
        var wish = TipWish.New();
        var reply = await _client.CallAsync(
            "tip.create",
            new { amount = "1", asset = "CKB", postId = "1", fromUserId = wish.From, toUserId = wish.To, topicId = "5", x = new { y = 1 } },
            Ct);

        Assert.Equal(["invoice"], reply.Result.EnumerateObject().Select(p => p.Name));
    }

    [Fact]
    public async Task A_configured_token_is_ordered_by_its_script_and_its_decimals()
    {
        await using var service = await RunningService.StartAsync(new Opening
        {
            Change = s => s with { Tokens = [AssetDefinition.Token(new Asset("USDI"), 6, Usdi)] },
        });
        var wish = TipWish.New() with { Asset = "USDI", Amount = "1.25" };
        var invoice = await service.Client.TipAsync(wish, Ct);
        Assert.Equal((UInt128)1_250_000, (await service.Control.ListAsync(Ct)).Single().Amount);
        Assert.Equal(UInt128.Zero, await ShannonAsync(service, wish.To));

        (await service.Client.CallAsync("tip.create", (wish with { Amount = "0.0000001" }).Params, Ct))
            .AssertError(-32602, "Invalid params");
        await service.Control.PayAsync(invoice, Ct);
        await service.ReachesAsync(invoice, "SETTLED");
        await service.DashboardsAreCurrentAsync();

        // Credited as USDI; the contract's balance is in CKB and does not mix them.
        Assert.Equal("0", await service.Client.BalanceAsync(wish.To, Ct));
        Assert.Equal(
            ["HubChannels//-1250000", $"MemberAvailable/{wish.To}/1250000"],
            await service.Database.TextsAsync(
                "select account || '/' || member || '/' || units from read_models.account_balances where asset = 'USDI' order by 1"));
        var tip = (await service.Client.DashboardAsync(wish.To, Ct)).GetProperty("tips")[0];
        Assert.Equal(("1.25", "USDI"), (tip.GetProperty("amount").GetString(), tip.GetProperty("asset").GetString()));
    }

    private async Task IsRefusedAsync(string parameters, string path, string says)
    {
        await one.Running.DashboardsAreCurrentAsync();
        var before = await one.Running.Database.TraceAsync();
        var invoices = (await one.Running.Control.ListAsync(Ct)).Count;

        var body = $$"""{"jsonrpc":"2.0","id":1,"method":"tip.create","params":{{parameters}}}""";
        var reply = await _client.SendAsync(_client.Sign(body), Ct);
        reply.AssertError(-32602, "Invalid params");
        Assert.Equal([path], reply.Paths);
        Assert.Contains(says, reply.FirstIssue, StringComparison.Ordinal);

        Assert.Equal(before, await one.Running.Database.TraceAsync());
        Assert.Equal(invoices, (await one.Running.Control.ListAsync(Ct)).Count);
    }

    private async Task<string?> MessageOfAsync(TipWish wish)
    {
        await _client.TipAsync(wish, Ct);
        await one.Running.DashboardsAreCurrentAsync();
        return (await _client.DashboardAsync(wish.To, Ct)).GetProperty("tips")[0].GetProperty("message").GetString();
    }

    private static async Task<UInt128> ShannonAsync(RunningService service, string member) =>
        AmountText.Parse(await service.Client.BalanceAsync(member, Ct), AssetDefinition.Ckb, out _)?.Units ?? 0;
}
