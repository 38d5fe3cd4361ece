namespace FiberLink.Messaging.Tests;

public abstract partial class The_queue<TMessages>
{
    [Fact]
    public async Task Gives_every_tenant_its_turn_however_much_another_has()
    {
        await ReceiveAsync([.. Enumerable.Range(0, 50).Select(i => Message(i, Noon.AddHours(-1), tenant: "loud"))]);
        await ReceiveAsync(Message(100, tenant: "quiet"), Message(101, tenant: "a-quiet-one"));

        var first = (await TakeAsync("one", 4)).Select(m => m.Tenant).ToArray();

        Assert.Contains("quiet", first);
        Assert.Contains("a-quiet-one", first);
        Assert.Contains("loud", first);
        Assert.InRange(first.Length, 3, 4);
    }

    [Fact]
    public async Task Gives_no_more_of_a_name_than_there_is_room_for_and_of_others_what_there_is()
    {
        await ReceiveAsync([.. Enumerable.Range(0, 20).Select(i => Named("narrow.v1", i, Noon.AddHours(-1), $"tenant-{i % 2}"))]);
        await ReceiveAsync([.. Enumerable.Range(0, 20).Select(i => Named("closed.v1", i, Noon.AddHours(-2), $"tenant-{i % 3}"))]);
        await ReceiveAsync([.. Enumerable.Range(0, 20).Select(i => Named("wide.v1", i, Noon, $"tenant-{i % 2}"))]);

        var taken = await Queue.TakeAsync(await NodeAsync("one"), Rooms(12, ("narrow.v1", 3), ("closed.v1", 0), ("unknown.v1", 1)), Ct);

        Assert.InRange(taken.Count, 9, 12);
        Assert.InRange(taken.Count(m => m.Name == "narrow.v1"), 1, 3);
        Assert.DoesNotContain(taken, m => m.Name == "closed.v1");
        Assert.InRange(taken.Count(m => m.Name == "wide.v1"), 6, 9);
        Assert.InRange((await Queue.TakeAsync(await NodeAsync("one"), Rooms(20, ("closed.v1", 0)), Ct)).Count, 16, 20);
    }

    [Fact]
    public async Task Lets_the_names_of_one_type_share_its_room()
    {
        await ReceiveAsync([.. Enumerable.Range(0, 6).Select(i => Named($"narrow.v{1 + (i % 2)}", i, Noon, "demo"))]);
        Room[] rooms = [new("narrow.v1", "narrow.v2", 3), new("narrow.v2", "narrow.v2", 3)];

        var taken = await Queue.TakeAsync(await NodeAsync("one"), new(The_queue.LongLease, 6, long.MaxValue) { Rooms = rooms }, Ct);

        Assert.Equal(3, taken.Count);
    }

    [Fact]
    public async Task Does_not_stop_at_tenants_that_have_nothing_there_is_room_for()
    {
        await ReceiveAsync([.. Enumerable.Range(0, 100).Select(i => Named("closed.v1", i, Noon.AddHours(-1), $"a-{i:D3}"))]);
        await ReceiveAsync(Message(7, tenant: "b"));

        Assert.Equal(
            [7], The_queue.Numbers(await Queue.TakeAsync(await NodeAsync("one"), Rooms(1, ("closed.v1", 0)), Ct)));
    }

    [Theory]
    [InlineData("a")]
    [InlineData("z")]
    public async Task Makes_what_one_tenant_has_due_wait_for_another_by_no_more_than_one_taking(string quiet)
    {
        await ReceiveAsync([.. Enumerable.Range(0, 3_000).Select(i => Message(i, Noon.AddMinutes(1), tenant: "loud"))]);
        await ReceiveAsync([.. Enumerable.Range(0, 50).Select(i => Message(i, Noon.AddDays(1), tenant: $"idle-{i}"))]);
        await ReceiveAsync(Message(1, Noon.AddMinutes(2), tenant: quiet));
        messages.Time.Advance(TimeSpan.FromMinutes(2));

        var taken = await TakeAsync("one", 4);

        Assert.Contains(taken, m => m.Tenant == quiet);
        Assert.Contains(taken, m => m.Tenant == "loud");
    }

    [Fact]
    public async Task Goes_round_the_tenants_when_there_are_more_than_places()
    {
        string[] tenants = ["a", "b", "c", "d", "e"];
        foreach (var tenant in tenants)
        {
            await ReceiveAsync(Message(1, tenant: tenant), Message(2, tenant: tenant));
        }

        var turns = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            turns.AddRange((await TakeAsync("one", 2)).Select(m => m.Tenant));
        }

        Assert.Equal(["a", "b", "c", "d", "e", "a", "b", "c", "d", "e"], turns);
    }

    private static OutgoingMessage Named(string name, int number, DateTimeOffset dueAt, string tenant) =>
        Message(number, dueAt, tenant: tenant) with { Name = name };

    private static Demand Rooms(int limit, params (string Name, int Free)[] rooms) =>
        new(The_queue.LongLease, limit, long.MaxValue) { Rooms = [.. rooms.Select(r => new Room(r.Name, r.Name, r.Free))] };
}
