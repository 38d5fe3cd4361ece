using FiberLink.Service.Tests.Scene;
using FiberLink.Service.Withdrawals.Administration;

namespace FiberLink.Service.Tests.Withdrawals;

/// <summary>What operators decide about what is to leave over the chain: no cell is reserved for what they hold back.</summary>
public sealed class Deciding_about_a_withdrawal_on_chain : IAsyncLifetime
{
    private RunningService _service = null!;
    private OperatorsProcess _operators = null!;

    private WithdrawalAdministration Admin => _operators.Withdrawals;

    public async ValueTask InitializeAsync()
    {
        _service = await RunningService.StartAsync(new Opening { WithChain = true });
        _operators = new(_service);
        await _service.LimitAsync(RunningService.App, new() { ApprovalAbove = 65 });
        await _service.GiveAsync(RunningService.App, "alice", "100");
        await _service.OnChain!.FundAsync(1_000, 2, Ct);
    }

    public async ValueTask DisposeAsync()
    {
        await _operators.DisposeAsync();
        await _service.DisposeAsync();
    }

    [Fact]
    public async Task What_is_agreed_to_and_let_go_on_is_paid_and_is_called_back_by_nobody_then()
    {
        var (address, recipient) = PaidChain.NewRecipient();
        var id = await RequestAsync(address);
        await Admin.HoldAsync(null, id, "ann", "a strange address", Ct).IsDoneAsync();
        await Admin.ApproveAsync(null, id, "bob", "known member", Ct).IsDoneAsync();
        await NothingIsSentAsync(id);
        await Admin.ReleaseAsync(null, id, "bob", "asked the member", Ct).IsDoneAsync();
        await _service.StageIsAsync($"{id}", "Sent");

        foreach (var answer in (OperatorAnswer[])
            [await Admin.HoldAsync(null, id, "ann", "too late", Ct), await Admin.CancelAsync(null, id, "ann", "too late", Ct)])
        {
            Assert.Contains(
                "nobody can call that back", Assert.IsType<OperatorAnswer.Refused>(answer).Why, StringComparison.Ordinal);
        }

        await _service.MinedUntilAsync($"{id}", "Completed");
        Assert.Equal((100 * (UInt128)PaidChain.Ckb) - 1_000, await _service.OnChain!.HeldByAsync(recipient, Ct));
        await _service.BooksAreEvenAsync();
    }

    [Fact]
    public async Task What_is_cancelled_leaves_nothing_reserved()
    {
        var id = await RequestAsync(PaidChain.NewRecipient().Address);
        await Admin.CancelAsync(null, id, "ann", "the member's wish", Ct).IsDoneAsync();

        await NothingIsSentAsync(id, "Cancelled");
        Assert.Equal(100 * (long)PaidChain.Ckb, await _service.UnitsAsync("MemberAvailable", "alice"));
        await _service.BooksAreEvenAsync();
    }

    /// <summary>A hold has an owner, a deadline and an end that sends nothing to anybody.</summary>
    [Fact]
    public async Task What_nobody_releases_in_time_is_the_members_again()
    {
        var id = await RequestAsync(PaidChain.NewRecipient().Address);
        await Admin.ApproveAsync(null, id, "bob", "known member", Ct).IsDoneAsync();
        await Admin.HoldAsync(null, id, "ann", "a strange address", Ct).IsDoneAsync();
        _service.Clock.Move(TimeSpan.FromDays(29));
        await NothingIsSentAsync(id);

        _service.Clock.Move(TimeSpan.FromDays(2));
        await _service.StageIsAsync($"{id}", "Failed");
        Assert.Equal(
            ["It was held back, and nobody released it within 30 days."],
            await _service.Database.TextsAsync("select last_error from read_models.withdrawals"));
        Assert.Equal(100 * (long)PaidChain.Ckb, await _service.UnitsAsync("MemberAvailable", "alice"));
        await _service.BooksAreEvenAsync();
    }

    private async Task<Guid> RequestAsync(string address) => Guid.Parse(
        (await _service.Client.WithdrawAsync("alice", "100", address, Ct)).Result.GetProperty("id").GetString()!);

    private async Task NothingIsSentAsync(Guid id, string stage = "Queued")
    {
        Assert.Equal(stage, await _service.StageOfAsync($"{id}"));
        Assert.Equal(0, await _service.Database.CountAsync("select count(*) from read_models.wallet_cells"));
        Assert.Empty((await _service.OnChain!.Control.StateAsync(Ct)).Pool);
    }
}
