using FiberLink.Events.Money;
using FiberLink.Events.Withdrawals;
using FiberLink.EventStore;
using FiberLink.Projections.WalletCells;

namespace FiberLink.Projections.Tests;

public sealed class The_cells_that_are_spoken_for(ReadModelsUnderTest models) : IClassFixture<ReadModelsUnderTest>, IAsyncLifetime
{
    private static readonly AppendResult Clash = new AppendResult.ConstraintBroken(WalletCellsProjection.IsReserved);

    private readonly Withdrawal _one = new("alice", 100) { Id = Withdrawal.Turn(2), Cell = "c" };
    private readonly Withdrawal _two = new("alice", 100) { Id = Withdrawal.Turn(3), Cell = "c" };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await models.ResetAsync();
        await models.AppendAllAsync(
            [Withdrawal.Funds("demo", "alice", Asset.Ckb, 1_000), _one.Happens(_one.Requested), _two.Happens(_two.Requested)], Ct);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Are_reserved_from_the_commit_that_prepares_to_the_one_that_knows_them_free()
    {
        await models.AppendAllAsync([_one.Happens(_one.Prepared)], Ct);
        Assert.Equal(["c"], await ReservedAsync());
        Assert.Equal(Clash, await models.AppendAsync(_two.Happens(_two.Prepared), Ct));

        await models.AppendAllAsync([_one.Happens(_one.Sent, _one.InBlock, _one.Completed, _one.TakenBack, _one.InOtherBlock)], Ct);
        Assert.Equal(Clash, await models.AppendAsync(_two.Happens(_two.Prepared), Ct));

        await models.AppendAllAsync([_one.Happens(_one.MadeFinal)], Ct);
        Assert.Empty(await ReservedAsync());
        await models.AppendAllAsync([_two.Happens(_two.Prepared)], Ct);
    }

    [Fact]
    public async Task Are_free_when_the_attempt_is_dead()
    {
        await models.AppendAllAsync([_one.Happens(_one.Prepared), _one.Happens(_one.AttemptFailed), _two.Happens(_two.Prepared)], Ct);

        Assert.Equal(["c"], await ReservedAsync());
        Assert.Equal(Clash, await models.AppendAsync(_one.Happens(_one.PreparedAgain), Ct));
    }

    [Fact]
    public async Task Are_free_when_what_was_paid_is_lost()
    {
        await models.AppendAllAsync([_one.Happens(_one.Prepared, _one.InBlock, _one.Completed, _one.TakenBack)], Ct);
        Assert.Equal(Clash, await models.AppendAsync(_two.Happens(_two.Prepared), Ct));

        await models.AppendAllAsync([_one.Happens(_one.Lost), _two.Happens(_two.Prepared)], Ct);
        Assert.Equal(["c"], await ReservedAsync());
    }

    [Fact]
    public async Task Pass_to_the_transaction_that_replaces_theirs()
    {
        await models.AppendAllAsync([_one.Happens(_one.Prepared), _one.Happens(_one.Replaced)], Ct);
        Assert.Equal(["c", "c0"], await ReservedAsync());

        // The first is not what they are reserved for any longer.
        await models.AppendAllAsync([_one.Happens(_one.MadeFinal)], Ct);
        Assert.Equal(["c", "c0"], await ReservedAsync());

        await models.AppendAllAsync([_one.Happens(_one.ReplacementFailed)], Ct);
        Assert.Empty(await ReservedAsync());
    }

    [Fact]
    public async Task May_be_spent_by_one_transaction_that_pays_several()
    {
        await models.AppendAllAsync(
            [
                _one.Happens(_one.Spending(1, "0xbatch", ["c", "d"], null)),
                _two.Happens(_two.Spending(1, "0xbatch", ["c", "d"], null, 1)),
                _one.Happens(_one.Spending(2, "0xbatch2", ["c", "d", "e"], "0xbatch")),
                _two.Happens(_two.Spending(2, "0xbatch2", ["c", "d", "e"], "0xbatch", 1)),
            ],
            Ct);

        Assert.Equal(["c", "d", "e"], await ReservedAsync());
    }

    /// <summary>The same cells, address and amount make the same transaction, and it pays once.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Do_not_pay_two_by_one_output_though_their_transactions_came_out_the_same(bool together)
    {
        var (one, two) = (_one.Happens(_one.Spending(1, "0xsame", ["c"], null)), _two.Happens(_two.Spending(1, "0xsame", ["c"], null)));
        var clash = new AppendResult.ConstraintBroken(WalletCellsProjection.IsAnothersOutput);
        if (together)
        {
            Assert.Equal(clash, await models.AppendTogetherAsync(Ct, one, two));
            return;
        }

        await models.AppendAllAsync([one], Ct);
        Assert.Equal(clash, await models.AppendAsync(two, Ct));

        var dead = (WithdrawalEvent.AttemptFailed)_one.AttemptFailed;
        await models.AppendAllAsync([_one.Happens(dead with { Evidence = "0xsame" })], Ct);
        await models.AppendAllAsync([two], Ct);
    }

    /// <summary>One change over several streams is written as one batch.</summary>
    [Fact]
    public async Task Are_not_taken_before_they_are_let_go_though_both_come_in_one_batch()
    {
        var before = _two with { Id = Withdrawal.Turn(1) };
        await models.AppendAllAsync([before.Happens(before.Requested), _one.Happens(_one.Prepared)], Ct);
        Assert.Equal(
            Clash, await models.AppendTogetherAsync(Ct, before.Happens(before.Prepared), _one.Happens(_one.AttemptFailed)));

        var three = _two with { Id = Withdrawal.Turn(4) };
        Assert.IsType<AppendResult.Appended>(await models.AppendTogetherAsync(
            Ct,
            _one.Happens(_one.AttemptFailed),
            _two.Happens(_two.Prepared, _two.AttemptFailed),
            three.Happens(three.Requested, three.Prepared)));
        Assert.Equal(["c"], await ReservedAsync());
    }

    [Fact]
    public async Task Are_not_spent_by_two_transactions_of_one_batch()
    {
        Assert.Equal(Clash, await models.AppendTogetherAsync(Ct, _one.Happens(_one.Prepared), _two.Happens(_two.Prepared)));
        Assert.Empty(await ReservedAsync());
    }

    [Fact]
    public async Task Are_one_wallets_whichever_community_pays_with_them()
    {
        var other = _two with { Tenant = "other", Id = Guid.CreateVersion7() };
        await models.AppendAllAsync(
            [Withdrawal.Funds("other", "alice", Asset.Ckb, 1_000), other.Happens(other.Requested), _one.Happens(_one.Prepared)], Ct);

        Assert.Equal(Clash, await models.AppendAsync(other.Happens(other.Prepared), Ct));
    }

    private async Task<IEnumerable<string>> ReservedAsync() =>
        (await new WalletCellsQuery(models.Database).ReservedAsync(Ct)).Order(StringComparer.Ordinal);
}
