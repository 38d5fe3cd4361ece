using FiberLink.Events.Adjustments;
using FiberLink.Events.Money;
using FiberLink.EventStore;
using FiberLink.Projections.Adjustments;

namespace FiberLink.Projections.Tests;

public sealed class Corrections_by_hand(ReadModelsUnderTest models) : IClassFixture<ReadModelsUnderTest>, IAsyncLifetime
{
    private static readonly Amount Five = new(Asset.Ckb, 5);
    private static readonly AccountName Capital = new(Account.HubCapital, null);
    private static readonly AccountName Alice = new(Account.MemberAvailable, "alice");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private AdjustmentsQuery Query => new(models.Database);

    public async ValueTask InitializeAsync() => await models.ResetAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Are_listed_as_they_stand_step_by_step_and_all_at_once()
    {
        var (slow, fast, off) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        await HappenAsync(slow, 0, Requested(slow));
        await StandsAsync(slow, AdjustmentStage.Requested, null, null);
        await HappenAsync(slow, 1, Posted(slow));
        await StandsAsync(slow, AdjustmentStage.Posted, "bob", null);
        await HappenAsync(slow, 2, ReversalRequested(slow));
        await StandsAsync(slow, AdjustmentStage.ReversalRequested, "bob", "carol");
        await HappenAsync(slow, 3, new AdjustmentEvent.ReversalCancelled(slow, "dora", "no", Tip.Noon));
        await StandsAsync(slow, AdjustmentStage.Posted, "bob", null);

        await HappenAsync(fast, 4, Requested(fast), Posted(fast), ReversalRequested(fast), Reversed(fast));
        await StandsAsync(fast, AdjustmentStage.Reversed, "bob", "carol");
        await HappenAsync(off, 5, Requested(off), new AdjustmentEvent.Cancelled(off, "ann", "a slip", Tip.Noon));

        Assert.Equal([off, fast, slow], (await Query.ListAsync("demo", null, 10, Ct)).Select(r => r.AdjustmentId));
        Assert.Equal([slow], (await Query.ListAsync(null, AdjustmentStage.Posted, 10, Ct)).Select(r => r.AdjustmentId));
        Assert.Empty(await Query.ListAsync("other", null, 10, Ct));
        Assert.Single(await Query.ListAsync(null, null, 1, Ct));
        var row = (await Query.FindAsync(off, Ct))!;
        Assert.Equal(
            ("demo", Capital, Alice, Five, AdjustmentStage.Cancelled, "ann", "goodwill"),
            (row.Tenant, row.From, row.To, row.Amount, row.Stage, row.RequestedBy, row.Reason));
        Assert.Null(await Query.FindAsync(Guid.CreateVersion7(), Ct));
    }

    private static AdjustmentEvent Requested(Guid id) =>
        new AdjustmentEvent.Requested(id, Capital, Alice, Five, "ann", "goodwill", Tip.Noon);

    private static AdjustmentEvent Posted(Guid id) => new AdjustmentEvent.Posted(
        id, "bob", "fine", JournalEntry.Move(Five, (Account.HubCapital, null), (Account.MemberAvailable, "alice")), Tip.Noon);

    private static AdjustmentEvent ReversalRequested(Guid id) => new AdjustmentEvent.ReversalRequested(id, "carol", "twice", Tip.Noon);

    private static AdjustmentEvent Reversed(Guid id) => new AdjustmentEvent.Reversed(
        id, "ann", "so it was", JournalEntry.Move(Five, (Account.MemberAvailable, "alice"), (Account.HubCapital, null)), Tip.Noon);

    private async Task StandsAsync(Guid id, AdjustmentStage stage, string? approvedBy, string? reversalBy)
    {
        var row = (await Query.FindAsync(id, Ct))!;
        Assert.Equal((stage, approvedBy, reversalBy), (row.Stage, row.ApprovedBy, row.ReversalBy));
    }

    private async Task HappenAsync(Guid id, int minute, params AdjustmentEvent[] events) =>
        Assert.IsType<AppendResult.Appended>(await models.AppendAsync(
            new(new("demo", $"adjustment-{id:N}"), Tip.Noon.AddMinutes(minute), events), Ct));
}
