using FiberLink.Service.Wallet;

using Names = FiberLink.Service.Startup.ServiceSettings.Names;

namespace FiberLink.Service.Startup;

public sealed partial class SettingsReader
{
    private PayoutSettings Payouts()
    {
        var standard = new PayoutSettings();
        var payouts = new PayoutSettings
        {
            CkbUrl = Optional<Uri?>(Names.CkbUrl, HttpUri, "an http:// or https:// address, such as http://127.0.0.1:8114", null),
            SignerSocket = Text(Names.SignerSocket),
            SignerPubkey = Optional<string?>(Names.SignerPubkey, Pubkey, "66 hexadecimal digits", null),
            RepeatWindow = Seconds(Names.PayoutRepeatWindowSeconds, 60, 0, 86_400),
            FeeRate = (ulong)Whole(Names.PayoutFeeRate, 1_000, 1_000, 1_000_000),
            FeeMax = (ulong)Whole(Names.PayoutFeeMax, 100_000, 1_000, 1_000_000_000),
            BumpAfter = Seconds(Names.PayoutBumpAfterSeconds, 600, 60, 86_400),
            RoutingFeePerMille = (int)Whole(Names.PayoutRoutingFee, 5, 0, 50),
            Reserve = (ulong)Whole(Names.PayoutReserve, 0, 0, 1_000_000_000_000_000),
            TokenCapacityMax = (ulong)Whole(
                Names.PayoutTokenCapacityMax, (long)standard.TokenCapacityMax, 10_000_000_000, 1_000_000_000_000),
            TokenCapacityAtOnceMax = (ulong)Whole(
                Names.PayoutTokenCapacityAtOnceMax, (long)standard.TokenCapacityAtOnceMax, 10_000_000_000, 1_000_000_000_000_000),
            TokenCapacityDayMax = (ulong)Whole(
                Names.PayoutTokenCapacityDayMax, (long)standard.TokenCapacityDayMax, 10_000_000_000, 1_000_000_000_000_000),
            Confirmations = Optional(
                Names.PayoutConfirmations,
                PayoutSettings.ConfirmationRule.Parse,
                $"amount:blocks separated by commas, and the blocks of anything more, such as {PayoutSettings.ConfirmationRule.Usual}",
                PayoutSettings.ConfirmationRule.Parse(PayoutSettings.ConfirmationRule.Usual)),
            FinalDepth = (ulong)Whole(Names.PayoutFinalDepth, 100, 24, 10_000),
        };
        var set = new object?[] { payouts.CkbUrl, payouts.SignerSocket, payouts.SignerPubkey }.Count(v => v is not null);
        if (_purpose is Purpose.Service && set is 1 or 2)
        {
            _problems.Add($"{Names.CkbUrl}, {Names.SignerSocket} and {Names.SignerPubkey} go together: set all of them, or none.");
        }

        if (payouts.TokenCapacityMax > payouts.TokenCapacityAtOnceMax)
        {
            _problems.Add($"{Names.PayoutTokenCapacityMax} is more than {Names.PayoutTokenCapacityAtOnceMax}: nobody would be paid.");
        }

        if (payouts.TokenCapacityMax > payouts.TokenCapacityDayMax)
        {
            _problems.Add($"{Names.PayoutTokenCapacityDayMax} is less than {Names.PayoutTokenCapacityMax}: nobody would be paid.");
        }

        return payouts;
    }

    /// <summary>Whether a token can be sent on the chain shows before somebody has asked for it.</summary>
    private void CheckTokens(ServiceSettings settings)
    {
        var chain = WalletChain.Of(settings);
        foreach (var token in settings.Tokens.Where(t => t.ChainMinimum is not null))
        {
            if (TokenTypes.KnownOn(chain, token.Script) is null)
            {
                _problems.Add(
                    $"{Names.Assets} lets {token.Asset} be withdrawn to addresses, and its script is of no code that is "
                    + "known on this network.");
            }
        }
    }
}
