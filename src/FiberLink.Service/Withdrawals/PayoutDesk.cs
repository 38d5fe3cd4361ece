using FiberLink.Domain.Withdrawals;
using FiberLink.Events.Money;
using FiberLink.Events.Withdrawals;
using FiberLink.Projections.Withdrawals;
using FiberLink.Service.Startup;
using FiberLink.Service.Wallet;

namespace FiberLink.Service.Withdrawals;

/// <summary>A wish, what is known about it, and what the rules say.</summary>
/// <param name="Destination">As it was read.</param>
/// <param name="Use">What the database says.</param>
/// <param name="Facts">What is decided on.</param>
/// <param name="Verdict">What the rules say.</param>
/// <param name="Now">As of when.</param>
internal sealed record Appraisal(
    DestinationReading.Read Destination, PayoutUse Use, PayoutFacts Facts, PayoutVerdict Verdict, DateTimeOffset Now);

/// <summary>Gathers what a withdrawal is decided on. A quote and a request ask here alike.</summary>
internal sealed class PayoutDesk(
    PayoutUseQuery use, HotWallet wallet, AssetSettings assets, ServiceSettings settings, TimeProvider time)
{
    public async Task<Appraisal> AppraiseAsync(string app, WithdrawalWish wish, DestinationReading.Read destination, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var asset = wish.Amount.Asset;
        var (text, hash) = (destination.Destination.Text, destination.Destination.PaymentHash);
        var known = await use.ReadAsync(app, wish.Member, asset, text, hash, now - PayoutRules.Day, ct);
        var isOnChain = destination.Destination.Kind is DestinationKind.CkbAddress;
        var facts = new PayoutFacts
        {
            Limits = known.Limits ?? PayoutLimitRules.Default(assets.Of(asset)),
            PausedBecause = known.PausedBecause,
            IsMemberDenied = known.IsMemberDenied,
            IsDestinationDenied = known.IsDestinationDenied,
            Available = known.Available,
            MemberDay = known.MemberDay,
            CommunityDay = known.CommunityDay,
            MemberOpen = known.MemberOpen,
            LastRequestedAt = known.LastRequestedAt,
            DestinationSince = known.DestinationSince,
            Minimum = destination.Minimum,
            Fee = destination.Fee,
            CanBeSent = !isOnChain || wallet.CanPay,
            Liquidity = isOnChain ? Liquidity(asset, destination.Capacity, known) : null,
        };
        return new(destination, known, facts, PayoutRules.Judge(wish.Amount.Units, destination.Destination.Kind, facts, now), now);
    }

    // All that waits comes before the new one, whosever it is.
    private UInt128? Liquidity(Asset asset, UInt128 capacity, PayoutUse known)
    {
        var coins = Left(
            wallet.Free, known.QueuedCoins + settings.Payouts.CoinsForTokens(known.QueuedTokens) + settings.Payouts.Reserve);
        return asset == Asset.Ckb || coins is null ? coins

            // Without the coins for its cell there is nothing to pay a token with, however much there is of it.
            : coins < capacity ? 0
            : TokenTypes.Of(assets.Of(asset).Script) is { } type ? Left(wallet.FreeOf(type), known.QueuedOnChain)
            : 0;
    }

    private static UInt128? Left(UInt128? free, UInt128 taken) => free is not { } there ? null : there > taken ? there - taken : 0;
}
