using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using FiberLink.Events.Members;
using FiberLink.EventStore;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Members;
using FiberLink.Service.Secrets;
using FiberLink.Service.Tests.Scene;
using FiberLink.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Service.Tests.Members;

public sealed class Erasing_what_a_member_wrote
{
    [Fact]
    public async Task Is_seen_by_every_service_node_at_once_and_takes_no_other_members_words()
    {
        await using var service = await RunningService.StartAsync();
        await using var scene = new MemberScene(service);
        var other = new SignedClient((await service.StartAnotherAsync()).Url, RunningService.App, RunningService.Secret, service.Clock);
        var (mine, another) = (TipWish.New() with { Message = "mine" }, TipWish.New() with { Message = "another's" });
        await service.Client.TipAsync(mine, Ct);
        await service.Client.TipAsync(another with { To = mine.To }, Ct);
        await service.DashboardsAreCurrentAsync();

        // The date stands: what is remembered for a minute is remembered until somebody is told.
        service.Clock.StandAt(service.Clock.GetUtcNow());
        foreach (var client in (SignedClient[])[service.Client, other])
        {
            var shown = await MemberScene.MessagesAsync(client, mine.To);
            Assert.Equal(("mine", "another's"), (shown[mine.From], shown[another.From]));
        }

        var erased = Assert.IsType<ErasureAnswer.Erased>(await scene.EraseAsync(mine.From));
        Assert.Equal(1, erased.Texts);
        foreach (var client in (SignedClient[])[service.Client, other])
        {
            await Eventually.HoldsAsync(
                "the node has forgotten the key", async () => (await MemberScene.MessagesAsync(client, mine.To))[mine.From] is null, Ct);
            Assert.Equal("another's", (await MemberScene.MessagesAsync(client, mine.To))[another.From]);
        }
    }

    [Fact]
    public async Task Is_done_once_however_often_it_is_asked_for_and_says_so()
    {
        await using var service = await RunningService.StartAsync();
        await using var scene = new MemberScene(service);
        var wish = TipWish.New() with { Message = "mine" };
        await service.Client.TipAsync(wish, Ct);
        await service.DashboardsAreCurrentAsync();

        var found = Assert.IsType<ErasureAnswer.Found>(await scene.Erasure.LookAsync(RunningService.App, wish.From, Ct));
        var erased = Assert.IsType<ErasureAnswer.Erased>(await scene.EraseAsync(wish.From));
        Assert.Equal((found.KeyId, found.Texts), (erased.KeyId, erased.Texts));
        var before = Assert.Single(Assert.IsType<ErasureAnswer.Nothing>(await scene.EraseAsync(wish.From)).Before);
        Assert.Equal((wish.From, found.KeyId, "olga", "ticket 77"), (before.Member, before.KeyId, before.By, before.Reason));
        Assert.Equal(erased.Position, await scene.Store.ReadHeadAsync(Ct));

        // Whoever was only tipped has written nothing.
        Assert.Empty(Assert.IsType<ErasureAnswer.Nothing>(await scene.EraseAsync(wish.To)).Before);

        // What is written later is the member's again, until that is erased.
        await service.Client.TipAsync(wish with { Post = "43", Message = "once more" }, Ct);
        await service.DashboardsAreCurrentAsync();
        Assert.Contains("once more", await TextsOfAsync(service, wish.To));
        Assert.NotEqual(found.KeyId, Assert.IsType<ErasureAnswer.Erased>(await scene.EraseAsync(wish.From)).KeyId);
        Assert.Equal(2, Assert.IsType<ErasureAnswer.Nothing>(await scene.EraseAsync(wish.From)).Before.Count);
    }

