using System.Globalization;

namespace FiberLink.Messaging.Tests.Scheduling;

/// <summary>What every store of schedules owes. A store enrols with an empty subclass.</summary>
public abstract class The_schedules<TMessages>(TMessages messages) : IClassFixture<TMessages>, IAsyncLifetime
    where TMessages : class, IMessagesUnderTest
{
    private static readonly ScheduleList Hourly = SchedulesUnderTest.Of();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static DateTimeOffset Noon => MessagesUnderTest.Noon;

    private IScheduleStore Schedules => messages.Schedules;

    public async ValueTask InitializeAsync() => await messages.ResetAsync();

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Send_a_message_each_time_they_are_due_and_not_before()
    {
        await DeclareAsync(Hourly, Noon);

        Assert.Empty(await SendAsync(Hourly, Noon));
        Assert.Empty(await SendAsync(Hourly, Noon.AddMinutes(59)));
        Assert.Equal([new("hourly", 1, 0)], await SendAsync(Hourly, Noon.AddHours(1)));
        Assert.Empty(await SendAsync(Hourly, Noon.AddHours(1).AddMinutes(1)));
        Assert.Equal([new("hourly", 1, 0)], await SendAsync(Hourly, Noon.AddHours(2).AddSeconds(5)));

        messages.Time.Advance(TimeSpan.FromHours(3));
        Assert.Equal(
            [
                """tick.v1 demo {"Of":"this"} schedule hourly 2026-01-01T13:00:00Z""",
                """tick.v1 demo {"Of":"this"} schedule hourly 2026-01-01T14:00:00Z""",
            ],
            (await TakeAsync()).Select(m => $"{m.Name} {m.Tenant} {m.Body.Replace(" ", "", StringComparison.Ordinal)} {m.CorrelationId}"));
    }

    [Fact]
    public async Task Send_what_is_worth_handling_for_some_time_only()
    {
        var list = new ScheduleList("tests").Send(
            "hourly", SchedulesUnderTest.Hourly, CatchUp.All(9), SchedulesUnderTest.Ticks, "demo", new("this"), TimeSpan.FromMinutes(10));
        await DeclareAsync(list, Noon);
        Assert.Empty(await SendAsync(SchedulesUnderTest.Of(catchUp: CatchUp.All(9)), Noon.AddHours(2)));
        Assert.Equal([new("hourly", 2, 0)], await SendAsync(list, Noon.AddHours(2)));

        messages.Time.Advance(TimeSpan.FromHours(2));
        Assert.Equal(
            [Noon.AddHours(1).AddMinutes(10), Noon.AddHours(2).AddMinutes(10)], (await TakeAsync()).Select(m => m.ExpiresAt!.Value));
        Assert.Equal(TimeSpan.FromMinutes(10), Assert.Single(await Schedules.ListAsync(Ct)).ExpiresAfter);
        Assert.Throws<ArgumentOutOfRangeException>(() => new ScheduleList("tests").Send(
            "never", SchedulesUnderTest.Hourly, CatchUp.Once, SchedulesUnderTest.Ticks, "demo", new("this"), TimeSpan.Zero));
    }

    [Fact]
    public async Task Tell_when_they_are_due_and_when_they_were_fired()
    {
        await DeclareAsync(SchedulesUnderTest.Of(Recurrence.DailyAt(new(3, 30)), CatchUp.All(5), "daily"), Noon);
        await SendAsync(SchedulesUnderTest.Of(Recurrence.DailyAt(new(3, 30)), CatchUp.All(5), "daily"), Noon.AddHours(16));

        Assert.Equal(
            [
                new(
                    "daily", "tests", "daily at 03:30:00", "all up to 5", "tick.v1", "demo", Noon.AddHours(39.5), Noon.AddHours(15.5),
                    Noon.AddHours(16), 0, IsPaused: false, IsOrphaned: false),
            ],
            await Schedules.ListAsync(Ct));
    }

    [Fact]
    public async Task After_a_downtime_once_sends_for_the_last_time_that_was_missed()
    {
        await DeclareAsync(Hourly, Noon);

        Assert.Equal([new("hourly", 1, 4)], await SendAsync(Hourly, Noon.AddHours(5.5)));

        Assert.Equal([Noon.AddHours(5)], await DuesAsync());
        Assert.Equal((Noon.AddHours(6), 4L), await StandsAsync(s => (s.NextDueAt, s.Skipped)));
    }

    [Fact]
    public async Task After_a_downtime_all_sends_for_each_that_was_missed_up_to_the_bound()
    {
        var list = SchedulesUnderTest.Of(catchUp: CatchUp.All(3));
        await DeclareAsync(list, Noon);

        Assert.Equal([new("hourly", 3, 2)], await SendAsync(list, Noon.AddHours(5.5)));
        Assert.Equal([new("hourly", 2, 0)], await SendAsync(list, Noon.AddHours(7.5)));

        Assert.Equal([3, 4, 5, 6, 7], (await DuesAsync()).Select(d => (d - Noon).TotalHours));
    }

    [Fact]
    public async Task After_a_downtime_skip_sends_nothing_but_what_is_hardly_late()
    {
        var list = SchedulesUnderTest.Of(catchUp: CatchUp.Skip);
        await DeclareAsync(list, Noon);

        Assert.Equal([new("hourly", 0, 5)], await SendAsync(list, Noon.AddHours(5.5)));
        Assert.Null(await StandsAsync(s => s.LastFiredAt));
        Assert.Equal([new("hourly", 1, 2)], await SendAsync(list, Noon.AddHours(8).AddMinutes(1)));

        Assert.Equal([Noon.AddHours(8)], await DuesAsync());
    }

    [Fact]
    public async Task A_clock_that_goes_back_fires_nothing_twice()
    {
        await DeclareAsync(Hourly, Noon);
        await SendAsync(Hourly, Noon.AddHours(2));
        await messages.CommitAsync((await TakeAsync()).Single().Marker);

        foreach (var hours in (double[])[-24, 0.5, 1, 1.5, 2, 2.5])
        {
            await DeclareAsync(Hourly, Noon.AddHours(hours));
            Assert.Empty(await SendAsync(Hourly, Noon.AddHours(hours)));
        }

        var other = SchedulesUnderTest.Of(Recurrence.Every(TimeSpan.FromMinutes(30)));
        await DeclareAsync(other, Noon.AddHours(1));
        await Schedules.PauseAsync("hourly", SchedulesUnderTest.Reason, Ct);
        await Schedules.ResumeAsync("hourly", SchedulesUnderTest.Reason, Noon.AddHours(1), Ct);
        Assert.Empty(await SendAsync(other, Noon.AddHours(2.25)));
        Assert.Equal([new("hourly", 1, 0)], await SendAsync(other, Noon.AddHours(2.5)));
    }

    [Fact]
    public async Task What_is_paused_sends_nothing_and_what_is_resumed_goes_on_from_then()
    {
        await DeclareAsync(Hourly, Noon);
        Assert.True(await Schedules.PauseAsync("hourly", SchedulesUnderTest.Reason, Ct));
        Assert.False(await Schedules.PauseAsync("hourly", SchedulesUnderTest.Reason, Ct));
        Assert.Empty(await SendAsync(Hourly, Noon.AddHours(5)));
        await DeclareAsync(Hourly, Noon.AddHours(5));
        Assert.True(await StandsAsync(s => s.IsPaused));

        Assert.True(await Schedules.ResumeAsync("hourly", SchedulesUnderTest.Reason, Noon.AddHours(5.5), Ct));
        Assert.False(await Schedules.ResumeAsync("hourly", SchedulesUnderTest.Reason, Noon.AddHours(5.5), Ct));
        Assert.Empty(await SendAsync(Hourly, Noon.AddHours(5.75)));
        Assert.Equal([new("hourly", 1, 0)], await SendAsync(Hourly, Noon.AddHours(6)));

        Assert.False(await Schedules.PauseAsync("unheard-of", SchedulesUnderTest.Reason, Ct));
        Assert.False(await Schedules.ResumeAsync("unheard-of", SchedulesUnderTest.Reason, Noon, Ct));
    }

    [Fact]
    public async Task A_changed_pattern_takes_effect_from_then_on()
    {
        var daily = SchedulesUnderTest.Of(Recurrence.DailyAt(new(15, 30)));
        await DeclareAsync(Hourly, Noon);
        await DeclareAsync(daily, Noon.AddMinutes(10));

        Assert.Empty(await SendAsync(daily, Noon.AddHours(3)));
        Assert.Equal([new("hourly", 1, 0)], await SendAsync(daily, Noon.AddHours(3.5)));
        Assert.Equal([Noon.AddHours(3.5)], await DuesAsync());
    }

    [Fact]
    public async Task What_was_overdue_before_the_pattern_changed_is_caught_up()
    {
        var daily = SchedulesUnderTest.Of(Recurrence.DailyAt(new(11, 0)), CatchUp.All(10));
        await DeclareAsync(Hourly, Noon);
        await DeclareAsync(daily, Noon.AddHours(4));

        Assert.Equal([new("hourly", 1, 0)], await SendAsync(daily, Noon.AddHours(4)));
        Assert.Equal([Noon.AddHours(1)], await DuesAsync());
        Assert.Equal(Noon.AddHours(23), await StandsAsync(s => s.NextDueAt));
    }

    [Fact]
    public async Task A_node_leaves_alone_what_stands_as_another_version_declared_it()
    {
        await DeclareAsync(Hourly, Noon);
        foreach (var other in (ScheduleList[])[
            SchedulesUnderTest.Of(Recurrence.Every(TimeSpan.FromMinutes(1))), SchedulesUnderTest.Of(catchUp: CatchUp.Skip),
            SchedulesUnderTest.Of(of: "that"), SchedulesUnderTest.Of(owner: "others"), SchedulesUnderTest.Of(name: "other")])
        {
            Assert.Empty(await SendAsync(other, Noon.AddHours(2)));
        }

        Assert.Equal([new("hourly", 1, 1)], await SendAsync(Hourly, Noon.AddHours(2)));
    }

    [Fact]
    public async Task What_is_declared_no_more_stops_and_stays_and_may_come_back()
    {
        await DeclareAsync(Hourly, Noon);
        await DeclareAsync(SchedulesUnderTest.Of(name: "theirs", owner: "others"), Noon);
        await DeclareAsync(SchedulesUnderTest.None, Noon);

        Assert.Equal(["hourly True", "theirs False"], (await Schedules.ListAsync(Ct)).Select(s => $"{s.Name} {s.IsOrphaned}"));
        Assert.Empty(await SendAsync(Hourly, Noon.AddHours(5)));

        await DeclareAsync(Hourly, Noon.AddHours(5.5));
        Assert.Empty(await SendAsync(Hourly, Noon.AddHours(5.75)));
        Assert.Equal([new("hourly", 1, 0)], await SendAsync(Hourly, Noon.AddHours(6)));
    }

    [Fact]
    public async Task A_name_is_one_components_until_that_lets_go_of_it()
    {
        await DeclareAsync(Hourly, Noon);

        await Assert.ThrowsAsync<InvalidOperationException>(() => DeclareAsync(SchedulesUnderTest.Of(owner: "others"), Noon));

        await DeclareAsync(SchedulesUnderTest.None, Noon);
        await DeclareAsync(SchedulesUnderTest.Of(owner: "others"), Noon);
        Assert.Equal(("others", false), await StandsAsync(s => (s.Owner, s.IsOrphaned)));
    }

    private Task DeclareAsync(ScheduleList list, DateTimeOffset now) => Schedules.DeclareAsync(list, now, Ct);

    private Task<IReadOnlyList<FiredSchedule>> SendAsync(ScheduleList list, DateTimeOffset now) => Schedules.SendDueAsync(list, now, Ct);

    private async Task<T> StandsAsync<T>(Func<ScheduleRecord, T> what) => what(Assert.Single(await Schedules.ListAsync(Ct)));

    private async Task<IReadOnlyList<WaitingMessage>> TakeAsync()
    {
        messages.Time.Advance(TimeSpan.FromDays(1));
        return await messages.Queue.TakeAsync(await messages.Queue.JoinAsync("one", Ct), new(The_queue.LongLease, 100, long.MaxValue), Ct);
    }

    /// <summary>The times that messages wait for, in their order.</summary>
    private async Task<DateTimeOffset[]> DuesAsync() =>
    [
        .. (await TakeAsync()).Select(m => DateTimeOffset.Parse(
            m.CorrelationId!.Split(' ')[^1], CultureInfo.InvariantCulture)),
    ];
}

public sealed class The_schedules_on_PostgreSQL(MessagesUnderTest messages) : The_schedules<MessagesUnderTest>(messages);

public sealed class The_schedules_in_memory(MessagesInMemory messages) : The_schedules<MessagesInMemory>(messages);
