using FiberLink.Domain.Withdrawals;
using FiberLink.Events.Money;
using FiberLink.Events.Withdrawals;
using FiberLink.Service.Withdrawals.Paying;

namespace FiberLink.Service.Rates;

/// <summary>What amounts are worth in US dollars. A rate that cannot be had keeps nothing from being completed.</summary>
internal sealed class UsdRates
{
    private readonly Dictionary<Asset, UsdQuote> _rates = [];

    /// <returns>Null when no rate is known that is fresh enough.</returns>
    public UsdQuote? Quote(Amount amount) => _rates.GetValueOrDefault(amount.Asset);

    /// <summary>What is left to do about a withdrawal that was completed without a rate.</summary>
    public Task<PayoutMove> MoveAsync(WithdrawalState.Completed withdrawal, CancellationToken ct) =>
        Task.FromResult<PayoutMove>(_rates.Count == 0 || withdrawal.HasUsd ? new PayoutMove.Done() : new PayoutMove.Done());
}
