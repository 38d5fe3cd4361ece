using FiberLink.Sandbox.Payments;
using FiberLink.Service.Tests.Scene;
using FiberLink.Service.Withdrawals.Administration;

namespace FiberLink.Service.Tests.Withdrawals;

/// <summary>What operators decide, in a process that pays nothing, reaches the service that does.</summary>
public sealed class Deciding_about_a_withdrawal(OneService one) : IClassFixture<OneService>, IAsyncLifetime
{
    private const string Member = "9";

    private readonly OperatorsProcess _operators = new(one.Running);
    private SignedClient _client = null!;

    private RunningService Service => one.Running;

    private WithdrawalAdministration Admin => _operators.Withdrawals;

    public async ValueTask InitializeAsync()
    {
        _client = await Service.NewCommunityAsync();
        await _operators.Rules.SetLimitsAsync(_client.App, "CKB", new() { ApprovalAbove = new(10_00000000) }, "ann", "a plan", Ct)
            .IsDoneAsync();
        await Service.EarnAsync(_client, Member, "100");
    }

    public ValueTask DisposeAsync() => _operators.DisposeAsync();

    [Fact]
    public async Task What_another_person_agrees_to_is_paid_and_what_the_member_agrees_to_is_not()
    {
        var id = await RequestAsync();

        await Admin.ApproveAsync(null, id, Member, "mine", Ct).IsRefusedAsync(
            "It cannot be approved: 9 has asked for it, and whoever asks cannot agree to it. Another person must.");
        Assert.Equal("Queued", await Service.StageOfAsync($"{id}"));
        await Admin.ApproveAsync(_client.App, id, "ann", "known member", Ct).IsDoneAsync();
        await Service.StageIsAsync($"{id}", "Completed");

        await Admin.ApproveAsync(null, id, "ann", "again", Ct)
            .IsRefusedAsync("It cannot be approved: it is complete, the recipient has the money.");
        await Admin.CancelAsync(null, id, "ann", "too late", Ct)
            .IsRefusedAsync("It cannot be cancelled: it is complete, the recipient has the money.");
    }

    [Fact]
    public async Task What_is_held_back_waits_although_it_is_agreed_to_and_goes_on_when_it_is_released()
    {
        var id = await RequestAsync();
        await Admin.HoldAsync(null, id, "ann", "a strange amount", Ct).IsDoneAsync();
        await Admin.HoldAsync(null, id, "bob", "so it is", Ct).IsNothingNewAsync();
        await Admin.ApproveAsync(null, id, "bob", "known member", Ct).IsDoneAsync();
        await Admin.RetryAsync(null, id, "bob", "go on", Ct).IsRefusedAsync(
            "It cannot be retried: it does not wait for its next attempt. It is held back: release it.");

        var standing = (await _operators.Reports.FindAsync(null, id, Ct))!.Standing;
        Assert.Matches("^held back by ann since .*: a strange amount$", Assert.Single(standing.Waits));
        Assert.Equal("Queued", await Service.StageOfAsync($"{id}"));

        await Admin.ReleaseAsync(null, id, "bob", "asked the member", Ct).IsDoneAsync();
        await Service.StageIsAsync($"{id}", "Completed");
        Assert.Equal(
            ["service", "operator:ann", "operator:bob", "operator:bob"],
            (await _operators.Reports.FindAsync(null, id, Ct))!.Events.Take(4)
                .Select(e => e.Metadata.Actor!.StartsWith("app:", StringComparison.Ordinal) ? "service" : e.Metadata.Actor));
    }

    [Fact]
    public async Task What_is_cancelled_is_the_members_again_and_may_be_asked_for_anew_at_once()
    {
        var invoice = await InvoiceAsync();
        var id = await RequestAsync(invoice);
        await Admin.CancelAsync(_client.App, id, "ann", "the member's wish", Ct).IsDoneAsync();
        await Admin.CancelAsync(_client.App, id, "ann", "the member's wish", Ct).IsNothingNewAsync();

        await Admin.ReleaseAsync(null, id, "ann", "after all", Ct).IsRefusedAsync(
            "It cannot be released: it was cancelled, the member has the money again and may ask anew.");
        Assert.Equal("100", (await _client.QuoteAsync(Member, "50", invoice, Ct)).GetProperty("availableBalance").GetString());
        Assert.NotEqual(id, await RequestAsync(invoice));
    }

    [Fact]
    public async Task The_pause_after_a_failed_attempt_is_ended_by_hand()
    {
        var invoice = await InvoiceAsync();
        await Service.Control.Payments.DecideAsync(PaymentEnding.Fails, "TemporaryChannelFailure", 1, Ct);
        var id = await RequestAsync(invoice);
        await Admin.RetryAsync(null, id, "ann", "go on", Ct).IsRefusedAsync(
            "It cannot be retried: it does not wait for its next attempt. It waits for somebody to agree: approve it.");
        await Admin.ApproveAsync(null, id, "ann", "known member", Ct).IsDoneAsync();
        await FiberLink.Testing.Eventually.HoldsAsync(
            "an attempt has failed",
            async () => await Service.Database.CountAsync(
                """
                select count(*) from read_models.withdrawals
                 where withdrawal_id = $1 and stage = 'Queued' and last_error is not null
                """,
                id) == 1,
            Ct);

        await Admin.RetryAsync(null, id, "ann", "the peer is back", Ct).IsDoneAsync();

        // The service's clock stands for nothing here: without the decision it would wait for a minute.
        await Service.StageIsAsync($"{id}", "Completed");
    }

    [Fact]
    public async Task What_is_under_way_cannot_be_called_back()
    {
        await Service.Control.Payments.DecideAsync(PaymentEnding.IsHeld, null, 1, Ct);
        var id = await RequestAsync();
        await Admin.ApproveAsync(null, id, "ann", "known member", Ct).IsDoneAsync();
        await Service.StageIsAsync($"{id}", "Sent");

        foreach (var decide in (Func<string?, Guid, string, string, CancellationToken, Task<OperatorAnswer>>[])
            [Admin.HoldAsync, Admin.CancelAsync, Admin.RetryAsync, Admin.ReleaseAsync])
        {
            Assert.Contains(
                "nobody can call that back",
                Assert.IsType<OperatorAnswer.Refused>(await decide(null, id, "ann", "stop", Ct)).Why,
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Nothing_is_decided_about_another_communitys_or_by_nobody()
    {
        var id = await RequestAsync();

        await Admin.CancelAsync("demo", id, "ann", "x", Ct).IsRefusedAsync($"There is no withdrawal {id} in demo.");
        await Admin.CancelAsync(null, Guid.Empty, "ann", "x", Ct).IsRefusedAsync($"There is no withdrawal {Guid.Empty}.");
        await Admin.CancelAsync(null, id, "", "x", Ct).IsRefusedAsync("Say who decides it (--by): one line of 1 to 100 characters.");
        Assert.Equal("Queued", await Service.StageOfAsync($"{id}"));
    }

    private Task<string> InvoiceAsync() => Service.Control.Payments.IssueAsync(new(50_00000000), Ct);

    private async Task<Guid> RequestAsync(string? invoice = null) => Guid.Parse(
        (await _client.WithdrawAsync(Member, "50", invoice ?? await InvoiceAsync(), Ct)).Result.GetProperty("id").GetString()!);
}
