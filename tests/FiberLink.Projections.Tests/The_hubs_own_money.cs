using FiberLink.Events.Money;
using FiberLink.Events.Treasury;
using FiberLink.Events.Withdrawals;
using FiberLink.EventStore;
using FiberLink.Projections.Treasury;
using FiberLink.Projections.WalletCells;

namespace FiberLink.Projections.Tests;

public sealed class The_hubs_own_money(ReadModelsUnderTest models) : IClassFixture<ReadModelsUnderTest>, IAsyncLifetime
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await models.ResetAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Is_on_no_cell_that_a_withdrawal_is_to_spend_and_the_other_way_round()
    {
        var (sweep, other) = (new Movement(100) { Cell = "c" }, new Movement(100) { Cell = "d" });
        var (withdrawal, late) = (new Withdrawal("alice", 100) { Cell = "c" }, new Withdrawal("alice", 100) { Cell = "d" });
        await models.AppendAllAsync(
            [
                Withdrawal.Funds("demo", "alice", Asset.Ckb, 1_000),
                withdrawal.Happens(withdrawal.Requested, withdrawal.Prepared),
                late.Happens(late.Requested),
                sweep.Happens(sweep.SweepRequested, sweep.Approved),
                other.Happens(other.SweepRequested, other.Approved, other.Prepared),
            ],
            Ct);
        var clash = new AppendResult.ConstraintBroken(WalletCellsProjection.IsReserved);

        Assert.Equal(clash, await models.AppendAsync(sweep.Happens(sweep.Prepared), Ct));
        Assert.Equal(clash, await models.AppendAsync(late.Happens(late.Prepared), Ct));

        await models.AppendAllAsync(
            [withdrawal.Happens(withdrawal.AttemptFailed), sweep.Happens(sweep.Prepared), other.Happens(other.AttemptFailed)], Ct);
        await models.AppendAllAsync([late.Happens(late.Prepared), sweep.Happens(sweep.Completed, sweep.MadeFinal)], Ct);
        Assert.Equal(["d"], await new WalletCellsQuery(models.Database).ReservedAsync(Ct));
    }

    [Fact]
    public async Task Is_in_one_channel_that_one_movement_closes()
    {
        var (first, second) = (new Movement(100) { ChannelId = "0xc0" }, new Movement(100) { ChannelId = "0xc0" });
        var query = new MovementsQuery(models.Database);
        await models.AppendAllAsync(
            [first.Happens(first.ClosingRequested, first.Approved), second.Happens(second.ClosingRequested, second.Approved)], Ct);
        Assert.Null(await query.CloserOfAsync("0xc0", Ct));

        await models.AppendAllAsync([first.Happens(first.ClosePrepared)], Ct);
        Assert.Equal(first.Id, await query.CloserOfAsync("0xc0", Ct));
        Assert.Equal(
            new AppendResult.ConstraintBroken(WalletCellsProjection.IsAnothersOutput),
            await models.AppendAsync(second.Happens(second.ClosePrepared), Ct));

        // What one side closes alone may be looked at anew.
        await models.AppendAllAsync([first.Happens(first.Stayed, first.Failed), second.Happens(second.ClosePrepared)], Ct);
        await models.AppendAllAsync([second.Happens(second.CloseSeen, second.InBlock, second.Closed)], Ct);
        var row = (await query.FindAsync(second.Id, Ct))!;
        Assert.Equal(
            (MovementKind.ToChain, MovementStage.Completed, (UInt128)99, second.Hash(1), (UInt128?)1),
            (row.Kind, row.Stage, row.Amount.Units, row.Evidence, row.Fee));
    }

    [Fact]
    public async Task Is_shown_as_lost_with_its_cells_free_and_as_arrived_after_that()
    {
        var (sweep, other) = (new Movement(100) { Cell = "lost" }, new Movement(100) { Cell = "lost" });
        var query = new MovementsQuery(models.Database);
        await models.AppendAllAsync(
            [
                sweep.Happens(sweep.SweepRequested, sweep.Approved, sweep.Prepared, sweep.InBlock, sweep.Completed, sweep.TakenBack),
                other.Happens(other.SweepRequested, other.Approved),
            ],
            Ct);
        await models.AppendAllAsync([sweep.Happens(sweep.Lost)], Ct);
        var row = (await query.FindAsync(sweep.Id, Ct))!;
        Assert.Equal(
            (MovementStage.Lost, "gone", false, (ulong?)null), (row.Stage, row.LastError, row.IsFinal, row.BlockNumber));
        Assert.Equal(sweep.Id, Assert.Single(await query.ListAsync(MovementStage.Lost, 10, Ct)).MovementId);

        await models.AppendAllAsync([other.Happens(other.Prepared)], Ct);
        await models.AppendAllAsync([sweep.Happens(sweep.Arrived)], Ct);
        row = (await query.FindAsync(sweep.Id, Ct))!;
        Assert.Equal((MovementStage.ArrivedAfterLoss, 2, sweep.Hash(2)), (row.Stage, row.Attempt, row.Evidence));
    }

    [Fact]
    public async Task Is_in_a_channel_that_may_be_closed_anew_when_what_closed_it_is_lost()
    {
        var (first, second) = (new Movement(100) { ChannelId = "0xc9" }, new Movement(100) { ChannelId = "0xc9" });
        await models.AppendAllAsync(
            [
                first.Happens(first.ClosingRequested, first.Approved, first.ClosePrepared, first.CloseSeen, first.InBlock, first.Closed),
                first.Happens(first.TakenBack, first.ClosedLost),
                second.Happens(second.ClosingRequested, second.Approved),
            ],
            Ct);

        Assert.Null(await new MovementsQuery(models.Database).CloserOfAsync("0xc9", Ct));
        await models.AppendAllAsync([second.Happens(second.ClosePrepared)], Ct);
    }

    [Fact]
    public async Task Is_found_by_what_has_put_it_into_a_channel()
    {
        var opened = new Movement(1_000);
        var query = new MovementsQuery(models.Database);
        await models.AppendAllAsync([opened.Happens(opened.OpeningRequested, opened.Approved, opened.FundingPrepared)], Ct);
        Assert.Null(await query.OpenedByAsync(opened.Hash(1), Ct));

        await models.AppendAllAsync([opened.Happens(opened.Sent, opened.InBlock, opened.Open)], Ct);

        Assert.Equal(opened.Id, await query.OpenedByAsync(opened.Hash(1), Ct));
        Assert.Null(await query.OpenedByAsync("0x77", Ct));
        Assert.Equal((UInt128)1_000, await query.UsedAsync(Asset.Ckb, DateTimeOffset.MinValue, Guid.Empty, Ct));
    }

    [Fact]
    public async Task Is_told_with_what_waits_what_leaves_and_where_capital_was_booked()
    {
        var (waits, leaves, back, over) =
            (Of("alice", 100), Of("alice", 200), Of("alice", 300), Of("alice", 400) with { PaymentHash = "0x77" });
        var lost = Of("alice", 150);
        var (booked, asked) = (new Movement(5_000), new Movement(7_000));
        await models.AppendAllAsync(
            [
                Withdrawal.Funds("demo", "alice", Asset.Ckb, 2_000),
                waits.Happens(waits.Requested),
                leaves.Happens(leaves.Requested, leaves.Prepared, leaves.Sent),
                back.Happens(back.Requested, back.Prepared, back.InBlock, back.Completed, back.TakenBack),
                over.Happens(over.Requested, over.Prepared, over.Completed),
                lost.Happens(lost.Requested, lost.Prepared, lost.InBlock, lost.Completed, lost.TakenBack, lost.Lost),
                booked.Happens(booked.PutInRequested, booked.Approved, booked.PutIn),
                asked.Happens(asked.TakenOutRequested),
            ],
            Ct);

        var books = await new HubBooksQuery(models.Database).ReadAsync(Ct);

        var onChain = (DestinationKind.CkbAddress, Asset.Ckb);
        Assert.Equal((Int128)5_000, books.Accounts[(Account.HubCapital, Asset.Ckb)]);
        Assert.Equal((Int128)(-5_000 + 300), books.Accounts[(Account.HubOnChain, Asset.Ckb)]);
        Assert.Equal((Int128)(-2_000 + 410), books.Accounts[(Account.HubChannels, Asset.Ckb)]);
        Assert.DoesNotContain(books.Accounts.Keys, k => Posting.BelongsToMember(k.Account));
        Assert.Equal((waits.Pays.Units, 1L), (books.Queued[onChain].Units, books.Queued[onChain].Count));
        Assert.Equal((UInt128)200, books.Leaving[onChain].Units);
        Assert.Equal((UInt128)300, books.TakenBack[onChain].Units);
        Assert.DoesNotContain((DestinationKind.PaymentRequest, Asset.Ckb), books.Leaving.Keys);
        Assert.Equal([(HubPlace.OnChain, Asset.Ckb)], books.Opened);
    }

    [Fact]
    public async Task Is_shown_movement_by_movement()
    {
        var sweep = new Movement(1_000);
        await models.AppendAllAsync([sweep.Happens(sweep.SweepRequested), sweep.Happens(sweep.Approved)], Ct);
        var query = new MovementsQuery(models.Database);
        Assert.Equal((UInt128)1_000, await query.UsedAsync(Asset.Ckb, Tip.Noon, Guid.Empty, Ct));
        Assert.Equal((UInt128)0, await query.UsedAsync(Asset.Ckb, Tip.Noon, sweep.Id, Ct));

        await models.AppendAllAsync([sweep.Happens(sweep.Prepared, sweep.InBlock, sweep.Completed, sweep.TakenBack)], Ct);

        var row = Assert.Single(await query.ListAsync(null, 10, Ct));
        Assert.Equal(row, await query.FindAsync(sweep.Id, Ct));
        Assert.Equal(
            (MovementStage.Completed, "ann", "bob", 1, sweep.Hash(1), (UInt128?)464, null, false),
            (row.Stage, row.RequestedBy, row.ApprovedBy, row.Attempt, row.Evidence, row.Fee, row.BlockNumber, row.IsFinal));
        Assert.Empty(await query.ListAsync(MovementStage.Failed, 10, Ct));
        Assert.Null(await query.FindAsync(Guid.Empty, Ct));
    }

    private static Withdrawal Of(string member, UInt128 units) => new(member, units) { Cell = $"0x{units}:0" };
}
