using System.Text.Json;
using FiberLink.Service.Tests.Scene;
using FiberLink.Testing;

namespace FiberLink.Service.Tests;

/// <summary>What the forum's job reads every minute: every settled tip once, in the order in which they were committed.</summary>
public sealed class The_settled_feed
{
    [Fact]
    public async Task An_item_tells_all_that_a_notification_needs()
    {
        await using var service = await RunningService.StartAsync();
        var wish = TipWish.New() with { Amount = "1.50", Message = "thanks" };
        var invoice = await SettleAsync(service, service.Client, wish);

        var feed = await FeedAsync(service.Client, new { });
        var item = feed.GetProperty("items").EnumerateArray().Single();
        Assert.Equal(
            ["tipIntentId", "postId", "invoice", "amount", "asset", "fromUserId", "toUserId", "message", "settledAt"],
            item.EnumerateObject().Select(p => p.Name));
        Assert.All(item.EnumerateObject(), p => Assert.Equal(JsonValueKind.String, p.Value.ValueKind));
        Assert.Equal(
            ("42", invoice, "1.5", "CKB", wish.From, wish.To, "thanks"),
            (Text(item, "postId"), Text(item, "invoice"), Text(item, "amount"), Text(item, "asset"), Text(item, "fromUserId"),
                Text(item, "toUserId"), Text(item, "message")));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", Text(item, "settledAt"));
        Assert.Equal((Text(item, "settledAt"), Text(item, "tipIntentId")), CursorOf(feed));
    }

    [Fact]
    public async Task An_empty_feed_has_no_cursor()
    {
        await using var service = await RunningService.StartAsync();
        await service.Client.TipAsync(TipWish.New(), Ct);

        Assert.Equal("""{"items":[],"nextCursor":null}""", (await FeedAsync(service.Client, new { })).GetRawText());
    }

    [Fact]
    public async Task Limits_are_from_1_to_100()
    {
        await using var service = await RunningService.StartAsync();
        foreach (var limit in new object?[] { 0, 101, -1, 1.5, "5", null, true, 1e30 })
        {
            var reply = await service.Client.CallAsync("tip.settled_feed", new { limit }, Ct);
            reply.AssertError(-32602, "Invalid params");
            Assert.Equal(["limit"], reply.Paths);
        }

        foreach (var limit in new object[] { 1, 100, 20.0 })
        {
            await FeedAsync(service.Client, new { limit });
        }
    }

    [Fact]
    public async Task A_cursor_is_a_time_in_utc_and_an_id()
    {
        await using var service = await RunningService.StartAsync();
        foreach (var settledAt in new object?[]
        {
            null, 7, "", "yesterday", "2026-01-01", "2026-01-01T00:00:00", "2026-01-01T00:00:00+00:00", "2026-13-01T00:00:00Z", "10:00Z",
            "2026-01-01Z", "01/02/2026 10:00Z", " 2026-01-01T00:00:00Z",
        })
        {
            var reply = await service.Client.CallAsync("tip.settled_feed", new { after = new { settledAt, id = "x" } }, Ct);
            reply.AssertError(-32602, "Invalid params");
            Assert.Equal(["after.settledAt"], reply.Paths);
        }

        foreach (var after in new object?[] { null, "x", 7, Array.Empty<int>() })
        {
            (await service.Client.CallAsync("tip.settled_feed", new { after }, Ct)).AssertError(-32602, "Invalid params");
        }

        foreach (var settledAt in new[]
        {
            "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.1Z", "2026-01-01T00:00:00.123456789Z", "0001-01-01T00:00:00Z",
            "9999-12-31T23:59:59.999Z",
        })
        {
            await FeedAsync(service.Client, new { after = new { settledAt, id = "unknown" } });
        }
    }

    [Fact]
    public async Task Pages_follow_each_other_without_a_gap_and_each_has_a_cursor()
    {
        await using var service = await RunningService.StartAsync();
        var invoices = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            invoices.Add(await SettleAsync(service, service.Client, TipWish.New()));
        }

        var read = new List<string>();
        object parameters = new { limit = 2 };
        for (var page = 0; page < 3; page++)
        {
            var feed = await FeedAsync(service.Client, parameters);
            read.AddRange(feed.GetProperty("items").EnumerateArray().Select(i => Text(i, "invoice")));
            var (settledAt, id) = CursorOf(feed);
            parameters = new { limit = 2, after = new { settledAt, id } };
        }

