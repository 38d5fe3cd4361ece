using FiberLink.Events.Money;
using FiberLink.Projections.TipActivity;

namespace FiberLink.Projections.Tests;

public sealed class What_dashboards_list_and_count(ReadModelsUnderTest models) : IClassFixture<ReadModelsUnderTest>, IAsyncLifetime
{
    private TipActivityQuery Query => new(models.Database);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await models.ResetAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_tip_is_pending_for_both_from_its_invoice_on_and_completed_when_it_is_settled()
    {
        var tip = new Tip("alice", "bob", 5);
        await models.LiveAsync([tip.Happens(tip.Requested)], Ct);
        Assert.Empty(await Query.CountAsync("demo", "bob", Ct));
        Assert.Empty(await Query.OfMemberAsync("demo", "bob", 10, Ct));

        await models.LiveAsync([tip.Happens(tip.Issued)], Ct);
        Assert.Equal([new(Asset.Ckb, 1, 0, 0, 5)], await Query.CountAsync("demo", "bob", Ct));
        Assert.Equal([new(Asset.Ckb, 1, 0, 0, 0)], await Query.CountAsync("demo", "alice", Ct));

        await models.LiveAsync([tip.Happens(tip.Received, tip.Settled)], Ct);
        Assert.Equal([new(Asset.Ckb, 0, 1, 0, 0)], await Query.CountAsync("demo", "bob", Ct));
        Assert.Equal([new(Asset.Ckb, 0, 1, 0, 0)], await Query.CountAsync("demo", "alice", Ct));
    }

    [Fact]
    public async Task A_tip_that_is_requested_issued_and_settled_in_one_batch_is_completed_once()
    {
        var tip = new Tip("alice", "bob", 5);
        await models.LiveAsync([tip.Happens(tip.Requested, tip.Issued, tip.Settled)], Ct);

        Assert.Equal([new(Asset.Ckb, 0, 1, 0, 0)], await Query.CountAsync("demo", "bob", Ct));
        Assert.Equal([KeyValuePair.Create(TipStage.Settled, 1L)], await Query.CountByStageAsync("demo", Ct));
    }

    [Fact]
    public async Task Who_tips_himself_is_counted_once_and_it_is_listed_once()
    {
        var tip = new Tip("bob", "bob", 5);
        await models.LiveAsync([tip.Happens(tip.Requested, tip.Issued)], Ct);

        Assert.Equal([new(Asset.Ckb, 1, 0, 0, 5)], await Query.CountAsync("demo", "bob", Ct));
        Assert.Single(await Query.OfMemberAsync("demo", "bob", 10, Ct));
    }

    [Fact]
    public async Task A_tip_that_failed_and_is_paid_late_is_completed_after_all()
    {
        var tip = new Tip("alice", "bob", 5);
        await models.LiveAsync([tip.Happens(tip.Requested, tip.Issued, tip.Expired)], Ct);
        Assert.Equal([new(Asset.Ckb, 0, 0, 1, 0)], await Query.CountAsync("demo", "bob", Ct));

        await models.LiveAsync([tip.Happens(tip.SettledAt(tip.At.AddHours(2), late: true))], Ct);

        Assert.Equal([new(Asset.Ckb, 0, 1, 0, 0)], await Query.CountAsync("demo", "bob", Ct));
    }

    [Fact]
    public async Task A_tip_that_never_had_an_invoice_is_neither_listed_nor_counted()
    {
        var tip = new Tip("alice", "bob", 5);
        await models.LiveAsync([tip.Happens(tip.Requested, tip.Refused)], Ct);

        Assert.Empty(await Query.CountAsync("demo", "bob", Ct));
        Assert.Empty(await Query.OfMemberAsync("demo", "bob", 10, Ct));
        Assert.Empty(await Query.OfCommunityAsync("demo", new(null, 10), Ct));
        Assert.Empty(await Query.CountByStageAsync("demo", Ct));
    }

    [Fact]
    public async Task A_member_s_list_has_the_newest_of_both_directions_first()
    {
        var tips = Enumerable.Range(0, 6).Select(i => i % 2 == 0 ? new Tip("alice", "bob", 5) : new Tip("bob", "carol", 5)).ToArray();
        await models.LiveAsync(tips.Select(t => t.Happens(t.Requested, t.Issued)), Ct);

        Assert.Equal(tips.Reverse().Take(4).Select(t => t.Id), (await Query.OfMemberAsync("demo", "bob", 4, Ct)).Select(t => t.TipId));
        Assert.Equal(3, (await Query.OfMemberAsync("demo", "carol", 10, Ct)).Count);
        Assert.Empty(await Query.OfMemberAsync("other", "bob", 10, Ct));
    }

    [Fact]
    public async Task A_community_s_list_has_what_happened_last_first_and_may_be_of_some_stages_only()
    {
        var early = new Tip("a", "b", 5);
        var late = new Tip("a", "b", 5) { At = Tip.Noon.AddMinutes(1) };
        var other = new Tip("a", "b", 5) { At = Tip.Noon.AddMinutes(2) };
        await models.LiveAsync(
            [
                early.Happens(early.Requested, early.Issued, early.SettledAt(Tip.Noon.AddMinutes(9))),
                late.Happens(late.Requested, late.Issued),
                other.Happens(other.Requested, other.Issued, other.Expired),
            ],
            Ct);

        Assert.Equal([early.Id, other.Id, late.Id], (await Query.OfCommunityAsync("demo", new(null, 10), Ct)).Select(t => t.TipId));
        Assert.Equal(
            [other.Id, late.Id],
            (await Query.OfCommunityAsync("demo", new([TipStage.AwaitingPayment, TipStage.Expired], 10), Ct)).Select(t => t.TipId));
        Assert.Equal([early.Id], (await Query.OfCommunityAsync("demo", new(null, 1), Ct)).Select(t => t.TipId));
        Assert.Empty(await Query.OfCommunityAsync("other", new(null, 10), Ct));
    }
}
