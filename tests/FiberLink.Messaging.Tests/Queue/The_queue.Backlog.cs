namespace FiberLink.Messaging.Tests;

public abstract partial class The_queue<TMessages>
{
    [Fact]
    public async Task Tells_what_waits_the_largest_groups_first()
    {
        await ReceiveAsync(Message(1), Message(2), Message(3), Message(4, key: "a"), Message(5, Noon.AddHours(-1), tenant: "other"));
        await ReceiveAsync(Message(6, key: "a"), Message(7, Noon.AddDays(1), tenant: "other"));
        await GiveUpAsync((await TakeAsync("one", 1)).Single());

        var backlog = await Queue.BacklogAsync(10, Ct);

        Assert.Equal(
            ["demo ready 3", "demo behind 1", "demo dead 1", "other ready 1", "other scheduled 1"],
            backlog.Select(b => $"{b.Tenant} {b.State} {b.Count}"));
        Assert.Equal(Noon.AddHours(-1), backlog.Single(b => b is { Tenant: "other", State: "ready" }).OldestDueAt);
        Assert.All(backlog, b => Assert.False(b.IsEstimated));
    }

    [Fact]
    public async Task Tells_of_each_state_what_is_not_told_by_name_as_one()
    {
        await ReceiveAsync([.. Enumerable.Range(0, 3).Select(i => Message(i, tenant: "loud"))]);
        await ReceiveAsync(Message(4, tenant: "a"), Message(5, Noon.AddHours(-1), tenant: "b"), Message(6, Noon.AddDays(1), tenant: "c"));

        var backlog = await Queue.BacklogAsync(1, Ct);

        Assert.Equal(
            ["note.v1 loud ready 3", "(others) (others) ready 2", "(others) (others) scheduled 1"],
            backlog.Select(b => $"{b.Name} {b.Tenant} {b.State} {b.Count}"));
        Assert.Equal(Noon.AddHours(-1), backlog[1].OldestDueAt);
    }
}
