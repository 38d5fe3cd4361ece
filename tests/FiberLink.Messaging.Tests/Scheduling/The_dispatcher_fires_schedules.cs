using FiberLink.EventStore;
using FiberLink.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace FiberLink.Messaging.Tests.Scheduling;

public sealed class The_dispatcher_fires_schedules(MessagesUnderTest messages) : IClassFixture<MessagesUnderTest>, IAsyncLifetime
{
    private static readonly ScheduleList Hourly = SchedulesUnderTest.Of(catchUp: CatchUp.All(100));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await messages.ResetAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task It_declares_them_as_it_starts_and_handles_what_they_send()
    {
        var handling = new Handling(Mark);
        var dispatcher = Make(handling, messages.Schedules);

        await dispatcher.DispatchBatchAsync(Ct);
        Assert.Equal("hourly", Assert.Single(await messages.Schedules.ListAsync(Ct)).Name);
        messages.Time.Advance(TimeSpan.FromHours(3));
        await dispatcher.DispatchBatchAsync(Ct);
        await dispatcher.DispatchBatchAsync(Ct);

        Assert.Equal("0 3 0", await messages.CountsAsync());
        Assert.Equal(3, handling.Attempts.Count);
    }

    [Fact]
    public async Task It_looks_once_a_second()
    {
        var dispatcher = Make(new Handling(Mark), messages.Schedules);
        await dispatcher.DispatchBatchAsync(Ct);
        await messages.ExecuteAsync("update messaging.schedules set next_due_at = '2026-01-01T12:00:00Z'");

        messages.Time.Advance(TimeSpan.FromSeconds(1) - TimeSpan.FromTicks(1));
        Assert.Equal(0, await dispatcher.DispatchBatchAsync(Ct));
        messages.Time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(1, await dispatcher.DispatchBatchAsync(Ct));
    }

    [Fact]
    public async Task Of_two_that_run_one_sends_and_one_handles_each_time()
    {
        var one = new Handling(Mark);
        var other = new Handling(Mark);
        await using var first = new Running(Make(one, messages.Schedules));
        await using var second = new Running(Make(other, messages.Schedules));
        await Eventually.HoldsAsync("it is declared", async () => (await messages.Schedules.ListAsync(Ct)).Count == 1, Ct);

        for (var hour = 1; hour <= 20; hour++)
        {
            messages.Time.Advance(MessagesUnderTest.Noon.AddHours(hour) - messages.Time.GetUtcNow());
            await EventuallyAsync($"{hour} are handled", async () => await messages.CountsAsync() == $"0 {hour} 0");
        }

        Assert.Equal(20, one.Attempts.Count + other.Attempts.Count);
    }

    [Fact]
    public async Task It_declares_them_once_it_can()
    {
        await messages.ExecuteAsync("alter table messaging.schedules rename to schedules_that_are_away");
        var failures = new FailureCount();
        await using var running = new Running(Make(new Handling(Mark), messages.Schedules, failures));
        await EventuallyAsync("it fails", () => Task.FromResult(failures.Count > 1));

        await messages.ExecuteAsync("alter table messaging.schedules_that_are_away rename to schedules");

        await EventuallyAsync("it is declared", async () => (await messages.Schedules.ListAsync(Ct)).Count == 1);
    }

    private Task EventuallyAsync(string what, Func<Task<bool>> condition) =>
        Eventually.HoldsAsync(
            what,
            async () =>
            {
                messages.Time.Advance(TimeSpan.FromMilliseconds(100));
                return await condition();
            },
            Ct);

    private MessageDispatcher Make(IMessageHandling handling, IScheduleStore schedules, FailureCount? failures = null) =>
        new(
            messages.Queue, handling, "one", new(), messages.Time,
            (ILogger<MessageDispatcher>?)failures ?? NullLogger<MessageDispatcher>.Instance,
            new(messages.Database, messages.Time), new(schedules, Hourly, messages.Time, NullLogger<ScheduleClock>.Instance));

    private async Task Mark(WaitingMessage message, HandledMarker marker, CancellationToken ct) =>
        Assert.IsType<AppendResult.Appended>(
            await messages.Store.AppendAsync(Change.OfRows(EventMetadata.None, messages.Time.GetUtcNow(), marker), ct));
}
