using FiberLink.Events.Money;
using FiberLink.Service.Rates;
using FiberLink.Service.Startup;
using FiberLink.Testing;

namespace FiberLink.Service.Tests.Rates;

/// <summary>What is recorded with a withdrawal is never corrected: one source alone does not make a rate another one.</summary>
public sealed class A_rate_that_jumps
{
    private readonly ManualTime _time = new();
    private readonly RateBook _book;

    public A_rate_that_jumps() =>
        _book = new(new UsdSettings { JumpPercent = 50, AgeMax = TimeSpan.FromHours(1) }, _time);

    [Fact]
    public void Is_the_first_of_all_and_is_taken()
    {
        Assert.Null(_book.Fresh(Asset.Ckb));
        Assert.Equal(RateReception.Taken, Hear(("a", "0.004")));
        Assert.Equal("0.004", Known);
    }

    [Theory]
    [InlineData("0.006", true)]
    [InlineData("0.0060000001", false)]
    [InlineData("0.4", false)]
    [InlineData("0.0027", true)]
    [InlineData("0.0026", false)]
    [InlineData("0.00004", false)]
    public void Is_held_back_when_it_is_further_from_the_last_than_allowed(string rate, bool isTaken)
    {
        Hear(("a", "0.004"));

        Assert.Equal(isTaken ? RateReception.Taken : RateReception.HeldBack, Hear(("a", rate)));
        Assert.Equal(isTaken ? rate : "0.004", Known);
    }

    [Fact]
    public void Is_taken_when_another_source_says_it_too()
    {
        Hear(("a", "0.004"));

        Assert.Equal(RateReception.TakenAsConfirmed, Hear(("a", "0.4"), ("b", "0.41")));
        Assert.Equal(("0.4", "a"), (Known, _book.Fresh(Asset.Ckb)!.Source));
    }

    [Fact]
    public void Is_not_taken_when_the_other_source_jumps_elsewhere()
    {
        Hear(("a", "0.004"));

        Assert.Equal(RateReception.HeldBack, Hear(("a", "0.4"), ("b", "0.00001")));
        Assert.Equal("0.004", Known);
    }

    [Fact]
    public void Confirms_itself_by_no_repetition()
    {
        Hear(("a", "0.004"));

        Assert.All(Enumerable.Range(0, 10), _ => Assert.Equal(RateReception.HeldBack, Hear(("a", "0.4"))));
        Assert.Equal(RateReception.HeldBack, Hear(("a", "0.4"), ("a", "0.4")));
        Assert.Equal("0.004", Known);
    }

    [Fact]
    public void Gives_way_to_a_source_that_did_not()
    {
        Hear(("a", "0.004"));

        Assert.Equal(RateReception.Taken, Hear(("a", "0.4"), ("b", "0.0041")));
        Assert.Equal(("0.0041", "b"), (Known, _book.Fresh(Asset.Ckb)!.Source));
    }

    [Fact]
    public void Is_not_taken_for_having_waited_while_another_could_confirm_it()
    {
        Hear(("a", "0.004"));
        _time.Advance(TimeSpan.FromDays(30));

        Assert.Equal(RateReception.HeldBack, Hear(("a", "0.4")));
        Assert.Null(_book.Fresh(Asset.Ckb));
    }

    [Fact]
    public void Is_taken_where_nobody_else_is_asked_once_the_last_is_too_old()
    {
        HearAlone("0.004");
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(RateReception.HeldBack, HearAlone("0.4"));

        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(RateReception.Taken, HearAlone("0.4"));
        Assert.Equal("0.4", Known);
    }

    [Fact]
    public void And_one_that_has_grown_old_are_not_the_same_thing()
    {
        Hear(("a", "0.004"));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal("0.004", Known);

        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Null(_book.Fresh(Asset.Ckb));
        Assert.Equal("0.004", _book.Last(Asset.Ckb)!.Rate.Text);

        Assert.Equal(RateReception.Taken, Hear(("a", "0.0042")));
        Assert.Equal("0.0042", Known);
    }

    [Fact]
    public void Is_one_asset_s_and_no_other_s()
    {
        Hear(("a", "0.004"));

        Assert.Equal(
            RateReception.Taken,
            _book.Hear(RateScene.Usdi, [new("a", UsdRate.Parse("1.01")!, _time.GetUtcNow())], hasOthers: true));
        Assert.Equal("0.004", Known);
    }

    private string? Known => _book.Fresh(Asset.Ckb)?.Rate.Text;

    private RateReception Hear(params (string Source, string Rate)[] told) =>
        _book.Hear(Asset.Ckb, [.. told.Select(t => new ToldRate(t.Source, UsdRate.Parse(t.Rate)!, _time.GetUtcNow()))], hasOthers: true);

    private RateReception HearAlone(string rate) =>
        _book.Hear(Asset.Ckb, [new ToldRate("a", UsdRate.Parse(rate)!, _time.GetUtcNow())], hasOthers: false);
}
