using FiberLink.Domain.Treasury;
using FiberLink.Events.Money;
using FiberLink.Events.Treasury;

namespace FiberLink.Domain.Tests.Treasury;

public sealed class What_is_wrong_at_a_place
{
    private static readonly PlaceFigures Fine =
        new(HubPlace.OnChain, Asset.Ckb, 1_000, 1_000, 900, 0, 0, 0, 0, 0, IsOpened: true);

    [Fact]
    public void Is_nothing_where_books_and_reality_agree_and_nothing_waits() => Assert.Empty(PlaceAppraisal.Judge(Fine));

    [Fact]
    public void Is_told_with_what_is_missing_to_the_floor() =>
        Assert.Equal([Alarm(TreasuryAlarmKind.BelowFloor, 50)], PlaceAppraisal.Judge(Fine with { Floor = 950 }));

    [Fact]
    public void Is_told_with_what_is_missing_for_all_that_waits_and_what_is_to_be_left_beside_it() =>
        Assert.Equal(
            [Alarm(TreasuryAlarmKind.DemandAboveLiquidity, 130)], PlaceAppraisal.Judge(Fine with { Demand = 1_000, Reserve = 30 }));

    [Fact]
    public void Is_nothing_when_nothing_waits_though_the_reserve_is_not_there() =>
        Assert.Empty(PlaceAppraisal.Judge(Fine with { Reserve = 10_000 }));

    [Theory]
    [InlineData(1_000, 0, 0, 0)]
    [InlineData(1_001, 0, 0, 1)]
    [InlineData(999, 0, 0, -1)]
    [InlineData(900, 100, 0, 0)]
    [InlineData(899, 100, 0, -1)]
    [InlineData(1_100, 0, 100, 0)]
    [InlineData(1_101, 0, 100, 1)]
    [InlineData(950, 100, 100, 0)]
    [InlineData(0, 100, 0, -900)]
    public void Is_a_difference_with_its_sign_as_far_as_nothing_on_its_way_explains_it(
        ulong seen, ulong leaving, ulong arriving, long unexplained)
    {
        var figures = Fine with { Seen = seen, Leaving = leaving, Arriving = arriving };

        Assert.Equal((Int128)unexplained, PlaceAppraisal.Unexplained(figures));
        Assert.Equal(
            unexplained == 0 ? [] : [Alarm(TreasuryAlarmKind.BooksDiffer, unexplained)], PlaceAppraisal.Judge(figures));
    }

    [Fact]
    public void Cannot_be_told_where_the_books_were_never_opened() =>
        Assert.Null(PlaceAppraisal.Unexplained(Fine with { Seen = 5, IsOpened = false }));

    [Fact]
    public void Cannot_be_told_of_what_nobody_saw() =>
        Assert.Empty(PlaceAppraisal.Judge(Fine with { Seen = null, Usable = 0, Demand = 1_000, Floor = 1_000 }));

    [Fact]
    public void Is_told_of_absurd_figures_without_running_over()
    {
        var absurd = Fine with { Seen = UInt128.MaxValue, Leaving = UInt128.MaxValue, Arriving = 0, Demand = UInt128.MaxValue };

        Assert.Contains(PlaceAppraisal.Judge(absurd), a => a.Kind is TreasuryAlarmKind.BooksDiffer && a.Units > 0);
        Assert.Contains(PlaceAppraisal.Judge(absurd), a => a.Kind is TreasuryAlarmKind.DemandAboveLiquidity && a.Units > 0);
    }

    private static TreasuryAlarm Alarm(TreasuryAlarmKind kind, Int128 units) => new(kind, HubPlace.OnChain, Asset.Ckb, units);
}
