using FiberLink.Events.Money;
using FiberLink.Service.Tests.Scene;
using Microsoft.Extensions.Logging;

namespace FiberLink.Service.Tests.Rates;

public sealed class Keeping_rates_fresh : IAsyncLifetime
{
    private readonly TestClock _clock = new();
    private RateServer _first = null!;
    private RateServer _second = null!;
    private RateScene _scene = null!;

    public async ValueTask InitializeAsync()
    {
        (_first, _second) = (await RateServer.StartAsync("0.004"), await RateServer.StartAsync("0.0041"));
        _clock.StandAt(new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        _scene = new(
            new()
            {
                Sources = [RateScene.Source("first", _first.Url), RateScene.Source("second", _second.Url)],
                Stablecoins = [RateScene.Usdi],
                AgeMax = TimeSpan.FromMinutes(10),
            },
            _clock);
    }

    [Fact]
    public async Task The_second_is_asked_only_when_the_first_does_not_tell()
    {
        await RefreshAsync();
        Assert.Equal(("first", 0), (Quote!.Source, _second.Asked));

        _first.Fail(503);
        await RefreshAsync();
        Assert.Equal(("second", "0.0041", 1), (Quote!.Source, Quote.Rate, _second.Asked));

        _first.Tell("0.0042");
        await RefreshAsync();
        Assert.Equal(("first", "0.0042", 1), (Quote!.Source, Quote.Rate, _second.Asked));
    }

    [Fact]
    public async Task A_jump_of_the_first_is_used_when_the_second_confirms_it()
    {
        await RefreshAsync();
        _first.Tell("0.4");
        _second.Fail(503);
        await RefreshAsync();
        await RefreshAsync();
        Assert.Equal("0.004", Quote!.Rate);

        // It is said once, and not each round.
        Assert.Single(Warnings, w => w.Contains("not used until two sources agree", StringComparison.Ordinal));

        _second.Tell("0.39");
        await RefreshAsync();
        Assert.Equal(("0.4", "first"), (Quote!.Rate, Quote.Source));
        Assert.Single(Warnings, w => w.Contains("is worth 0.4 (first): two sources agree", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_jump_that_the_second_does_not_see_is_not_used()
    {
        await RefreshAsync();
        _first.Tell("0.4");
        await RefreshAsync();

        Assert.Equal(("0.0041", "second"), (Quote!.Rate, Quote.Source));
    }

    [Fact]
    public async Task A_rate_has_its_age_whatever_the_sources_do()
    {
        await RefreshAsync();
        var fetchedAt = _clock.GetUtcNow();
        _first.Fail(500);
        _second.Fail(500);

        _clock.Move(TimeSpan.FromMinutes(10));
        await RefreshAsync();
        Assert.Equal(fetchedAt, Quote!.FetchedAt);

        _clock.Move(TimeSpan.FromTicks(1));
        Assert.Null(Quote);

        _second.Tell("0.0043");
        await RefreshAsync();
        Assert.Equal((_clock.GetUtcNow(), "second"), (Quote!.FetchedAt, Quote.Source));
    }

    [Fact]
    public async Task What_stays_wrong_is_said_once_and_what_gets_well_too()
    {
        _first.Fail(503);
        await RefreshAsync();
        await RefreshAsync();
        Assert.Single(Warnings, w => w.Contains("first", StringComparison.Ordinal) && w.Contains("503", StringComparison.Ordinal));

        _first.Tell("0.004");
        await RefreshAsync();
        Assert.Contains("first tells its rates again", _scene.Logs.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("the-key", _scene.Logs.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Asking_does_not_answer_and_answering_does_not_ask()
    {
        Assert.Null(Quote);
        Assert.Equal((0, 0), (_first.Asked, _second.Asked));

        await RefreshAsync();
        Assert.Equal(41, _scene.Rates.Quote(RateScene.Ckb(104_00000000))!.Cents);
        Assert.Equal(1, _first.Asked);
    }

    [Fact]
    public void A_stablecoin_is_a_dollar_and_nobody_is_asked()
    {
        var quote = _scene.Rates.Quote(new(RateScene.Usdi, 12_345_678))!;

        Assert.Equal(("1", 1_234, "static_1p0"), (quote.Rate, quote.Cents, quote.Source));
        Assert.Equal(_clock.GetUtcNow(), quote.FetchedAt);
        Assert.True(_scene.Rates.CanQuote(RateScene.Usdi));
    }

    [Fact]
    public void What_nobody_tells_is_not_quoted()
    {
        Assert.True(_scene.Rates.CanQuote(Asset.Ckb));
        Assert.False(_scene.Rates.CanQuote(new("RUSD")));
        Assert.Null(_scene.Rates.Quote(new(new("RUSD"), 1)));
    }

    [Fact]
    public async Task The_loop_goes_round_until_it_is_stopped()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        using var quick = new RateScene(
            _scene.Settings.Usd with { RefreshEvery = TimeSpan.FromMilliseconds(1) }, _clock);
        var running = quick.Refresher.RunAsync(stop.Token);

        await Testing.Eventually.HoldsAsync("it was asked three times", () => _first.Asked >= 3, Ct);
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task With_nobody_to_ask_the_loop_waits_to_be_stopped()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        using var silent = new RateScene(new(), _clock);
        var running = silent.Refresher.RunAsync(stop.Token);

        Assert.False(running.IsCompleted);
        await stop.CancelAsync();
        await running;
    }

    public async ValueTask DisposeAsync()
    {
        _scene.Dispose();
        await _first.DisposeAsync();
        await _second.DisposeAsync();
    }

    private Events.Withdrawals.UsdQuote? Quote => _scene.Rates.Quote(RateScene.Ckb(1_00000000));

    private IReadOnlyList<string> Warnings => _scene.Logs.AtLeast(LogLevel.Warning);

    private Task RefreshAsync() => _scene.Refresher.RefreshAsync(Ct);
}
