using FiberLink.EventStore;
using FiberLink.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace FiberLink.Messaging.Tests;

public sealed partial class The_dispatcher(MessagesUnderTest messages) : IClassFixture<MessagesUnderTest>, IAsyncLifetime
{
    private int _isSlowTaken;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await messages.ResetAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Has_what_is_due_handled_once()
    {
        await ReceiveAsync(3);
        var handling = new Handling(Mark);
        var dispatcher = Make(handling);

        Assert.Equal(3, await dispatcher.DispatchBatchAsync(Ct));
        Assert.Equal(0, await dispatcher.DispatchBatchAsync(Ct));

        Assert.Equal(3, handling.Attempts.Count);
        Assert.Equal("0 3 0", await messages.CountsAsync());
    }

    [Fact]
    public async Task Handles_a_batch_side_by_side()
    {
        await ReceiveAsync(8);
        var allAreHere = new TaskCompletionSource();
        var here = 0;
        var dispatcher = Make(new Handling(async (message, marker, ct) =>
        {
            if (Interlocked.Increment(ref here) == 8)
            {
                allAreHere.SetResult();
            }

            await allAreHere.Task.WaitAsync(ct);
            await Mark(message, marker, ct);
        }));

        Assert.Equal(8, await dispatcher.DispatchBatchAsync(Ct));

        Assert.Equal("0 8 0", await messages.CountsAsync());
    }

    [Fact]
    public async Task Tries_again_after_growing_pauses_and_gives_up_in_the_end()
    {
        var message = MessagesUnderTest.Message();
        await messages.Queue.ReceiveAsync([message], Ct);
        var handling = new Handling((_, _, _) => throw new InvalidOperationException("no luck"));
        var dispatcher = Make(handling);

        for (var attempt = 1; attempt < RetrySchedule.Default.AttemptsMax; attempt++)
        {
            Assert.Equal(1, await dispatcher.DispatchBatchAsync(Ct));
            var pause = RetrySchedule.Default.PauseAfter(attempt, message.Id)!.Value;
            messages.Time.Advance(pause - TimeSpan.FromTicks(TimeSpan.TicksPerMicrosecond));
            Assert.Equal(0, await dispatcher.DispatchBatchAsync(Ct));
            Assert.Equal("no luck", await messages.TextAsync("select last_error from messaging.waiting"));
            messages.Time.Advance(TimeSpan.FromTicks(TimeSpan.TicksPerMicrosecond));
        }

        Assert.Equal(1, await dispatcher.DispatchBatchAsync(Ct));
        messages.Time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(0, await dispatcher.DispatchBatchAsync(Ct));

        Assert.Equal(Enumerable.Range(1, RetrySchedule.Default.AttemptsMax), handling.Attempts);
        Assert.Equal("0 0 1", await messages.CountsAsync());
        Assert.Equal("30 no luck", await messages.TextAsync("select concat_ws(' ', attempts, last_error) from messaging.dead_letters"));
    }

    [Fact]
    public async Task Gives_up_at_once_when_no_further_attempt_can_help()
    {
        await ReceiveAsync(1);

        await Make(new Handling((_, _, _) => throw new CannotBeHandledException("nobody knows it"))).DispatchBatchAsync(Ct);

        Assert.Equal("0 0 1", await messages.CountsAsync());
        Assert.Equal(
            "1 nobody knows it",
            await messages.TextAsync("select concat_ws(' ', attempts, last_error) from messaging.dead_letters"));
    }

    [Fact]
    public async Task Does_not_count_an_attempt_whose_time_had_not_come()
    {
        await ReceiveAsync(1);
        var handling = new Handling((_, _, _) => throw new TryLaterException("the node is away", TimeSpan.FromMinutes(1)));
        var dispatcher = Make(handling);

        for (var i = 0; i < RetrySchedule.Default.AttemptsMax + 5; i++)
        {
            Assert.Equal(1, await dispatcher.DispatchBatchAsync(Ct));
            Assert.Equal(0, await dispatcher.DispatchBatchAsync(Ct));
            messages.Time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.All(handling.Attempts, attempt => Assert.Equal(1, attempt));
        Assert.Equal("0 the node is away", await messages.TextAsync("select concat_ws(' ', attempts, last_error) from messaging.waiting"));
    }

    [Fact]
    public async Task Tries_again_what_was_not_handled_in_time()
    {
        await ReceiveAsync(1);
        var handling = new Handling((_, _, ct) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct));
        var dispatcher = Make(handling);
        var dispatching = dispatcher.DispatchBatchAsync(Ct);
        await Eventually.HoldsAsync("it is being handled", () => handling.Attempts.Count == 1, Ct);

        messages.Time.Advance(TimeSpan.FromSeconds(7));
        Assert.False(dispatching.IsCompleted);
        messages.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, await dispatching);

