using FiberLink.Service.Settlements;
using FiberLink.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace FiberLink.Service.Tests.Settlements;

public sealed class So_many_calls_a_second
{
    [Fact]
    public void Begin_with_a_fifth_and_come_back_with_time()
    {
        var time = new ManualTime();
        var budget = new CallBudget(100, time);

        Assert.Equal(20, budget.Take(1_000));
        Assert.Equal(0, budget.Take(1));
        Assert.Equal(TimeSpan.FromMilliseconds(100), budget.Until(10));
        time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal(10, budget.Take(1_000));
        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(20, budget.Take(1_000));
    }

    [Fact]
    public void Given_back_are_there_again()
    {
        var budget = new CallBudget(100, new ManualTime());

        Assert.Equal(20, budget.Take(20));
        budget.GiveBack(7);

        Assert.Equal(7, budget.Take(20));
    }

    [Fact]
    public void A_quarter_is_kept_for_what_is_urgent()
    {
        var time = new ManualTime();
        var budget = new CallBudget(100, time);

        Assert.Equal(15, budget.TakeUnurgent(1_000));
        Assert.Equal(0, budget.TakeUnurgent(1));
        Assert.Equal(TimeSpan.FromMilliseconds(100), budget.UntilUnurgent(10));
        Assert.Equal(5, budget.Take(1_000));
        Assert.Equal(TimeSpan.FromMilliseconds(200), budget.UntilUnurgent(1_000));
        time.Advance(TimeSpan.FromMilliseconds(50));
        Assert.Equal(0, budget.TakeUnurgent(1));
        Assert.Equal(5, budget.Take(1_000));
    }

    [Fact]
    public void One_a_second_is_one_a_second()
    {
        var time = new ManualTime();
        var budget = new CallBudget(1, time);

        Assert.Equal(1, budget.TakeUnurgent(100));
        Assert.Equal(TimeSpan.FromSeconds(1), budget.Until(100));
        Assert.Equal(TimeSpan.FromSeconds(1), budget.UntilUnurgent(100));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, budget.Take(100));
    }

    [Fact]
    public void Are_never_more_however_they_are_asked_for() => Prop.ForAll(
        Gen.Choose(1, 2_000).Zip(Gen.Choose(0, 300).Zip(Gen.Choose(0, 400)).ListOf()).ToArbitrary(),
        asked =>
        {
            var (perSecond, turns) = asked;
            var time = new ManualTime();
            var budget = new CallBudget(perSecond, time);
            var (taken, passed) = (0, 0);
            foreach (var (milliseconds, wanted) in turns)
            {
                time.Advance(TimeSpan.FromMilliseconds(milliseconds));
                passed += milliseconds;
                taken += wanted % 2 == 0 ? budget.Take(wanted) : budget.TakeUnurgent(wanted);
            }

            return taken <= Math.Max(1, perSecond / 5.0) + (perSecond * passed / 1_000.0) + 0.001;
        }).QuickCheckThrowOnFailure();
}
