using System.Collections.Immutable;
using FiberLink.Domain.Withdrawals;
using FiberLink.Events.Money;
using FiberLink.Events.Withdrawals;
using FiberLink.Service.Rates;
using FiberLink.Service.Startup;
using FiberLink.Service.Tests.Rates;
using FiberLink.Service.Tests.Scene;
using FiberLink.Service.Withdrawals.Paying;
using FiberLink.Testing;
using Microsoft.Extensions.Logging;

namespace FiberLink.Service.Tests.Withdrawals;

/// <summary>It is complete; all that is left is to learn what it was worth, and not for ever.</summary>
public sealed class A_withdrawal_without_a_rate : IDisposable
{
    private static readonly UsdSource Source = RateScene.Source("a", new("https://rates.example/"));

    private readonly ManualTime _time = new();
    private readonly CapturedLogs _logs = new();
    private readonly LoggerFactory _loggers = new();
    private readonly List<RateScene> _scenes = [];

    public A_withdrawal_without_a_rate() => _loggers.AddProvider(_logs);

    [Fact]
    public void Is_done_with_at_once_where_nobody_is_asked()
    {
        var late = Late(new(), out _);

        Assert.IsType<PayoutMove.Done>(late.Next(Completed(Asset.Ckb)));
        Assert.Null(late.AtOnce(Completed(Asset.Ckb)));
    }

    [Fact]
    public void Is_done_with_at_once_where_nobody_is_asked_about_its_asset() =>
        Assert.IsType<PayoutMove.Done>(Late(new() { Sources = [Source] }, out _).Next(Completed(RateScene.Usdi)));

    [Fact]
    public void Waits_longer_the_longer_it_has_waited_and_gives_up_after_a_week()
    {
        var late = Late(new() { Sources = [Source] }, out _);
        var completed = Completed(Asset.Ckb);

        Assert.Equal(TimeSpan.FromMinutes(1), Wait(late, completed));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(TimeSpan.FromMinutes(15), Wait(late, completed));
        _time.Advance(TimeSpan.FromDays(6));
        Assert.Equal(TimeSpan.FromHours(1), Wait(late, completed));
        _time.Advance(TimeSpan.FromHours(22.5));
        Assert.Equal(TimeSpan.FromMinutes(30), Wait(late, completed));
        Assert.DoesNotContain("stays without", _logs.Text, StringComparison.Ordinal);

        _time.Advance(TimeSpan.FromMinutes(30));
        Assert.IsType<PayoutMove.Done>(late.Next(completed));
        Assert.Contains(_logs.AtLeast(LogLevel.Warning), w => w.Contains($"{completed.Terms.WithdrawalId}", StringComparison.Ordinal));
    }

    [Fact]
    public void Is_given_the_rate_that_is_known_now_and_told_that_it_is_a_late_one()
    {
        var late = Late(new() { Sources = [Source] }, out var book);
        var completed = Completed(Asset.Ckb);
        _time.Advance(TimeSpan.FromHours(3));
        Hear(book, "0.004");

        var quote = Quoted(late.Next(completed));
        Assert.Equal(new UsdQuote("0.004", 40, "a+late", _time.GetUtcNow()), quote);
        Assert.Equal(quote, Quoted(late.AtOnce(completed)));
    }

    [Fact]
    public void Is_given_no_rate_after_a_week()
    {
        var late = Late(new() { Sources = [Source] }, out var book);
        var completed = Completed(Asset.Ckb);
        _time.Advance(LateQuote.WaitMax);
        Hear(book, "0.004");

        Assert.Null(late.AtOnce(completed));
        Assert.IsType<PayoutMove.Done>(late.Next(completed));
    }

    [Fact]
    public void Is_not_late_when_it_was_a_dollar_by_agreement()
    {
        var late = Late(new() { Stablecoins = [RateScene.Usdi] }, out _);

        Assert.Equal(UsdRates.StaticSource, Quoted(late.Next(Completed(RateScene.Usdi))).Source);
    }

    [Fact]
    public void Is_another_one_when_it_has_one()
    {
        var late = Late(new() { Sources = [Source] }, out var book);
        Hear(book, "0.004");
        var completed = Completed(Asset.Ckb) with { HasUsd = true };

        Assert.Null(late.AtOnce(completed));
        Assert.IsType<PayoutMove.Done>(late.Next(completed));
    }

    public void Dispose()
    {
        _scenes.ForEach(s => s.Dispose());
        _loggers.Dispose();
        _logs.Dispose();
    }

    private static TimeSpan Wait(LateQuote late, WithdrawalState.Completed completed) =>
        Assert.IsType<PayoutMove.Wait>(late.Next(completed)).Pause;

    private static UsdQuote Quoted(PayoutMove? move) =>
        Assert.IsType<WithdrawalCommand.QuoteUsd>(Assert.IsType<PayoutMove.Record>(move).Command).Usd;

    private LateQuote Late(UsdSettings usd, out RateBook book)
    {
        var scene = new RateScene(usd, _time);
        _scenes.Add(scene);
        book = scene.Book;
        return new(scene.Rates, scene.Settings, _time, _loggers.CreateLogger<LateQuote>());
    }

    private void Hear(RateBook book, string rate) =>
        book.Hear(Asset.Ckb, [new ToldRate("a", UsdRate.Parse(rate)!, _time.GetUtcNow())], hasOthers: false);

    private WithdrawalState.Completed Completed(Asset asset) =>
        new(
            new(
                Guid.CreateVersion7(),
                "alice",
                new(asset, 100_00000000),
                new(asset, 100_00000000),
                new(asset, 100_00000000),
                new(DestinationKind.CkbAddress, "ckt1", null, null),
                _time.GetUtcNow() - TimeSpan.FromDays(30)),
            ImmutableArray<PayoutAttempt>.Empty,
            1,
            null,
            HasUsd: false,
            IsFinal: true,
            _time.GetUtcNow());
}
