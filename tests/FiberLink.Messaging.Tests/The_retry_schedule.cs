namespace FiberLink.Messaging.Tests;

public sealed class The_retry_schedule
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 4)]
    [InlineData(6, 32)]
    [InlineData(7, 60)]
    [InlineData(29, 60)]
    public void Doubles_the_pause_up_to_the_longest(int attempt, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), RetrySchedule.Default.PauseAfter(attempt));

    [Theory]
    [InlineData(30)]
    [InlineData(31)]
    [InlineData(int.MaxValue)]
    public void Gives_up_after_the_last_attempt(int attempt) => Assert.Null(RetrySchedule.Default.PauseAfter(attempt));

    [Theory]
    [InlineData(int.MinValue, 1)]
    [InlineData(0, 1)]
    [InlineData(int.MaxValue, 60)]
    public void Has_a_pause_for_any_number_of_failures(int failures, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), RetrySchedule.Default.Pause(failures));

    [Fact]
    public void Takes_about_25_minutes_by_default()
    {
        var minutes = Enumerable.Range(1, 40).Sum(attempt => RetrySchedule.Default.PauseAfter(attempt)?.TotalMinutes ?? 0);

        Assert.InRange(minutes, 23, 27);
    }
}
