using FiberLink.HubNode;
using FiberLink.HubNode.Invoices;
using FiberLink.Sandbox.Payments;
using FiberLink.Service.Tests.Scene;

namespace FiberLink.Service.Tests.Withdrawals;

/// <summary>From a settled tip to a paid invoice of somebody else's node.</summary>
public sealed class Withdrawing_to_an_invoice(OneService one) : IClassFixture<OneService>
{
    private readonly RunningService _service = one.Running;

    [Fact]
    public async Task A_payee_is_paid_once_and_what_the_way_did_not_cost_returns()
    {
        var (client, member) = (await _service.NewCommunityAsync(), "alice");
        await _service.EarnAsync(client, member, "100");
        var invoice = await InvoiceAsync(50_00000000);

        var reply = await client.WithdrawAsync(member, "50", invoice, Ct);
        var id = reply.Result.GetProperty("id").GetString()!;
        await _service.StageIsAsync(id, "Completed");

        Assert.Equal(1, (await _service.Control.Payments.ListAsync(Ct)).Count(p => p.PaymentHash == HashOf(invoice)));
        var fee = await _service.Database.CountAsync(
            "select fee::bigint from read_models.withdrawals where withdrawal_id = $1", Guid.Parse(id));
        Assert.InRange(fee, 0, 25_000_000);
        Assert.Equal(50_00000000 - fee, await AvailableAsync(client.App, member));
        Assert.Equal(0, await HeldAsync(client.App, member));
        Assert.Equal(0, await SumAsync(client.App));
    }

    [Fact]
    public async Task A_payment_that_fails_for_good_gives_the_money_back()
    {
        var (client, member) = (await _service.NewCommunityAsync(), "alice");
        await _service.EarnAsync(client, member, "100");
        var invoice = await InvoiceAsync(50_00000000);
        await _service.Control.Payments.DecideAsync(invoice, PaymentEnding.Fails, "InvoiceCancelled", Ct);

        var id = (await client.WithdrawAsync(member, "50", invoice, Ct)).Result.GetProperty("id").GetString()!;
        await _service.StageIsAsync(id, "Failed");

        Assert.Equal(100_00000000, await AvailableAsync(client.App, member));
        Assert.Equal(0, await HeldAsync(client.App, member));
    }

    /// <summary>Money bug 10: one invoice is one payment, whoever asks for it and however often.</summary>
    [Fact]
    public async Task An_invoice_is_taken_by_one_withdrawal_alone()
    {
        var (first, second) = (await _service.NewCommunityAsync(), await _service.NewCommunityAsync());
        await _service.GiveAsync(first.App, "alice", "100");
        await _service.GiveAsync(second.App, "bob", "100");
        var invoice = await InvoiceAsync(50_00000000);

        var id = (await first.WithdrawAsync("alice", "50", invoice, Ct)).Result.GetProperty("id").GetString()!;
        (await second.WithdrawAsync("bob", "50", invoice, Ct)).AssertError(-32602, "payment request is used by another withdrawal already");
        await _service.StageIsAsync(id, "Completed");
        (await second.WithdrawAsync("bob", "50", invoice, Ct)).AssertError(-32602, "payment request is used by another withdrawal already");

        Assert.Equal(100_00000000, await AvailableAsync(second.App, "bob"));
    }

    [Theory]
    [InlineData("51", "The invoice is over 5000000000, not 5100000000.")]
    [InlineData("50", null)]
    public async Task An_invoice_of_another_amount_is_refused_and_never_shown_to_the_node(string amount, string? says)
    {
        var (client, member) = (await _service.NewCommunityAsync(), "alice");
        await _service.EarnAsync(client, member, "100");
        var invoice = await InvoiceAsync(50_00000000);

        var reply = await client.WithdrawAsync(member, amount, invoice, Ct);

        Assert.Equal(says is null ? null : -32602, reply.ErrorCode);
        if (says is not null)
        {
            Assert.Equal($"payment request cannot be paid: {says}", reply.ErrorMessage);
            Assert.DoesNotContain(await _service.Control.Payments.ListAsync(Ct), p => p.PaymentHash == HashOf(invoice));
        }
    }

    private static PaymentHash HashOf(string invoice) =>
        Assert.IsType<InvoiceReading.Decoded>(InvoiceCodec.Decode(invoice)).Invoice.PaymentHash;

    private Task<string> InvoiceAsync(UInt128 shannon) => _service.Control.Payments.IssueAsync(new(shannon), Ct);

    private Task<long> AvailableAsync(string app, string member) => BalanceAsync(app, member, "MemberAvailable");

    private Task<long> HeldAsync(string app, string member) => BalanceAsync(app, member, "MemberHeld");

    private Task<long> BalanceAsync(string app, string member, string account) => _service.Database.CountAsync(
        "select units::bigint from read_models.account_balances where tenant_id = $1 and member = $2 and account = $3",
        app, member, account);

    private Task<long> SumAsync(string app) => _service.Database.CountAsync(
        "select sum(units)::bigint from read_models.account_balances where tenant_id = $1", app);
}
