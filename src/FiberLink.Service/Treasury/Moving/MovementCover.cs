using FiberLink.Chain;
using FiberLink.Chain.Node;
using FiberLink.Domain.Treasury;
using FiberLink.Events.Money;
using FiberLink.Events.Treasury;
using FiberLink.Events.Withdrawals;
using FiberLink.Projections.Treasury;
using FiberLink.Service.Startup;
using FiberLink.Service.Wallet;

namespace FiberLink.Service.Treasury.Moving;

/// <summary>What a token's sweep takes out of the wallet beside the token.</summary>
/// <param name="Type">The token's type on the chain.</param>
/// <param name="Room">Shannon that its cell takes up.</param>
internal sealed record TokenSweep(Script Type, UInt128 Room);

/// <summary>
/// Whether coins or tokens may leave the wallet now, for a cold address or a channel: by the day's budget and members' wants.
/// </summary>
internal sealed class MovementCover(
    HotWallet wallet, HubBooksQuery books, MovementsQuery movements, ServiceSettings settings, TimeProvider time)
{
    private static readonly TimeSpan Day = TimeSpan.FromHours(24);
    private static readonly TimeSpan CoverPause = TimeSpan.FromSeconds(15);

    /// <summary>The wallet, when it covers the movement beside all that waits; otherwise what is to be done instead.</summary>
    /// <param name="s">What is to be done.</param>
    /// <param name="token">What goes with a token; null where coins are moved.</param>
    /// <param name="ct">Stops the look.</param>
    public async Task<(WalletView? View, MovementMove? Instead)> LookAsync(
        MovementState.Approved s, TokenSweep? token, CancellationToken ct)
    {
        var (now, amount) = (time.GetUtcNow(), s.Terms.Amount);
        if (!s.IsReady(now))
        {
            return (null, new MovementMove.Wait("Its time has not come.", s.NotBefore!.Value - now));
        }

        // The commit makes sure of it. Here it is looked at so that nothing is asked for, signed or set aside for what must wait.
        if (await movements.UsedAsync(amount.Asset, now - Day, s.Terms.MovementId, ct) + amount.Units
            > settings.Treasury.DayMaxOf(amount.Asset))
        {
            return (null, NotCovered(s, "The budget of a day does not cover it."));
        }

        var queued = (await books.ReadAsync(ct)).Queued;
        if (await wallet.LookAsync(ct) is not ChainAnswer<WalletView>.Ok { Value: var view })
        {
            return (null, new MovementMove.Wait("The wallet's cells cannot be read.", ChainLook.LookAgain));
        }

        // Members come first: what waits to be withdrawn, and what is to be left beside it, goes nowhere else.
        var coins = settings.Payouts.FeeMax + settings.Payouts.Reserve
            + Demand(queued, Asset.Ckb) + settings.Payouts.CoinsForTokens(HubBooks.TokensOnChain(queued));
        var isCovered = token is null
            ? view.Free >= coins + amount.Units
            : view.Free >= coins + token.Room
                && view.FreeTokens().GetValueOrDefault(token.Type) is var free && free >= amount.Units
                && free - amount.Units >= Demand(queued, amount.Asset);
        return isCovered ? (view, null) : (null, NotCovered(s, "The wallet does not cover it beside what waits to be withdrawn."));
    }

    /// <summary>It waits for what is in the way, and is given up when it has waited too long.</summary>
    public MovementMove NotCovered(MovementState.Approved s, string why, TimeSpan? pause = null) =>
        s.ApprovedAt + MovementCommands.WaitMax <= time.GetUtcNow()
            ? GiveUp(MovementFailure.NotCovered, why)
            : new MovementMove.Wait(why, pause ?? CoverPause);

    public MovementMove.Record GiveUp(MovementFailure reason, string detail) =>
        new(new MovementCommand.GiveUp(reason, detail, time.GetUtcNow()));

    private static UInt128 Demand(IReadOnlyDictionary<(DestinationKind Kind, Asset Asset), HubDemand> queued, Asset asset) =>
        queued.GetValueOrDefault((DestinationKind.CkbAddress, asset))?.Units ?? 0;
}