        Assert.Equal(invoices, read);
        Assert.Equal(JsonValueKind.Null, (await FeedAsync(service.Client, parameters)).GetProperty("nextCursor").ValueKind);
    }

    [Fact]
    public async Task The_forums_job_reads_everything_from_nothing_in_pages_of_fifty()
    {
        const int Tips = 120;
        await using var service = await RunningService.StartAsync(new Opening { Change = s => s with { RateLimitRequests = 10_000 } });
        var invoices = await Task.WhenAll(Enumerable.Range(0, Tips).Select(_ => service.Client.TipAsync(TipWish.New(), Ct)));
        await Task.WhenAll(invoices.Select(i => service.Control.PayAsync(i, Ct)));
        await Eventually.HoldsAsync(
            "all are settled",
            async () => await service.Database.CountAsync(
                "select count(*) from read_models.settled_feed where position is not null") == Tips,
            Ct);

        var (seen, pages, isDone) = (new List<string>(), 0, false);
        (string SettledAt, string Id)? cursor = null;
        while (!isDone)
        {
            var feed = await FeedAsync(
                service.Client,
                cursor is { } c ? new { limit = 50, after = new { settledAt = c.SettledAt, id = c.Id } } : new { limit = 50 });
            var items = feed.GetProperty("items").EnumerateArray().ToArray();
            seen.AddRange(items.Select(i => Text(i, "invoice")));

            // The job builds its cursor from the item, and stops at a page that is not full.
            cursor = items.Length == 0 ? cursor : (Text(items[^1], "settledAt"), Text(items[^1], "tipIntentId"));
            isDone = items.Length == 0 || feed.GetProperty("nextCursor").ValueKind is JsonValueKind.Null || items.Length < 50;
            pages++;
        }

        Assert.Equal(3, pages);
        Assert.Equal(invoices.Order(StringComparer.Ordinal), seen.Order(StringComparer.Ordinal));
    }

    /// <summary>W-27.</summary>
    [Fact]
    public async Task A_community_reads_its_own_tips_alone()
    {
        await using var service = await RunningService.StartAsync();
        var other = await service.NewCommunityAsync();
        var mine = await SettleAsync(service, service.Client, TipWish.New());
        var theirs = await SettleAsync(service, other, TipWish.New());

        var feed = await FeedAsync(other, new { });
        Assert.Equal([theirs], feed.GetProperty("items").EnumerateArray().Select(i => Text(i, "invoice")));
        var (settledAt, id) = CursorOf(feed);

        // Another community's cursor is no place in this one's feed; its time is.
        var after = await FeedAsync(service.Client, new { after = new { settledAt = settledAt[..4] + "-01-01T00:00:00.000Z", id } });
        Assert.Equal([mine], after.GetProperty("items").EnumerateArray().Select(i => Text(i, "invoice")));
    }

    /// <summary>W-35: who reads on from an item misses none, whatever the clocks said when they were settled.</summary>
    [Fact]
    public async Task Order_is_that_of_commits_and_not_of_clocks()
    {
        await using var service = await RunningService.StartAsync();
        var first = await SettleAsync(service, service.Client, TipWish.New());
        var (settledAt, id) = CursorOf(await FeedAsync(service.Client, new { }));

        service.Clock.Move(TimeSpan.FromSeconds(-90));
        var second = await service.Client.TipAsync(TipWish.New(), Ct);
        await service.Control.PayAsync(second, Ct);
        await service.ReachesAsync(second, "SETTLED");
        await service.DashboardsAreCurrentAsync();

        var next = (await FeedAsync(service.Client, new { after = new { settledAt, id } })).GetProperty("items").EnumerateArray().Single();
        Assert.Equal(second, Text(next, "invoice"));
        Assert.True(string.CompareOrdinal(Text(next, "settledAt"), settledAt) < 0);
        var all = (await FeedAsync(service.Client, new { })).GetProperty("items").EnumerateArray().Select(i => Text(i, "invoice"));
        Assert.Equal([first, second], all);
    }

    [Fact]
    public async Task A_cursor_whose_tip_is_unknown_goes_by_its_time()
    {
        await using var service = await RunningService.StartAsync();
        var before = await SettleAsync(service, service.Client, TipWish.New());
        service.Clock.Move(TimeSpan.FromMinutes(10));
        var after = await SettleAsync(service, service.Client, TipWish.New());
        var between = service.Clock.GetUtcNow().AddMinutes(-5).ToString(
            "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture);

        foreach (var id in new[] { "imported-1", Guid.NewGuid().ToString() })
        {
            var items = (await FeedAsync(service.Client, new { after = new { settledAt = between, id } })).GetProperty("items");
            Assert.Equal([after], items.EnumerateArray().Select(i => Text(i, "invoice")));
        }

        Assert.NotEqual(before, after);
    }

    private static async Task<string> SettleAsync(RunningService service, SignedClient client, TipWish wish)
    {
        var invoice = await client.TipAsync(wish, Ct);
        await service.Control.PayAsync(invoice, Ct);
        await Eventually.HoldsAsync("it is settled", async () => await client.StatusAsync(invoice, Ct) == "SETTLED", Ct);
        await service.DashboardsAreCurrentAsync();
        return invoice;
    }

    private static async Task<JsonElement> FeedAsync(SignedClient client, object parameters) =>
        (await client.CallAsync("tip.settled_feed", parameters, Ct)).Result;

    private static (string SettledAt, string Id) CursorOf(JsonElement feed) =>
        (Text(feed.GetProperty("nextCursor"), "settledAt"), Text(feed.GetProperty("nextCursor"), "id"));

    private static string Text(JsonElement item, string name) => item.GetProperty(name).GetString()!;
}
