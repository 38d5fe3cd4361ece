using FiberLink.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace FiberLink.Messaging.Tests;

public sealed partial class The_dispatcher
{
    [Fact]
    public async Task Does_not_handle_what_has_expired_and_says_so()
    {
        var expiry = MessagesUnderTest.Noon.AddMinutes(1);
        await messages.Queue.ReceiveAsync([MessagesUnderTest.Message(1) with { ExpiresAt = expiry }], Ct);
        await messages.Queue.ReceiveAsync([MessagesUnderTest.Message(2) with { ExpiresAt = expiry.AddTicks(10) }], Ct);
        messages.Time.Advance(TimeSpan.FromMinutes(1));
        var handling = new Handling(Mark);

        Assert.Equal(2, await Make(handling).DispatchBatchAsync(Ct));

        Assert.Single(handling.Attempts);
        Assert.Equal(
            "0 It was worth handling until 2026-01-01T12:01:00.0000000+00:00.",
            await messages.TextAsync(
                "select concat_ws(' ', attempts, last_error) from messaging.dead_letters where expired_at is not null"));
        Assert.Equal("expired", await messages.TextAsync("select outcome from messaging.attempts"));
        var desk = new MessageDesk(messages.Database);
        Assert.Empty(await desk.ListAsync(new(), Ct));
        Assert.Equal("expired", Assert.Single(await desk.ListAsync(new() { State = "expired" }, Ct)).State);
    }

    [Theory]
    [InlineData(3, long.MaxValue, 3)]
    [InlineData(16, 20, 2)]
    public async Task Has_no_more_in_hand_than_it_is_told_in_number_and_in_bytes(int messagesMax, long bytesMax, int inHand)
    {
        var released = new TaskCompletionSource();
        var started = 0;
        var handlers = new HandlerList()
            .On(new MessageType<Note>("note.v1", NoteJson.Default.Note), new() { TimeLimit = TimeSpan.FromDays(1) }).By(async (_, _, ct) =>
            {
                Interlocked.Increment(ref started);
                await released.Task.WaitAsync(ct);
            });
        await ReceiveAsync(8);
        var options = new MessagingOptions { InFlightMax = messagesMax, BytesInFlightMax = bytesMax };
        var dispatcher = new MessageDispatcher(
            messages.Queue, new MessageRouter(messages.Queue, handlers), "one", options, messages.Time,
            NullLogger<MessageDispatcher>.Instance, null);
        await using (new Running(dispatcher))
        {
            await Eventually.HoldsAsync("it has some", () => Volatile.Read(ref started) > 0, Ct);
            for (var i = 0; i < 4; i++)
            {
                await BeatAsync();
            }

            // One is taken whatever its size: so there may be one more than there is room for.
            Assert.Equal(inHand, Volatile.Read(ref started));
            released.SetResult();
            await HandledAsync(8, TimeSpan.FromMilliseconds(500));
        }
    }

    [Fact]
    public async Task Does_not_touch_what_its_type_has_no_room_for_and_handles_the_others_meanwhile()
    {
        var released = new TaskCompletionSource();
        var narrow = 0;
        var early = MessagesUnderTest.Noon.AddDays(-1);
        var options = new HandlerOptions { ConcurrencyMax = 2, TimeLimit = TimeSpan.FromDays(1) };
        var handlers = new HandlerList()
            .On(new MessageType<Note>("narrow.v1", NoteJson.Default.Note), options).By(async (_, _, ct) =>
            {
                Interlocked.Increment(ref narrow);
                await released.Task.WaitAsync(ct);
            })
            .On(new MessageType<Note>("note.v1", NoteJson.Default.Note)).By((_, _, _) => Task.CompletedTask);
        await messages.Queue.ReceiveAsync(
            [.. Enumerable.Range(0, 50).Select(i => MessagesUnderTest.Message(i, early) with { Name = "narrow.v1" })], Ct);
        await using (new Running(Make(new MessageRouter(messages.Queue, handlers))))
        {
            await ReceiveAsync(40);
            await Eventually.HoldsAsync("the others are handled", () => AreAfterAsync("50 40 0", TimeSpan.FromMilliseconds(500)), Ct);

            Assert.Equal(2, Volatile.Read(ref narrow));
            Assert.Equal(
                "2 taken, 48 ready",
                await messages.TextAsync(
                    """
                    select string_agg(n || ' ' || state, ', ' order by n)
                      from (select count(*) as n, state from messaging.waiting where last_error is null group by state) as s
                    """));
            released.SetResult();
            await HandledAsync(90, TimeSpan.FromMilliseconds(500));
        }

        Assert.Equal(50, narrow);
    }

    // Between one beat and the next, it has looked for messages.
    private async Task BeatAsync()
    {
        const string heard = "select heartbeat_at from messaging.nodes";
        var before = await messages.TextAsync(heard);
        await Eventually.HoldsAsync("it beats", HasBeatenAsync, Ct);

        async Task<bool> HasBeatenAsync()
        {
            messages.Time.Advance(TimeSpan.FromMilliseconds(500));
            return await messages.TextAsync(heard) != before;
        }
    }
}
