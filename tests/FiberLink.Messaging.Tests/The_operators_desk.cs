namespace FiberLink.Messaging.Tests;

public sealed class The_operators_desk(MessagesUnderTest messages) : IClassFixture<MessagesUnderTest>, IAsyncLifetime
{
    private readonly OutgoingMessage _dead = MessagesUnderTest.Message(1);
    private readonly OutgoingMessage _taken = MessagesUnderTest.Message(2);
    private readonly OutgoingMessage _waiting = MessagesUnderTest.Message(3, MessagesUnderTest.Noon.AddDays(1), "a", "other");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private MessageDesk Desk => new(messages.Database);

    public async ValueTask InitializeAsync()
    {
        await messages.ResetAsync();
        var node = await messages.Queue.JoinAsync("one", Ct);
        await messages.Queue.ReceiveAsync([_dead], Ct);
        var taken = await messages.Queue.TakeAsync(node, new(The_queue.LongLease, 1, 1), Ct);
        await messages.Queue.GiveUpAsync(taken.Single(), The_queue.Failure("hopeless"), stopsKey: false, Ct);
        await messages.Queue.ReceiveAsync([_taken], Ct);
        await messages.Queue.TakeAsync(node, new(The_queue.LongLease, 1, 1), Ct);
        await messages.Queue.ReceiveAsync([_waiting], Ct);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Lists_what_waits_and_what_was_given_up_the_oldest_first()
    {
        var all = await Desk.ListAsync(new(), Ct);

        Assert.Equal([_dead.Id, _taken.Id, _waiting.Id], all.Select(m => m.Id));
        Assert.Equal(["dead", "taken", "scheduled"], all.Select(m => m.State));
        Assert.Single(await Desk.ListAsync(new() { Limit = 1 }, Ct));
    }

    [Fact]
    public async Task Lists_what_is_asked_for()
    {
        Assert.Equal([_waiting.Id], await IdsAsync(new() { Tenant = "other" }));
        Assert.Equal([_waiting.Id], await IdsAsync(new() { Key = "a" }));
        Assert.Equal([_dead.Id], await IdsAsync(new() { State = "dead" }));
        Assert.Empty(await IdsAsync(new() { Name = "other.v1" }));
        Assert.Empty(await IdsAsync(new() { OlderThan = TimeSpan.FromHours(1) }));
        Assert.Equal(3, (await IdsAsync(new() { OlderThan = TimeSpan.Zero })).Count());
    }

    [Fact]
    public async Task Leaves_out_what_was_discarded_unless_it_is_asked_for()
    {
        await messages.Queue.DiscardAsync(_dead.Id, new("operator:ann", "of no use"), Ct);

        Assert.DoesNotContain(_dead.Id, await IdsAsync(new()));
        Assert.Equal([_dead.Id], await IdsAsync(new() { State = "discarded" }));
        Assert.Equal(("operator:ann", "discard", "of no use"), Assert.Single(await Desk.ActionsAsync(_dead.Id, Ct)) switch
        {
            var a => (a.Actor, a.Action, a.Reason),
        });
    }

    [Fact]
    public async Task Shows_one_message_with_its_body_and_its_attempts()
    {
        var dead = await Desk.FindAsync(_dead.Id, Ct);

        Assert.Equal("""{"number": 1}""", dead!.Body);
        Assert.Equal(("hopeless", "System.Exception", "trace-1", 1), (dead.LastError, dead.ErrorType, dead.TraceId, dead.Attempts));
        var attempt = Assert.Single(await Desk.AttemptsAsync(_dead.Id, Ct));
        Assert.Equal((1, "given up", "one", TimeSpan.FromSeconds(1)), (attempt.Attempt, attempt.Outcome, attempt.Node, attempt.Took));
        Assert.Null(await Desk.FindAsync(Guid.Empty, Ct));
    }

    [Fact]
    public async Task Shows_the_nodes_and_what_they_have_in_hand()
    {
        var node = Assert.Single(await Desk.NodesAsync(Ct));

        Assert.Equal(("one", 1), (node.Name, node.InHand));
    }

    private async Task<IEnumerable<Guid>> IdsAsync(MessageFilter filter) => (await Desk.ListAsync(filter, Ct)).Select(m => m.Id);
}
