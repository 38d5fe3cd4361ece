using FiberLink.Domain.Withdrawals;
using FiberLink.Events.Withdrawals;
using FiberLink.Service.Rates;
using FiberLink.Service.Startup;

namespace FiberLink.Service.Withdrawals.Paying;

/// <summary>
/// Sees to withdrawals that were completed while no rate was known. What they are given is the rate of the day on which it is given, and
/// says so.
/// </summary>
internal sealed partial class LateQuote(UsdRates rates, ServiceSettings settings, TimeProvider time, ILogger<LateQuote> logger)
{
    /// <summary>Stands behind the source of a rate that was not yet known when the withdrawal was completed.</summary>
    public const string Mark = "+late";

    private const int PartOfWaited = 4;
    private static readonly TimeSpan PauseMax = TimeSpan.FromHours(1);

    /// <summary>How long after its completion a withdrawal is given a rate.</summary>
    public static TimeSpan WaitMax { get; } = TimeSpan.FromDays(7);

    /// <summary>Null when it has a rate, and when none is known.</summary>
    public PayoutMove? AtOnce(WithdrawalState.Completed withdrawal) =>
        !withdrawal.HasUsd && withdrawal.CompletedAt + WaitMax > time.GetUtcNow() && rates.Quote(withdrawal.Terms.Pays) is { } quote
            ? new PayoutMove.Record(new WithdrawalCommand.QuoteUsd(Marked(quote), time.GetUtcNow()))
            : null;

    /// <summary>What is left to do about a withdrawal for which there is nothing else to do.</summary>
    public PayoutMove Next(WithdrawalState.Completed withdrawal)
    {
        if (withdrawal.HasUsd || !rates.CanQuote(withdrawal.Terms.Pays.Asset))
        {
            return new PayoutMove.Done();
        }

        if (AtOnce(withdrawal) is { } move)
        {
            return move;
        }

        var waited = time.GetUtcNow() - withdrawal.CompletedAt;
        if (waited >= WaitMax)
        {
            LogNeverQuoted(withdrawal.Terms.WithdrawalId, (int)WaitMax.TotalDays);
            return new PayoutMove.Done();
        }

        // The longer it has waited, the less a moment more matters, and a source that is away for long has thousands waiting.
        var pause = Shorter(Longer(waited / PartOfWaited, settings.Usd.RefreshEvery), PauseMax);
        return new PayoutMove.Wait("No rate is known.", Shorter(pause, WaitMax - waited));
    }

    // What is a dollar by agreement was one then as well.
    private static UsdQuote Marked(UsdQuote quote) =>
        quote.Source == UsdRates.StaticSource ? quote : quote with { Source = quote.Source + Mark };

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static TimeSpan Longer(TimeSpan a, TimeSpan b) => a > b ? a : b;

    [LoggerMessage(2604, LogLevel.Warning,
        "No rate was known within {Days} days of the completion of withdrawal {WithdrawalId}: it stays without its worth in dollars")]
    private partial void LogNeverQuoted(Guid withdrawalId, int days);
}
