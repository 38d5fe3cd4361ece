using FiberLink.Events.Money;
using FiberLink.Events.Withdrawals;
using FiberLink.EventStore;
using FiberLink.Projections.Withdrawals;

namespace FiberLink.Projections.Tests;

public sealed class Where_a_withdrawal_stands(ReadModelsUnderTest models) : IClassFixture<ReadModelsUnderTest>, IAsyncLifetime
{
    private WithdrawalsQuery Query => new(models.Database);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await models.ResetAsync();
        await models.AppendAllAsync([Withdrawal.Funds("demo", "alice", Asset.Ckb, 100_000)], Ct);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData("Requested", WithdrawalStage.Queued)]
    [InlineData("Requested Awaited HeldBack Released", WithdrawalStage.Queued)]
    [InlineData("Requested Prepared", WithdrawalStage.Prepared)]
    [InlineData("Requested Awaited Prepared Sent", WithdrawalStage.Sent)]
    [InlineData("Requested Prepared Replaced", WithdrawalStage.Prepared)]
    [InlineData("Requested Prepared Sent InBlock", WithdrawalStage.InBlock)]
    [InlineData("Requested Prepared Sent InBlock InOtherBlock", WithdrawalStage.InBlock)]
    [InlineData("Requested Prepared Sent InBlock TakenBack", WithdrawalStage.Sent)]
    [InlineData("Requested Prepared AttemptFailed", WithdrawalStage.Queued)]
    [InlineData("Requested Prepared AttemptFailed InBlock", WithdrawalStage.InBlock)]
    [InlineData("Requested Prepared AttemptFailed Failed", WithdrawalStage.Failed)]
    [InlineData("Requested Prepared InBlock Completed", WithdrawalStage.Completed)]
    [InlineData("Requested Prepared InBlock Completed TakenBack", WithdrawalStage.Completed)]
    [InlineData("Requested Prepared InBlock Completed TakenBack InOtherBlock", WithdrawalStage.Completed)]
    [InlineData("Requested Prepared InBlock CompletedWorth TakenBack InOtherBlock MadeFinal", WithdrawalStage.Completed)]
    [InlineData("Requested Prepared InBlock Completed UsdQuoted", WithdrawalStage.Completed)]
    [InlineData("Requested Cancelled", WithdrawalStage.Cancelled)]
    [InlineData("Requested Prepared AttemptFailed Failed PaidAfterFailure", WithdrawalStage.PaidAfterFailure)]
    [InlineData("Requested Prepared AttemptFailed PreparedAgain Completed PaidAfterFailure", WithdrawalStage.PaidAfterFailure)]
    [InlineData("Requested Prepared InBlock Completed TakenBack Lost", WithdrawalStage.Lost)]
    [InlineData("Requested Prepared InBlock Completed TakenBack Lost PaidAfterFailure", WithdrawalStage.PaidAfterFailure)]
    public async Task Is_the_same_whether_events_come_one_by_one_or_at_once_or_after_the_rest(string life, WithdrawalStage stage)
    {
        var names = life.Split(' ');
        var rows = new List<WithdrawalRow>();
        for (var cut = 0; cut <= names.Length; cut++)
        {
            var withdrawal = new Withdrawal("alice", 100) { NotBefore = Tip.Noon };
            WithdrawalEvent[] all = [.. withdrawal.Life(life)];
            await models.AppendAllAsync(
                (cut == names.Length ? all.Select(e => (WithdrawalEvent[])[e]) : [all[..cut], all[cut..]])
                    .Where(e => e.Length > 0)
                    .Select(e => withdrawal.Happens(e)),
                Ct);
            rows.Add((await Query.FindAsync("demo", withdrawal.Id, Ct))!);
        }

        Assert.Equal(stage, rows[0].Stage);
        Assert.Single(rows.Select(r => r with
        {
            WithdrawalId = Guid.Empty,
            Evidence = r.Evidence is { } hash ? $"{hash[^1]}" : null,
        }).Distinct());
    }

    [Fact]
    public async Task Says_everything_that_is_shown()
    {
        var withdrawal = new Withdrawal("alice", 100) { NotBefore = Tip.Noon.AddDays(1), NeedsApproval = true };
        var row = new WithdrawalRow(
            "demo", withdrawal.Id, "alice", new(Asset.Ckb, 100), 90, 100, DestinationKind.CkbAddress, "ckt1qalice",
            WithdrawalStage.Queued, true, false, false, Tip.Noon.AddDays(1), 0, null, null, null, null, null, false, Tip.Noon, Tip.Noon,
            null);

        row = await AfterAsync(withdrawal, row, withdrawal.Requested);
        row = await AfterAsync(withdrawal, row with { NeedsApproval = false }, withdrawal.Approved);
        row = await AfterAsync(withdrawal, row with { IsHeldBack = true }, withdrawal.HeldBack);
        row = await AfterAsync(withdrawal, row with { IsHeldBack = false, NotBefore = null }, withdrawal.Released);
        row = await AfterAsync(withdrawal, row with { AwaitsLiquidity = true }, withdrawal.Awaited);
        row = await AfterAsync(withdrawal, row with { AwaitsLiquidity = false }, withdrawal.Covered);
        row = await AfterAsync(withdrawal, row with { AwaitsLiquidity = true }, withdrawal.Awaited);
        row = await AfterAsync(
            withdrawal,
            row with { AwaitsLiquidity = false, Stage = WithdrawalStage.Prepared, Attempt = 1, Evidence = withdrawal.Hash(1) },
            withdrawal.Prepared);
        row = await AfterAsync(
            withdrawal,
            row with { Stage = WithdrawalStage.Queued, LastError = "spent elsewhere", NotBefore = Tip.Noon.AddMinutes(1) },
            withdrawal.AttemptFailed);
        row = await AfterAsync(
            withdrawal,
            row with { Stage = WithdrawalStage.Prepared, Attempt = 2, Evidence = withdrawal.Hash(2) },
            withdrawal.PreparedAgain);
        row = await AfterAsync(withdrawal, row with { Stage = WithdrawalStage.Sent }, withdrawal.Sent);
        row = await AfterAsync(
            withdrawal, row with { Stage = WithdrawalStage.InBlock, BlockNumber = Withdrawal.BlockNumberMax }, withdrawal.InBlock);
        row = await AfterAsync(
            withdrawal,
            row with
            {
                Stage = WithdrawalStage.Completed,
                Evidence = withdrawal.Hash(1),
                Fee = 10,
                CompletedAt = Tip.Noon.AddHours(1),
            },
            withdrawal.Completed);
        row = await AfterAsync(withdrawal, row with { BlockNumber = null }, withdrawal.TakenBack);
        row = await AfterAsync(withdrawal, row with { BlockNumber = 501 }, withdrawal.InOtherBlock);
        row = await AfterAsync(withdrawal, row with { UsdCents = 250 }, withdrawal.UsdQuoted);
        await AfterAsync(withdrawal, row with { IsFinal = true }, withdrawal.MadeFinal);
    }

    /// <summary>Nothing is watched of a payment that has arrived.</summary>
    [Fact]
    public async Task Is_final_at_once_for_an_invoice()
    {
        var paid = new Withdrawal("alice", 100) { PaymentHash = "0x7a" };
        var onChain = new Withdrawal("alice", 100);
        await models.AppendAllAsync(
            [
                .. from withdrawal in (Withdrawal[])[paid, onChain]
                   from @event in withdrawal.Life("Requested Prepared Completed")
                   select withdrawal.Happens(@event),
            ],
            Ct);

        Assert.True((await Query.FindAsync("demo", paid.Id, Ct))!.IsFinal);
        Assert.False((await Query.FindAsync("demo", onChain.Id, Ct))!.IsFinal);
    }

    [Fact]
    public async Task Is_found_and_listed_by_what_is_asked_for()
    {
        var first = new Withdrawal("alice", 100);
        var second = new Withdrawal("alice", 200) { NeedsApproval = true, At = Tip.Noon.AddMinutes(1) };
        var other = new Withdrawal("bob", 300) { Tenant = "other", At = Tip.Noon.AddMinutes(2) };
        await models.AppendAllAsync(
            [
                Withdrawal.Funds("other", "bob", Asset.Ckb, 1_000),
                first.Happens(first.Requested, first.Prepared),
                second.Happens(second.Requested),
                other.Happens(other.Requested, other.Spending(1, first.Hash(1), ["0xother:0"], null, 1)),
            ],
            Ct);

        Assert.Equal([other.Id, second.Id, first.Id], await ListAsync(new(null, null, null, false, 10)));
        Assert.Equal([second.Id, first.Id], await ListAsync(new("demo", null, null, false, 10)));
        Assert.Equal([other.Id], await ListAsync(new(null, "bob", null, false, 10)));
        Assert.Equal([other.Id, first.Id], await ListAsync(new(null, null, [WithdrawalStage.Prepared], false, 10)));
        Assert.Equal([second.Id], await ListAsync(new(null, null, null, true, 10)));
        Assert.Equal([other.Id], await ListAsync(new(null, null, null, false, 1)));
        Assert.Equal([first.Id, other.Id], (await Query.OfEvidenceAsync(first.Hash(1), Ct)).Select(r => r.WithdrawalId));
        Assert.NotNull(await Query.FindAsync(null, first.Id, Ct));
        Assert.Null(await Query.FindAsync("other", first.Id, Ct));
    }

    [Fact]
    public async Task Belongs_to_one_withdrawal_for_each_invoice_unless_the_one_before_has_failed()
    {
        var first = new Withdrawal("alice", 100) { PaymentHash = "0x7b" };
        var second = first with { Id = Guid.CreateVersion7() };
        var third = first with { Id = Guid.CreateVersion7() };
        var broken = new AppendResult.ConstraintBroken(WithdrawalsProjection.InvoiceIsOpen);
        await models.AppendAllAsync([first.Happens(first.Requested)], Ct);
        Assert.Equal(broken, await models.AppendAsync(second.Happens(second.Requested), Ct));

        await models.AppendAllAsync(
            [first.Happens(first.Prepared, first.AttemptFailed, first.Failed), second.Happens(second.Requested)], Ct);
        Assert.Equal(broken, await models.AppendAsync(third.Happens(third.Requested), Ct));

        // What is seen of the first is stored all the same.
        await models.AppendAllAsync(
            [first.Happens(first.PaidAfterFailure), second.Happens(second.Prepared, second.Completed)], Ct);
        Assert.Equal(broken, await models.AppendAsync(third.Happens(third.Requested), Ct));
    }

    /// <summary>One change over several streams is written as one batch.</summary>
    [Fact]
    public async Task Keeps_the_order_of_one_change()
    {
        var first = new Withdrawal("alice", 100) { Id = Withdrawal.Turn(1), PaymentHash = "0x7c" };
        var second = first with { Id = Withdrawal.Turn(2) };
        var third = first with { Id = Withdrawal.Turn(4) };

        Assert.IsType<AppendResult.Appended>(await models.AppendTogetherAsync(
            Ct,
            first.Happens(first.Requested, first.Cancelled),
            second.Happens(second.Requested, second.Cancelled),
            third.Happens(third.Requested)));
        var fourth = first with { Id = Withdrawal.Turn(3) };
        Assert.Equal(
            new AppendResult.ConstraintBroken(WithdrawalsProjection.InvoiceIsOpen),
            await models.AppendTogetherAsync(Ct, fourth.Happens(fourth.Requested), third.Happens(third.Cancelled)));
    }

    private async Task<IEnumerable<Guid>> ListAsync(WithdrawalFilter filter) =>
        (await Query.ListAsync(filter, Ct)).Select(r => r.WithdrawalId);

    private async Task<WithdrawalRow> AfterAsync(Withdrawal withdrawal, WithdrawalRow expected, WithdrawalEvent @event)
    {
        await models.AppendAllAsync([withdrawal.Happens(@event)], Ct);
        Assert.Equal(expected, await Query.FindAsync("demo", withdrawal.Id, Ct));
        return expected;
    }
}
