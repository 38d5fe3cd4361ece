using FiberLink.Domain.Withdrawals;
using FiberLink.Events.Money;
using FiberLink.Projections.Withdrawals;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Startup;
using FiberLink.Service.Wallet;

namespace FiberLink.Service.Withdrawals;

/// <summary>
/// Takes back that a withdrawal waits for liquidity, once it is covered, where something else still keeps it: whoever asks why it waits is
/// told what it waits for.
/// </summary>
internal sealed class LiquidityLabels(
    WithdrawalsQuery rows, WithdrawalCommands withdrawals, ServiceSettings settings, TimeProvider time) : IWalletListener
{
    private const int AtOnceMax = 100;

    public async Task LookedAsync(IReadOnlyDictionary<Asset, UInt128> free, CancellationToken ct)
    {
        var coins = free.GetValueOrDefault(Asset.Ckb);
        var kept = (UInt128)settings.Payouts.Reserve + settings.Payouts.FeeMax;
        if (coins <= kept)
        {
            return;
        }

        var now = time.GetUtcNow();
        await TellAsync(await rows.CoveredAsync(Asset.Ckb, coins - kept, now, AtOnceMax, ct), now, ct);
        if (free.Keys.Any(a => a != Asset.Ckb))
        {
            await OfTokensAsync(free, coins - kept, now, ct);
        }
    }

    // The coins that are owed come first, and what is left of them must be enough for the cells of all tokens that wait.
    private async Task OfTokensAsync(IReadOnlyDictionary<Asset, UInt128> free, UInt128 coins, DateTimeOffset now, CancellationToken ct)
    {
        var (owed, tokens) = await rows.QueuedOnChainAsync(ct);
        if (owed + settings.Payouts.CoinsForTokens(tokens) > coins)
        {
            return;
        }

        foreach (var (asset, units) in free.Where(f => f.Key != Asset.Ckb))
        {
            await TellAsync(await rows.CoveredAsync(asset, units, now, AtOnceMax, ct), now, ct);
        }
    }

    private async Task TellAsync(IReadOnlyList<(string Tenant, Guid Id)> covered, DateTimeOffset now, CancellationToken ct)
    {
        foreach (var (tenant, id) in covered)
        {
            await withdrawals.ApplyAsync(
                tenant, id, new WithdrawalCommand.ReportCovered(now), [], new CommandContext(null, null, "service"), ct);
        }
    }
}
