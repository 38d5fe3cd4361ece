using System.Diagnostics;

namespace FiberLink.Service.CommandHandling;

/// <summary>
/// For tests alone: kills the process (SIGKILL, no clean-up) when it reaches a named step, so that every step's crash can be
/// tried for real. Without FIBERLINK_TEST_STOP_AT it does nothing.
/// </summary>
internal class StopPoints(string? stopAt)
{
    public const string CreateBeforeIntent = "create:before-intent";
    public const string CreateIntentStored = "create:intent-stored";
    public const string CreateNodeAnswered = "create:node-answered";
    public const string CreateInvoiceStored = "create:invoice-stored";
    public const string SettlePaidSeen = "settle:paid-seen";
    public const string SettleReceived = "settle:received";
    public const string SettleBeforeCommit = "settle:before-commit";
    public const string SettleCommitted = "settle:committed";

    public const string PayoutDecided = "payout:decided";
    public const string PayoutRequested = "payout:requested";
    public const string PayoutSigned = "payout:signed";
    public const string PayoutPrepared = "payout:prepared";
    public const string PayoutSent = "payout:sent";
    public const string PayoutSeen = "payout:seen";
    public const string PayoutCompleted = "payout:completed";

    public const string LossCertain = "loss:certain";
    public const string LossStored = "loss:stored";

    public const string SweepSigned = "sweep:signed";
    public const string SweepPrepared = "sweep:prepared";
    public const string SweepSent = "sweep:sent";
    public const string SweepSeen = "sweep:seen";
    public const string SweepCompleted = "sweep:completed";

    public const string ChannelAsked = "channel:asked";
    public const string ChannelSigned = "channel:signed";
    public const string ChannelPrepared = "channel:prepared";
    public const string ChannelSubmitted = "channel:submitted";
    public const string ChannelReturnSigned = "channel:return-signed";
    public const string ChannelReturnSent = "channel:return-sent";
    public const string ChannelClosePrepared = "channel:close-prepared";
    public const string ChannelCloseAsked = "channel:close-asked";

    public const string TransferDecided = "transfer:decided";
    public const string TransferStored = "transfer:stored";
    public const string TransferInvoiceCancelled = "transfer:invoice-cancelled";

    public static IReadOnlyList<string> All { get; } =
    [
        CreateBeforeIntent, CreateIntentStored, CreateNodeAnswered, CreateInvoiceStored,
        SettlePaidSeen, SettleReceived, SettleBeforeCommit, SettleCommitted,
        PayoutDecided, PayoutRequested, PayoutSigned, PayoutPrepared, PayoutSent, PayoutSeen, PayoutCompleted,
        LossCertain, LossStored,
        SweepSigned, SweepPrepared, SweepSent, SweepSeen, SweepCompleted,
        ChannelAsked, ChannelSigned, ChannelPrepared, ChannelSubmitted, ChannelReturnSigned, ChannelReturnSent,
        ChannelClosePrepared, ChannelCloseAsked,
        TransferDecided, TransferStored, TransferInvoiceCancelled,
    ];

    public virtual void Reach(string step)
    {
        if (step == stopAt)
        {
            using var self = Process.GetCurrentProcess();
            self.Kill();
        }
    }
}
