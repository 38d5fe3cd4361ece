using FiberLink.Events;
using FiberLink.Events.Money;
using FiberLink.Events.Withdrawals;
using FiberLink.EventStore;
using FiberLink.Service.Tests.Scene;

namespace FiberLink.Service.Tests.Withdrawals;

/// <summary>W-13, W-31, W-40, W-41: each rule in the words that the plugin shows; a quote says the same before.</summary>
public sealed class Refusals_as_published(OneServiceWithChain one) : IClassFixture<OneServiceWithChain>
{
    private readonly RunningService _service = one.Running;

    public static TheoryData<string, string, string> Destinations => new()
    {
        { "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "CKB", "withdrawal destination must be a CKB address (ckt1... or ckb1...)" },
        { "ckt1notanaddress", "CKB", "invalid CKB destination address: " },
        { "ckb1qzda0cr08m85hc8jlnfp3zer7xulejywt49kt2rr0vthywaa50xwsqdnnw7qkdnnclfkg59uzn8umtfd2kwxceqxwquc4", "CKB",
            "invalid CKB destination address: The address is of another network" },
        { "", "USDI", "CKB address withdrawal destination currently supports only CKB asset" },
    };

    [Theory]
    [MemberData(nameof(Destinations))]
    public async Task A_destination_that_is_none_is_told_by_quote_and_request_alike(string address, string asset, string says)
    {
        address = address.Length == 0 ? PaidChain.NewRecipient().Address : address;
        var wish = new { userId = "nobody", amount = "61", asset, destination = WithdrawalCalls.To(address) };
        if (!address.StartsWith("ck", StringComparison.Ordinal))
        {
            wish = wish with { destination = new { kind = "CKB_ADDRESS", address } };
        }

        var quote = (await _service.Client.CallAsync("withdrawal.quote", wish, Ct)).Result;
        var reply = await _service.Client.CallAsync("withdrawal.request", wish, Ct);

        Assert.False(quote.GetProperty("destinationValid").GetBoolean());
        Assert.StartsWith(says, quote.GetProperty("validationMessage").GetString(), StringComparison.Ordinal);
        Assert.Equal(-32602, reply.ErrorCode);
        Assert.StartsWith(says, reply.ErrorMessage, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        "60.99999999",
        "Minimum withdrawal is 61 CKB.",
        "withdrawal amount 60.99999999 is below minimum required 61 for destination address")]
    [InlineData("5000.00000001", null, "withdrawal amount 5000.00000001 exceeds per-request limit 5000")]
    [InlineData("300.00000001", "Amount exceeds your available balance.", "Insufficient balance for withdrawal")]
    public async Task An_amount_is_refused_in_the_published_words(string amount, string? quoted, string refused)
    {
        var client = await _service.NewCommunityAsync();
        await _service.GiveAsync(client.App, "alice", amount.StartsWith("5000", StringComparison.Ordinal) ? "6000" : "300");
        var address = PaidChain.NewRecipient().Address;

        var quote = await client.QuoteAsync("alice", amount, address, Ct);
        (await client.WithdrawAsync("alice", amount, address, Ct)).AssertError(-32602, refused);

        Assert.Equal(quoted ?? refused, quote.GetProperty("validationMessage").GetString());
        Assert.Equal(quoted is not null, quote.GetProperty("destinationValid").GetBoolean());
    }

    [Fact]
    public async Task Limits_of_a_day_and_of_what_is_open_are_told_with_their_figures()
    {
        var client = await _service.NewCommunityAsync();
        foreach (var member in (string[])["alice", "bob", "carol"])
        {
            await _service.GiveAsync(client.App, member, "1000");
        }

        await _service.LimitAsync(client.App, new() { RequestMax = 100, MemberDayMax = 150, CommunityDayMax = 220, MemberOpenMax = 120 });
        await GrantedAsync(client, "alice", "100");
        await RefusedAsync(client, "alice", "61", "daily user withdrawal limit exceeded: 161 > 150");
        await GrantedAsync(client, "bob", "100");
        await RefusedAsync(client, "carol", "61", "daily app withdrawal limit exceeded: 261 > 220");

        // A day later the limits of the day are free, and what is open is open.
        await _service.LimitAsync(
            client.App, new() { RequestMax = 100, MemberDayMax = 1_500, CommunityDayMax = 2_200, MemberOpenMax = 120 });
        await RefusedAsync(client, "alice", "61", "open withdrawals limit exceeded: 161 > 120");
    }

    [Fact]
    public async Task A_cooldown_is_told_with_the_seconds_that_are_left()
    {
        var client = await _service.NewCommunityAsync();
        await _service.GiveAsync(client.App, "alice", "1000");
        await _service.LimitAsync(client.App, new() { Cooldown = 172_800 });
        await GrantedAsync(client, "alice", "61");

        var reply = await client.WithdrawAsync("alice", "62", PaidChain.NewRecipient().Address, Ct);

        Assert.Equal(-32602, reply.ErrorCode);
        Assert.Matches("^withdrawal cooldown active, retry in 172[78][0-9]{2}s$", reply.ErrorMessage);
    }

    [Fact]
    public async Task What_operators_have_stopped_is_stopped_everywhere_it_was_said_for()
    {
        var (client, other) = (await _service.NewCommunityAsync(), await _service.NewCommunityAsync());
        await _service.GiveAsync(client.App, "alice", "1000");
        await _service.GiveAsync(other.App, "alice", "1000");
        var now = _service.Clock.GetUtcNow();
        var control = new StreamId(client.App, "payout_control");

        await _service.AppendAsync(control, new PayoutControlEvent.Paused(null, "olga", "an audit", now));
        await RefusedAsync(client, "alice", "61", "withdrawals are paused: an audit");
        await GrantedAsync(other, "alice", "61");

        await _service.AppendAsync(control, new PayoutControlEvent.Resumed(null, "olga", "done", now));
        await _service.AppendAsync(control, new PayoutControlEvent.Denied(DenialKind.Member, "alice", "olga", "stolen", now));
        await RefusedAsync(client, "alice", "61", "withdrawals of this member are stopped; please ask the operators");

        await _service.AppendAsync(control, new PayoutControlEvent.Readmitted(DenialKind.Member, "alice", "olga", "back", now));
        var address = PaidChain.NewRecipient().Address;
        var hub = new StreamId(Tenants.Hub, "payout_control");
        await _service.AppendAsync(hub, new PayoutControlEvent.Denied(DenialKind.Destination, address, "olga", "a thief's", now));
        (await client.WithdrawAsync("alice", "61", address, Ct))
            .AssertError(-32602, "withdrawals to this destination are stopped; please ask the operators");
        await GrantedAsync(client, "alice", "61");
    }

    [Fact]
    public async Task An_asset_that_the_policy_forbids_is_not_withdrawn()
    {
        var client = await _service.NewCommunityAsync();
        await _service.GiveAsync(client.App, "alice", "1000");
        var limits = new TestLimits().ToLimits(Asset.Ckb) with { IsAllowed = false };
        await _service.AppendAsync(
            new StreamId(client.App, "payout_policy-CKB"),
            new PayoutPolicyEvent.Changed(Asset.Ckb, limits, "olga", "a test", _service.Clock.GetUtcNow()));

        await RefusedAsync(client, "alice", "61", $"asset CKB is not allowed for withdrawals in app {client.App}");
    }

    /// <summary>The old way of saying where to, which a request still takes.</summary>
    [Fact]
    public async Task The_old_parameter_is_read_as_the_address_or_the_invoice_that_it_is()
    {
        var client = await _service.NewCommunityAsync();
        await _service.GiveAsync(client.App, "alice", "1000");
        object Old(string toAddress) => new { userId = "alice", amount = "61", asset = "CKB", toAddress };

        var granted = await client.CallAsync("withdrawal.request", Old(PaidChain.NewRecipient().Address.ToUpperInvariant()), Ct);
        var refused = await client.CallAsync("withdrawal.request", Old("lnbc1notone"), Ct);

        Assert.Null(granted.ErrorCode);
        Assert.Equal(-32602, refused.ErrorCode);
        Assert.StartsWith("invalid payment request: ", refused.ErrorMessage, StringComparison.Ordinal);
    }

    private static async Task GrantedAsync(SignedClient client, string member, string amount) =>
        Assert.Null((await client.WithdrawAsync(member, amount, PaidChain.NewRecipient().Address, Ct)).ErrorMessage);

    private static async Task RefusedAsync(SignedClient client, string member, string amount, string says)
    {
        var address = PaidChain.NewRecipient().Address;
        var quote = await client.QuoteAsync(member, amount, address, Ct);
        (await client.WithdrawAsync(member, amount, address, Ct)).AssertError(-32602, says);
        Assert.Equal(says, quote.GetProperty("validationMessage").GetString());
        Assert.False(quote.GetProperty("destinationValid").GetBoolean());
    }
}
