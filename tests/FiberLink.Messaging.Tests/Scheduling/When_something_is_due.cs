using System.Globalization;
using FsCheck;
using FsCheck.Fluent;

namespace FiberLink.Messaging.Tests.Scheduling;

public sealed class When_something_is_due
{
    private const int DayMinutes = 24 * 60;

    private static Gen<Recurrence> Recurrences { get; } = Gen.OneOf(
        Gen.OneOf(Gen.Choose(1, 120), Gen.Choose(1, (int)Recurrence.IntervalMax.TotalSeconds))
            .Select(seconds => Recurrence.Every(TimeSpan.FromSeconds(seconds))),
        Gen.Choose(0, (24 * 60 * 60) - 1).Select(second => Recurrence.DailyAt(TimeOnly.MinValue.Add(TimeSpan.FromSeconds(second)))));

    private static Gen<DateTimeOffset> Moments { get; } =
        from seconds in Gen.Choose(-400 * DayMinutes, 400 * DayMinutes)
        from ticks in Gen.Choose(0, (int)TimeSpan.TicksPerSecond - 1)
        select MessagesUnderTest.Noon.AddSeconds(seconds * 60d).AddTicks(ticks / 10 * 10);

    [Theory]
    [InlineData("every 00:00:01")]
    [InlineData("every 7.00:00:00")]
    [InlineData("daily at 23:59:59")]
    public void Is_said_in_one_way(string text) => Assert.Equal(text, Recurrence.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("hourly")]
    [InlineData("every 1:00:00")]
    [InlineData("every 24:00:00")]
    [InlineData("every 00:00:00")]
    [InlineData("every -00:01:00")]
    [InlineData("every 00:00:00.5000000")]
    [InlineData("every 367.00:00:00")]
    [InlineData("daily at 3:30:00")]
    [InlineData("daily at 24:00:00")]
    [InlineData(" daily at 03:30:00")]
    [InlineData("Daily at 03:30:00")]
    public void Is_said_in_no_other_way(string text) => Assert.Throws<FormatException>(() => Recurrence.Parse(text));

    [Fact]
    public void Has_bounds()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Recurrence.Every(TimeSpan.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(() => Recurrence.Every(TimeSpan.FromSeconds(1.5)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Recurrence.DailyAt(new(1, 2, 3, 4)));
        Assert.Throws<ArgumentOutOfRangeException>(() => CatchUp.All(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => CatchUp.All(CatchUp.AllMax + 1));
        Assert.Throws<ArgumentException>(() => SchedulesUnderTest.Of().Send(
            "hourly", SchedulesUnderTest.Hourly, CatchUp.Once, SchedulesUnderTest.Ticks, "demo", new("again")));
    }

    [Theory]
    [InlineData("every 01:00:00", "2026-01-01T13:00:00Z")]
    [InlineData("every 00:25:00", "2026-01-01T12:15:00Z")]
    [InlineData("every 7.00:00:00", "2026-01-05T00:00:00Z")]
    [InlineData("daily at 12:00:00", "2026-01-02T12:00:00Z")]
    [InlineData("daily at 12:00:01", "2026-01-01T12:00:01Z")]
    public void Is_at_the_same_moments_for_everyone(string text, string next) =>
        Assert.Equal(
            DateTimeOffset.Parse(next, CultureInfo.InvariantCulture),
            Recurrence.Parse(text).Next(MessagesUnderTest.Noon));

    [Fact]
    public void Is_read_as_it_was_written() => Property.Holds(Recurrences, r => Assert.Equal(r, Recurrence.Parse(r.ToString())));

    [Fact]
    public void Is_later_than_now_and_nothing_comes_before_it() =>
        Property.Holds(
            from recurrence in Recurrences from now in Moments select (recurrence, now),
            any =>
            {
                var next = any.recurrence.Next(any.now);
                Assert.True(next > any.now);
                Assert.Equal(next, any.recurrence.Next(next.AddTicks(-1)));
                Assert.Equal(1, any.recurrence.Count(any.now, next));
            });

    [Fact]
    public void Looking_at_any_times_sends_as_often_as_the_policy_says_and_never_twice() =>
        Property.Holds(
            from interval in Gen.Choose(1, 3 * 60).Select(m => TimeSpan.FromMinutes(m))
            from catchUp in Gen.OneOf(
                Gen.Constant(CatchUp.Once), Gen.Constant(CatchUp.Skip), Gen.Choose(1, 20).Select(CatchUp.All))
            from start in Moments
            from pauses in Gen.Choose(0, 2 * DayMinutes * 60).Select(s => TimeSpan.FromSeconds(s)).ListOf()
            select (Recurrence.Every(interval), catchUp, start, pauses.ToArray()),
            any => CheckLooks(any.Item1, any.catchUp, any.start, any.Item4));

    // The times are counted by walking from one to the next, as nothing in the code does.
    private static void CheckLooks(Recurrence recurrence, CatchUp catchUp, DateTimeOffset start, TimeSpan[] pauses)
    {
        var dueAt = recurrence.Next(start);
        var now = start;
        var sent = new List<DateTimeOffset>();
        foreach (var pause in pauses)
        {
            now += pause;
            var missed = new List<DateTimeOffset>();
            for (var due = dueAt; due <= now; due = recurrence.Next(due))
            {
                missed.Add(due);
            }

            if (missed.Count == 0)
            {
                continue;
            }

            var firing = Firing.Of(recurrence, catchUp, dueAt, now);
            Assert.Equal(Expected(catchUp, missed, now), firing.Dues);
            Assert.Equal(missed.Count, firing.Dues.Count + firing.Skipped);
            Assert.Equal(recurrence.Next(missed[^1]), firing.NextDueAt);
            sent.AddRange(firing.Dues);
            dueAt = firing.NextDueAt;
        }

        Assert.Equal(sent.Order().Distinct(), sent);
    }

    private static IEnumerable<DateTimeOffset> Expected(CatchUp catchUp, List<DateTimeOffset> missed, DateTimeOffset now) =>
        catchUp.ToString() switch
        {
            "once" => missed.TakeLast(1),
            "skip" => missed.TakeLast(1).Where(m => now - m <= TimeSpan.FromMinutes(1)),
            var all => missed.TakeLast(int.Parse(all["all up to ".Length..], CultureInfo.InvariantCulture)),
        };
}
