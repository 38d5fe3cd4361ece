using FiberLink.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace FiberLink.Messaging.Tests;

/// <summary>What the options of a handler decide. In memory: it is not about the database.</summary>
public sealed class When_handling_fails : IAsyncLifetime
{
    private static readonly MessageType<Note> Notes = new("note.v1", NoteJson.Default.Note);

    private readonly MessagesInMemory _messages = new();
    private readonly List<int> _seen = [];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _messages.ResetAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task An_exception_that_is_said_to_be_permanent_is_not_tried_again()
    {
        var message = await ReceiveAsync(1);
        var dispatcher = Make(new() { PermanentFailures = [typeof(ArgumentException)] }, _ => throw new ArgumentNullException("it"));

        await dispatcher.DispatchBatchAsync(Ct);

        Assert.Equal(MessageFate.DeadLetter, await FateAsync(message));
    }

    [Fact]
    public async Task A_message_type_has_a_schedule_of_its_own()
    {
        var message = await ReceiveAsync(1);
        var retries = new RetrySchedule(TimeSpan.FromHours(1), TimeSpan.FromHours(1), 2) { Jitter = 0 };
        var dispatcher = Make(new() { Retries = retries }, _ => throw new InvalidOperationException());

        Assert.Equal(1, await dispatcher.DispatchBatchAsync(Ct));
        _messages.Time.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal(0, await dispatcher.DispatchBatchAsync(Ct));
        _messages.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, await dispatcher.DispatchBatchAsync(Ct));

        Assert.Equal(MessageFate.DeadLetter, await FateAsync(message));
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 1)]
    public async Task A_message_type_says_whether_a_dead_letter_stops_its_key(bool stops, int taken)
    {
        await ReceiveAsync(1, "a");
        await ReceiveAsync(2, "a");
        var dispatcher = Make(new() { DeadLetterStopsKey = stops }, n => _ = n == 1 ? throw new CannotBeHandledException("no") : n);

        Assert.Equal(1, await dispatcher.DispatchBatchAsync(Ct));

        Assert.Equal(taken, await dispatcher.DispatchBatchAsync(Ct));
    }

    [Fact]
    public async Task While_a_destination_is_away_one_message_at_a_time_is_tried()
    {
        for (var i = 0; i < 10; i++)
        {
            await ReceiveAsync(i);
        }

        var isAway = true;
        var dispatcher = Make(new() { Destination = "node" }, _ =>
        {
            if (isAway)
            {
                throw new TryLaterException("away", TimeSpan.FromMilliseconds(1)) { IsDestinationAway = true };
            }
        });

        Assert.Equal(10, await dispatcher.DispatchBatchAsync(Ct));
        Assert.Equal(5, _seen.Count);
        _messages.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(1, await dispatcher.DispatchBatchAsync(Ct));
        Assert.Equal(6, _seen.Count);
        Assert.Equal(0, await dispatcher.DispatchBatchAsync(Ct));

        isAway = false;
        _messages.Time.Advance(TimeSpan.FromSeconds(30));
        await dispatcher.DispatchBatchAsync(Ct);
        _messages.Time.Advance(TimeSpan.FromSeconds(30));
        await dispatcher.DispatchBatchAsync(Ct);
        Assert.Equal(16, _seen.Count);
    }

    [Fact]
    public async Task A_refusal_by_a_destination_that_is_there_keeps_nobody_else_from_it()
    {
        for (var i = 0; i < 10; i++)
        {
            await ReceiveAsync(i);
        }

        await Make(new() { Destination = "node" }, _ => throw new TryLaterException("refused", TimeSpan.FromHours(1)))
            .DispatchBatchAsync(Ct);

        Assert.Equal(10, _seen.Count);
    }

    [Fact]
    public async Task No_more_of_a_type_are_handled_at_once_than_it_says()
    {
        var gate = new TaskCompletionSource();
        var running = 0;
        var handlers = new HandlerList().On(Notes, new() { ConcurrencyMax = 2 }).By(async (_, _, ct) =>
        {
            Interlocked.Increment(ref running);
            await gate.Task.WaitAsync(ct);
        });
        for (var i = 0; i < 5; i++)
        {
            await ReceiveAsync(i);
        }

        var dispatching = Make(handlers).DispatchBatchAsync(Ct);
        await Eventually.HoldsAsync("two run", () => Volatile.Read(ref running) == 2, Ct);
        gate.SetResult();
        Assert.Equal(2, await dispatching);

        Assert.Equal(2, running);
        Assert.Equal(2, await Make(handlers).DispatchBatchAsync(Ct));
        Assert.Equal(1, await Make(handlers).DispatchBatchAsync(Ct));
    }

    private MessageDispatcher Make(HandlerOptions options, Action<int> act) =>
        Make(new HandlerList().On(Notes, options).By((note, _) =>
        {
            _seen.Add(note.Number);
            act(note.Number);
        }));

    private MessageDispatcher Make(HandlerList handlers) =>
        new(
            _messages.Queue, new MessageRouter(_messages.Queue, handlers), "one", new(), _messages.Time,
            NullLogger<MessageDispatcher>.Instance, null);

    private async Task<OutgoingMessage> ReceiveAsync(int number, string? key = null)
    {
        var message = MessagesUnderTest.Message(number, key: key);
        await _messages.Queue.ReceiveAsync([message], Ct);
        return message;
    }

    private async Task<MessageFate> FateAsync(OutgoingMessage message) => (await _messages.Queue.FindAsync([message.Id], Ct))[message.Id];
}
