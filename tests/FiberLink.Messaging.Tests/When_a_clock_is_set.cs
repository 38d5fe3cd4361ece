using Microsoft.Extensions.Logging.Abstractions;

namespace FiberLink.Messaging.Tests;

/// <summary>Clocks are set back and forth while nodes run: theirs, and the database server's.</summary>
public sealed class When_a_clock_is_set(MessagesUnderTest messages) : IClassFixture<MessagesUnderTest>, IAsyncLifetime
{
    private const string HeardLately = "select count(*) from messaging.nodes where heartbeat_at > now() - interval '1 minute'";

    private readonly Handling _handling = new((_, _, _) => Task.CompletedTask);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await messages.ResetAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData(-24)]
    [InlineData(24)]
    public async Task A_node_goes_on_saying_that_it_lives(int hours)
    {
        var dispatcher = Make();
        await dispatcher.DispatchBatchAsync(Ct);
        await messages.ExecuteAsync("update messaging.nodes set heartbeat_at = now() - interval '1 hour'");

        messages.Time.Jump(TimeSpan.FromHours(hours));
        messages.Time.Advance(new MessagingOptions().HeartbeatInterval);
        await dispatcher.DispatchBatchAsync(Ct);

        Assert.Equal("1", await messages.TextAsync(HeardLately));
        Assert.Equal("1", await messages.TextAsync("select count(*) from messaging.nodes"));
    }

    [Fact]
    public async Task What_is_old_is_forgotten_all_the_same()
    {
        var dispatcher = Make();
        await dispatcher.DispatchBatchAsync(Ct);
        await messages.ExecuteAsync("insert into messaging.handled values (gen_random_uuid(), 'note.v1', now() - interval '8 days')");

        messages.Time.Jump(TimeSpan.FromHours(-24));
        messages.Time.Advance(TimeSpan.FromSeconds(10));
        await dispatcher.DispatchBatchAsync(Ct);
        await dispatcher.DispatchBatchAsync(Ct);

        Assert.Equal("0 0 0", await messages.CountsAsync());
    }

    [Theory]
    [InlineData(-24)]
    [InlineData(24)]
    public async Task In_memory_nobody_is_taken_for_dead(int hours)
    {
        var inMemory = new MessagesInMemory();
        await inMemory.ResetAsync();
        var node = await inMemory.Queue.JoinAsync("one", Ct);
        await inMemory.Queue.ReceiveAsync([MessagesUnderTest.Message()], Ct);
        await inMemory.Queue.TakeAsync(node, new(The_queue.LongLease, 1, long.MaxValue), Ct);

        inMemory.Time.Jump(TimeSpan.FromHours(hours));
        Assert.Equal(0, await inMemory.Queue.ReleaseAsync(The_queue.SilenceMax, Ct));
        Assert.True(await inMemory.Queue.BeatAsync(node, Ct));

        await inMemory.SilenceAsync(node);
        Assert.Equal(1, await inMemory.Queue.ReleaseAsync(The_queue.SilenceMax, Ct));
    }

    [Fact]
    public async Task A_destination_is_tried_again_when_its_time_has_come()
    {
        var inMemory = new MessagesInMemory();
        await inMemory.ResetAsync();
        await inMemory.Queue.ReceiveAsync([.. Enumerable.Range(0, 5).Select(i => MessagesUnderTest.Message(i))], Ct);
        var tried = 0;
        var handlers = new HandlerList().On(new MessageType<Note>("note.v1", NoteJson.Default.Note), new() { Destination = "node" })
            .By((_, _, _) =>
            {
                tried++;
                return Task.FromException(new TryLaterException("away", TimeSpan.Zero) { IsDestinationAway = true });
            });
        var dispatcher = new MessageDispatcher(
            inMemory.Queue, new MessageRouter(inMemory.Queue, handlers), "one", new(), inMemory.Time,
            NullLogger<MessageDispatcher>.Instance, null);
        await dispatcher.DispatchBatchAsync(Ct);
        Assert.Equal(5, tried);

        inMemory.Time.Jump(TimeSpan.FromHours(-24));
        inMemory.Time.Advance(TimeSpan.FromMinutes(1));
        await inMemory.Queue.ReceiveAsync([MessagesUnderTest.Message(7, MessagesUnderTest.Noon.AddDays(-2))], Ct);
        await dispatcher.DispatchBatchAsync(Ct);

        Assert.Equal(6, tried);
    }

    [Fact]
    public async Task A_node_that_died_before_the_servers_clock_went_back_is_found_to_be_dead()
    {
        var dead = await messages.Queue.JoinAsync("dead", Ct);
        await messages.Queue.ReceiveAsync([MessagesUnderTest.Message()], Ct);
        await messages.Queue.TakeAsync(dead, new(The_queue.LongLease, 1, long.MaxValue), Ct);

        // What it said last lies ahead of the clock now.
        await messages.ExecuteAsync("update messaging.nodes set heartbeat_at = now() + interval '1 day'");
        Assert.Equal(0, await messages.Queue.ReleaseAsync(The_queue.SilenceMax, Ct));

        Assert.Equal("0", await messages.TextAsync("select count(*) from messaging.nodes where heartbeat_at > now()"));
    }

    private MessageDispatcher Make() =>
        new(messages.Queue, _handling, "one", new(), messages.Time, NullLogger<MessageDispatcher>.Instance, null);
}