    [Fact]
    public async Task Is_refused_for_whom_nobody_knows()
    {
        await using var service = await RunningService.StartAsync();
        await using var scene = new MemberScene(service);

        var refused = Assert.IsType<ErasureAnswer.Refused>(await scene.EraseAsync("nobody"));
        Assert.Contains("Nothing is on record about a member 'nobody' of demo", refused.Why, StringComparison.Ordinal);
        refused = Assert.IsType<ErasureAnswer.Refused>(await scene.Erasure.EraseAsync("x", "9", "olga", "ticket 77", Ct));
        Assert.Contains("There is no community 'x'", refused.Why, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(() => scene.Erasure.EraseAsync(RunningService.App, "9", "olga", "two\nlines", Ct));
    }

    /// <summary>Both have seen the key before either can write.</summary>
    [Fact]
    public async Task Is_recorded_once_when_two_do_it_at_once()
    {
        await using var service = await RunningService.StartAsync();
        await using var scene = new MemberScene(service);
        await using var there = new MemberScene(service);
        var wish = TipWish.New() with { Message = "mine" };
        await service.Client.TipAsync(wish, Ct);

        Task<ErasureAnswer>[] erasing;
        await using (await HeldHead.OfAsync(service.Database))
        {
            erasing = [scene.EraseAsync(wish.From), there.EraseAsync(wish.From)];
            await Eventually.HoldsAsync(
                "both wait to append",
                async () => await service.Database.CountAsync(
                    "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'") >= 2,
                Ct);
        }

        var answers = await Task.WhenAll(erasing);
        Assert.Single(answers.OfType<ErasureAnswer.Erased>());
        Assert.Single(Assert.Single(answers.OfType<ErasureAnswer.Nothing>()).Before);
        Assert.Equal(1, await service.Database.CountAsync(
            "select count(*) from event_store.mt_events where type = 'member.texts_erased.v1'"));
    }

    /// <summary>The words were sealed under the key that is gone by the time they are stored.</summary>
    [Fact]
    public async Task Takes_the_words_that_are_just_being_written_and_not_the_tip()
    {
        await using var service = await RunningService.StartAsync(new Opening { CountsSteps = true });
        await using var scene = new MemberScene(service);
        var wish = TipWish.New();
        await service.Client.TipAsync(wish with { Message = "first" }, Ct);

        Task<string> tipping;
        ErasureAnswer.Erased erased;
        var steps = service.Steps!;
        using (steps.Hold(StopPoints.CreateBeforeIntent))
        {
            tipping = service.Client.TipAsync(wish with { Message = "second", Post = "43" }, Ct);
            await Eventually.HoldsAsync("its words are sealed", () => steps.Of(StopPoints.CreateBeforeIntent) == 2, Ct);
            erased = Assert.IsType<ErasureAnswer.Erased>(await scene.EraseAsync(wish.From));
        }

        var invoice = await tipping;
        await service.Control.PayAsync(invoice, Ct);
        await service.ReachesAsync(invoice, "SETTLED");
        Assert.Equal(2, await service.Database.CountAsync(
            "select count(*) from event_store.mt_events where type = 'tip.requested.v1' and data -> 'message' ->> 'keyId' = $1",
            erased.KeyId.ToString()));
        await service.DashboardsAreCurrentAsync();
        await Eventually.HoldsAsync(
            "no words are shown", async () => (await TextsOfAsync(service, wish.To)).All(t => t is null), Ct);

        await service.Client.TipAsync(wish with { Message = "third", Post = "44" }, Ct);
        await service.DashboardsAreCurrentAsync();
        Assert.Equal([null, null, "third"], (await TextsOfAsync(service, wish.To)).Order());
    }

    [Fact]
    public async Task Is_in_the_log_and_in_the_vault_or_in_neither()
    {
        await using var service = await RunningService.StartAsync();
        await using var scene = new MemberScene(service);
        var wish = TipWish.New() with { Message = "mine" };
        await service.Client.TipAsync(wish, Ct);
        var keys = scene.Tools.GetRequiredService<MemberKeys>();
        var key = (await keys.FindIdAsync(RunningService.App, wish.From, Ct))!.Value;
        var head = await scene.Store.ReadHeadAsync(Ct);

        // The event cannot be appended: the key stays.
        var stream = MemberStreams.OfMember(RunningService.App, wish.From);
        Assert.IsType<AppendResult.VersionMoved>(await AppendAsync(ExpectedVersion.Exactly(7), key));
        Assert.Equal(key, await keys.FindIdAsync(RunningService.App, wish.From, Ct));

        // The key is not there: nothing is appended.
        Assert.Equal(
            new AppendResult.ConstraintBroken(MemberKeyErasureRow.IsThere), await AppendAsync(ExpectedVersion.Any, Guid.NewGuid()));
        Assert.Equal(0, (await scene.Store.ReadStreamAsync(stream, Ct)).Version);

        async Task<AppendResult> AppendAsync(ExpectedVersion expected, Guid keyId)
        {
            var now = service.Clock.GetUtcNow();
            var body = new MemberEvent.TextsErased(wish.From, keyId, "olga", "ticket 77", now);
            var change = new Change([new(stream, expected, [new(Guid.CreateVersion7(), body)])], EventMetadata.None, now)
            {
                Rows = [new MemberKeyErasureRow(RunningService.App, wish.From, keyId)],
            };
            return await scene.Store.AppendAsync(change, Ct);
        }
    }

    /// <summary>Before it as after: waiting and failed messages, claims, snapshots, traces and all else hold no words.</summary>
    [Fact]
    public async Task Finds_them_in_no_table_no_log_line_and_no_trace_and_leaves_them_in_no_answer()
    {
        const string Words = "only for your eyes 谢谢";
        var traced = new ConcurrentBag<string>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = a => traced.Add(string.Join(
                ' ', [a.DisplayName, a.StatusDescription, .. a.TagObjects.Concat(a.Events.SelectMany(e => e.Tags)).Select(t => $"{t}")])),
        };
        ActivitySource.AddActivityListener(listener);
        await using var service = await RunningService.StartAsync();
        await using var scene = new MemberScene(service);
        var wish = TipWish.New() with { Message = Words };
        var invoice = await service.Client.TipAsync(wish, Ct);
        await service.Control.PayAsync(invoice, Ct);
        await service.ReachesAsync(invoice, "SETTLED");

        // The message that sees to the second one's invoice waits, with what went wrong.
        await service.Control.GoAwayAsync(null, Ct);
        Assert.NotNull((await service.Client.CallAsync("tip.create", (wish with { Post = "43" }).Params, Ct)).ErrorCode);
        await service.DashboardsAreCurrentAsync();
        Assert.Contains(Words, await TextsOfAsync(service, wish.To));

        var places = await service.Database.DumpAsync() + service.Logs.Text + string.Join('\n', traced);
        Assert.Contains("issue-invoice", places, StringComparison.Ordinal);
        Assert.Contains("tip.create", string.Join('\n', traced), StringComparison.Ordinal);
        var bytes = Encoding.UTF8.GetBytes(Words);
        Assert.All(
            [Words, Convert.ToHexString(bytes), Convert.ToBase64String(bytes)[..^4], "\\u8c22\\u8c22"],
            form => Assert.DoesNotContain(form, places, StringComparison.OrdinalIgnoreCase));

        Assert.Equal(2, Assert.IsType<ErasureAnswer.Erased>(await scene.EraseAsync(wish.From)).Texts);
        await Eventually.HoldsAsync("no dashboard shows them", async () => (await TextsOfAsync(service, wish.To)).All(t => t is null), Ct);
        var answers = new StringBuilder();
        foreach (var member in (string[])[wish.From, wish.To])
        {
            answers.Append((await service.Client.CallAsync("dashboard.summary", new { userId = member, includeAdmin = true }, Ct)).Text);
            await scene.ExportAsync(member);
            answers.Append(Encoding.UTF8.GetString(scene.Bytes));
        }

        answers.Append((await service.Client.CallAsync("tip.settled_feed", new { }, Ct)).Text);
        Assert.Contains(invoice, answers.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("only for your eyes", answers.ToString(), StringComparison.Ordinal);
    }

    private static async Task<IReadOnlyList<string?>> TextsOfAsync(RunningService service, string member) =>
    [
        .. (await service.Client.DashboardAsync(member, Ct)).GetProperty("tips").EnumerateArray()
            .Select(t => t.GetProperty("message").GetString()),
    ];
}
