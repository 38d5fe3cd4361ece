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

    public async Task LookedAsync(UInt128 free, CancellationToken ct)
    {
        var (now, kept) = (time.GetUtcNow(), (UInt128)settings.Payouts.Reserve + settings.Payouts.FeeMax);
        if (free <= kept)
        {
            return;
        }

        foreach (var (tenant, id) in await rows.CoveredAsync(Asset.Ckb, free - kept, now, AtOnceMax, ct))
        {
            await withdrawals.ApplyAsync(
                tenant, id, new WithdrawalCommand.ReportCovered(now), [], new CommandContext(null, null, "service"), ct);
        }
    }
}
