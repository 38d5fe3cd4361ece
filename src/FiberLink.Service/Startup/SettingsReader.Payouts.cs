using Names = FiberLink.Service.Startup.ServiceSettings.Names;

namespace FiberLink.Service.Startup;

public sealed partial class SettingsReader
{
    private PayoutSettings Payouts()
    {
        var payouts = new PayoutSettings
        {
            CkbUrl = Optional<Uri?>(Names.CkbUrl, HttpUri, "an http:// or https:// address, such as http://127.0.0.1:8114", null),
            SignerSocket = Text(Names.SignerSocket),
            RepeatWindow = Seconds(Names.PayoutRepeatWindowSeconds, 60, 0, 86_400),
            FeeRate = (ulong)Whole(Names.PayoutFeeRate, 1_000, 1_000, 1_000_000),
            FeeMax = (ulong)Whole(Names.PayoutFeeMax, 100_000, 1_000, 1_000_000_000),
            RoutingFeePerMille = (int)Whole(Names.PayoutRoutingFee, 5, 0, 50),
            Reserve = (ulong)Whole(Names.PayoutReserve, 0, 0, 1_000_000_000_000_000),
            Confirmations = Optional(
                Names.PayoutConfirmations,
                PayoutSettings.ConfirmationRule.Parse,
                "amount:blocks separated by commas, and the blocks of anything more, such as 100:4,10000:12,24",
                PayoutSettings.ConfirmationRule.Parse("100:4,10000:12,24")),
            FinalDepth = (ulong)Whole(Names.PayoutFinalDepth, 100, 24, 10_000),
        };
        if (_purpose is Purpose.Service && payouts.CkbUrl is null != payouts.SignerSocket is null)
        {
            _problems.Add($"{Names.CkbUrl} and {Names.SignerSocket} go together: set both, or neither.");
        }

        return payouts;
    }
}