        Assert.Equal("1", await messages.TextAsync("select attempts from messaging.waiting where state <> 'taken'"));
        Assert.Contains("in time", await messages.TextAsync("select last_error from messaging.waiting"), StringComparison.Ordinal);
        handling.Act = Mark;
        messages.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, await dispatcher.DispatchBatchAsync(Ct));
        Assert.Equal("0 1 0", await messages.CountsAsync());
    }

    [Fact]
    public async Task Gives_back_what_it_has_in_hand_when_it_is_stopped()
    {
        await ReceiveAsync(1);
        var handling = new Handling((_, _, ct) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct));
        await using (new Running(Make(handling)))
        {
            await Eventually.HoldsAsync("it is being handled", () => handling.Attempts.Count == 1, Ct);
        }

        Assert.Equal("0", await messages.TextAsync("select attempts from messaging.waiting where state <> 'taken'"));
    }

    [Fact]
    public async Task Takes_over_what_a_dead_dispatcher_had_in_hand()
    {
        await ReceiveAsync(1);
        var dead = await messages.Queue.JoinAsync("dead", Ct);
        await messages.Queue.TakeAsync(dead, new(TimeSpan.FromHours(1), 1, long.MaxValue), Ct);
        var handling = new Handling(Mark);
        await using var running = new Running(Make(handling));
        await Eventually.HoldsAsync("it waits", () => messages.Time.TimerCount > 0, Ct);
        Assert.Empty(handling.Attempts);

        await messages.SilenceAsync(dead);

        await HandledAsync(1, TimeSpan.FromMilliseconds(500));
        Assert.Equal([2], handling.Attempts);
    }

    [Fact]
    public async Task Is_woken_by_a_commit_of_another_process_without_the_clock()
    {
        await using var running = new Running(Make(new Handling(Mark)));
        await Eventually.HoldsAsync(
            "it listens",
            async () => await messages.TextAsync(
                "select count(*) from pg_stat_activity where datname = current_database() and query like 'listen%'") == "1",
            Ct);

        for (var i = 1; i < 5; i++)
        {
            await messages.Store.AppendAsync(MessagesUnderTest.Noting("cause", MessagesUnderTest.Message()), Ct);
            await HandledAsync(i, TimeSpan.Zero);
        }
    }

    [Fact]
    public async Task Goes_on_after_its_sessions_were_ended()
    {
        await using var running = new Running(Make(new Handling(Mark)));
        await ReceiveAsync(1);
        await HandledAsync(1, TimeSpan.Zero);

        await messages.ExecuteAsync(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()");
        messages.Database.Clear();
        await ReceiveAsync(1);

        await HandledAsync(2, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task Gives_up_what_ended_the_process_in_each_attempt()
    {
        await ReceiveAsync(1);
        await messages.ExecuteAsync($"update messaging.waiting set attempts = {RetrySchedule.Default.AttemptsMax}");
        var handling = new Handling(Mark);

        await Make(handling).DispatchBatchAsync(Ct);

        Assert.Empty(handling.Attempts);
        Assert.Equal("0 0 1", await messages.CountsAsync());
    }

    [Fact]
    public async Task Stops_at_once_also_while_the_database_is_away()
    {
        await using var nowhere = NpgsqlDataSource.Create("Host=127.0.0.1;Port=1;Username=nobody");
        var failed = new FailureCount();
        var dispatcher = new MessageDispatcher(
            new MessageQueue(nowhere, messages.Time), new Handling(Mark), "one", new(), messages.Time, failed, new(nowhere, messages.Time));
        await using (new Running(dispatcher))
        {
            await Eventually.HoldsAsync("it failed", () => failed.Count > 0, Ct);
        }

        Assert.Equal(1, failed.Count);
    }

    [Fact]
    public async Task Two_dispatchers_handle_each_message_once()
    {
        var one = new Handling(Mark);
        var other = new Handling(Mark);
        await using var first = new Running(Make(one, "one"));
        await using var second = new Running(Make(other, "other"));

        await ReceiveAsync(100);
        await HandledAsync(100, TimeSpan.FromMilliseconds(500));

        Assert.Equal(100, one.Attempts.Count + other.Attempts.Count);
    }

    [Fact]
    public async Task A_slow_message_holds_up_nobody_but_itself()
    {
        var released = new TaskCompletionSource();
        var handling = new Handling(async (message, marker, ct) =>
        {
            if (Interlocked.Exchange(ref _isSlowTaken, 1) == 0)
            {
                await released.Task.WaitAsync(ct);
            }

            await Mark(message, marker, ct);
        });
        await using var running = new Running(Make(handling));

        await ReceiveAsync(1);
        await Eventually.HoldsAsync("it is in hand", () => Volatile.Read(ref _isSlowTaken) == 1, Ct);
        await ReceiveAsync(40);
        await Eventually.HoldsAsync("the others are handled", () => AreAfterAsync("1 40 0", TimeSpan.Zero), Ct);
        released.SetResult();

        await HandledAsync(41, TimeSpan.Zero);
    }

    [Fact]
    public async Task Forgets_markers_of_a_week_ago()
    {
        await messages.ExecuteAsync("insert into messaging.handled values (gen_random_uuid(), 'note.v1', now() - interval '8 days')");
        await using var running = new Running(Make(new Handling(Mark)));

        await Eventually.HoldsAsync("it forgets", () => AreAfterAsync("0 0 0", TimeSpan.FromMilliseconds(500)), Ct);
    }

    private MessageDispatcher Make(IMessageHandling handling, string owner = "one") =>
        new(
            messages.Queue, handling, owner, new(), messages.Time, NullLogger<MessageDispatcher>.Instance,
            new(messages.Database, messages.Time));

    private async Task Mark(WaitingMessage message, HandledMarker marker, CancellationToken ct) =>
        Assert.IsType<AppendResult.Appended>(
            await messages.Store.AppendAsync(Change.OfRows(EventMetadata.None, messages.Time.GetUtcNow(), marker), ct));

    private Task ReceiveAsync(int count) =>
        messages.Queue.ReceiveAsync([.. Enumerable.Range(0, count).Select(i => MessagesUnderTest.Message(i))], Ct);

    private Task HandledAsync(int count, TimeSpan step) =>
        Eventually.HoldsAsync($"{count} are handled", () => AreAfterAsync($"0 {count} 0", step), Ct);

    private async Task<bool> AreAfterAsync(string counts, TimeSpan step)
    {
        messages.Time.Advance(step);
        return await messages.CountsAsync() == counts;
    }
}
