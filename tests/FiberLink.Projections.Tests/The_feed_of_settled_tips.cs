using FiberLink.Events;
using FiberLink.Projections.SettledFeed;

namespace FiberLink.Projections.Tests;

public sealed class The_feed_of_settled_tips(ReadModelsUnderTest models) : IClassFixture<ReadModelsUnderTest>, IAsyncLifetime
{
    private SettledFeedQuery Query => new(models.Database);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await models.ResetAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Tells_of_a_tip_once_it_is_settled_with_everything_that_was_said()
    {
        var sealedText = new SealedText(Guid.CreateVersion7(), "nonce", "sealed");
        var tip = new Tip("alice", "bob", UInt128.MaxValue / 4) { Message = sealedText };
        await models.LiveAsync([tip.Happens(tip.Requested, tip.Issued)], Ct);
        Assert.Empty(await AfterAsync(0));
        Assert.Null(await Query.PositionOfAsync("demo", tip.Id, Ct));

        await models.LiveAsync([tip.Happens(tip.Settled)], Ct);

        Assert.Equal(
            [new(tip.Id, $"post-{tip.Id:N}", tip.Invoice, tip.Amount, "alice", "bob", sealedText, tip.At.AddMinutes(3), 3)],
            await AfterAsync(0));
        Assert.Equal(3, await Query.PositionOfAsync("demo", tip.Id, Ct));
    }

    [Fact]
    public async Task Is_in_the_order_of_the_commits_and_is_read_on_from_any_of_its_tips()
    {
        var tips = Enumerable.Range(0, 5).Select(i => new Tip("alice", "bob", (UInt128)(i + 1))).ToArray();
        await models.AppendAllAsync(tips.Select(t => t.Happens(t.Requested, t.Issued)), Ct);
        int[] order = [3, 0, 4, 1, 2];

        // The clocks that say when are not in order; the log is.
        await models.LiveAsync(order.Select(i => tips[i].Happens(tips[i].SettledAt(Tip.Noon.AddMinutes(i)))), Ct);

        Assert.Equal(order.Select(i => tips[i].Id), (await AfterAsync(0)).Select(t => t.TipId));
        for (var read = 0; read < order.Length; read++)
        {
            var position = await Query.PositionOfAsync("demo", tips[order[read]].Id, Ct);
            Assert.Equal(order.Skip(read + 1).Select(i => tips[i].Id), (await AfterAsync(position!.Value)).Select(t => t.TipId));
        }

        Assert.Equal([tips[3].Id, tips[0].Id], (await Query.AfterAsync("demo", 0, 2, Ct)).Select(t => t.TipId));
    }

    [Fact]
    public async Task Is_read_on_from_a_time_without_missing_a_tip_also_when_the_clocks_disagree()
    {
        int[] seconds = [10, 20, 30, 25, 40];
        var tips = seconds.Select(_ => new Tip("alice", "bob", 5)).ToArray();
        await models.AppendAllAsync(tips.Select(t => t.Happens(t.Requested, t.Issued)), Ct);
        await models.LiveAsync(tips.Zip(seconds, (t, s) => t.Happens(t.SettledAt(Tip.Noon.AddSeconds(s).AddTicks(1_234)))), Ct);

        foreach (var asked in new[] { 0, 10, 11, 20, 25, 27, 30, 31, 40, 41 })
        {
            var told = await AfterAsync(await Query.PositionBeforeAsync("demo", Tip.Noon.AddSeconds(asked), Ct));
            var owed = tips.Where((_, i) => seconds[i] >= asked).Select(t => t.Id).ToArray();

            Assert.Empty(owed.Except(told.Select(t => t.TipId)));
            Assert.True(owed is [] ? told is [] : told[0].TipId == owed[0], $"From {asked} s on it begins elsewhere.");
        }

        Assert.Equal(0, await Query.PositionBeforeAsync("other", Tip.Noon.AddDays(1), Ct));
    }

    [Fact]
    public async Task Tells_a_tip_of_the_cursor_s_own_millisecond_again()
    {
        var tip = new Tip("alice", "bob", 5);
        var at = Tip.Noon.AddTicks(5 * TimeSpan.TicksPerMillisecond).AddMicroseconds(700);
        await models.LiveAsync([tip.Happens(tip.Requested, tip.Issued, tip.SettledAt(at))], Ct);

        var cursor = Tip.Noon.AddMilliseconds(5);
        Assert.Single(await AfterAsync(await Query.PositionBeforeAsync("demo", cursor, Ct)));
        Assert.Empty(await AfterAsync(await Query.PositionBeforeAsync("demo", cursor.AddMilliseconds(1), Ct)));
    }

    [Fact]
    public async Task Is_the_community_s_own()
    {
        var tip = new Tip("alice", "bob", 5) { Tenant = "other" };
        await models.LiveAsync([tip.Happens(tip.Requested, tip.Issued, tip.Settled)], Ct);

        Assert.Empty(await AfterAsync(0));
        Assert.Null(await Query.PositionOfAsync("demo", tip.Id, Ct));
        Assert.Single(await Query.AfterAsync("other", 0, 10, Ct));
    }

    private Task<IReadOnlyList<SettledTip>> AfterAsync(long position) => Query.AfterAsync("demo", position, 100, Ct);
}
