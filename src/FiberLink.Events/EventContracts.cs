using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using FiberLink.Events.Adjustments;
using FiberLink.Events.Communities;
using FiberLink.Events.Liabilities;
using FiberLink.Events.Members;
using FiberLink.Events.Money;
using FiberLink.Events.Operations;
using FiberLink.Events.Tips;
using FiberLink.Events.Treasury;
using FiberLink.Events.Withdrawals;

namespace FiberLink.Events;

/// <summary>The name an event is stored under, and how its body is written.</summary>
public sealed record EventContract(string Name, JsonTypeInfo Json);

/// <summary>Every stored event, one line each. The names are data: they outlive the C# type names.</summary>
public static class EventContracts
{
    public static IReadOnlyList<EventContract> All { get; } =
    [
        new("community.registered.v1", EventsJson.Default.CommunityRegistered),
        new("community.secret_rotated.v1", EventsJson.Default.CommunitySecretRotated),
        new("tip.requested.v1", EventsJson.Default.TipRequested),
        new("tip.invoice_issued.v1", EventsJson.Default.TipInvoiceIssued),
        new("tip.payment_received.v1", EventsJson.Default.TipPaymentReceived),
        new("tip.settled.v1", EventsJson.Default.TipSettled),
        new("tip.expired.v1", EventsJson.Default.TipExpired),
        new("tip.cancelled.v1", EventsJson.Default.TipCancelled),
        new("tip.suspended.v1", EventsJson.Default.TipSuspended),
        new("tip.paid_twice.v1", EventsJson.Default.TipPaidTwice),
        new("withdrawal.requested.v1", EventsJson.Default.WithdrawalRequested),
        new("withdrawal.approved.v1", EventsJson.Default.WithdrawalApproved),
        new("withdrawal.held_back.v1", EventsJson.Default.WithdrawalHeldBack),
        new("withdrawal.released.v1", EventsJson.Default.WithdrawalReleased),
        new("withdrawal.liquidity_awaited.v1", EventsJson.Default.WithdrawalLiquidityAwaited),
        new("withdrawal.liquidity_covered.v1", EventsJson.Default.WithdrawalLiquidityCovered),
        new("withdrawal.transaction_prepared.v1", EventsJson.Default.WithdrawalTransactionPrepared),
        new("withdrawal.payment_prepared.v1", EventsJson.Default.WithdrawalPaymentPrepared),
        new("withdrawal.sent.v1", EventsJson.Default.WithdrawalSent),
        new("withdrawal.included_in_block.v1", EventsJson.Default.WithdrawalIncludedInBlock),
        new("withdrawal.taken_back.v1", EventsJson.Default.WithdrawalTakenBack),
        new("withdrawal.attempt_failed.v1", EventsJson.Default.WithdrawalAttemptFailed),
        new("withdrawal.completed.v1", EventsJson.Default.WithdrawalCompleted),
        new("withdrawal.transferred.v1", EventsJson.Default.WithdrawalTransferred),
        new("withdrawal.usd_quoted.v1", EventsJson.Default.WithdrawalUsdQuoted),
        new("withdrawal.made_final.v1", EventsJson.Default.WithdrawalMadeFinal),
        new("withdrawal.failed.v1", EventsJson.Default.WithdrawalFailed),
        new("withdrawal.cancelled.v1", EventsJson.Default.WithdrawalCancelled),
        new("withdrawal.lost.v1", EventsJson.Default.WithdrawalLost),
        new("withdrawal.paid_after_failure.v1", EventsJson.Default.WithdrawalPaidAfterFailure),
        new("payout_policy.changed.v1", EventsJson.Default.PayoutPolicyChanged),
        new("payout_control.paused.v1", EventsJson.Default.PayoutControlPaused),
        new("payout_control.resumed.v1", EventsJson.Default.PayoutControlResumed),
        new("payout_control.denied.v1", EventsJson.Default.PayoutControlDenied),
        new("payout_control.readmitted.v1", EventsJson.Default.PayoutControlReadmitted),
        new("movement.sweep_requested.v1", EventsJson.Default.MovementSweepRequested),
        new("movement.booking_requested.v1", EventsJson.Default.MovementBookingRequested),
        new("movement.opening_requested.v1", EventsJson.Default.MovementOpeningRequested),
        new("movement.closing_requested.v1", EventsJson.Default.MovementClosingRequested),
        new("movement.approved.v1", EventsJson.Default.MovementApproved),
        new("movement.booked.v1", EventsJson.Default.MovementBooked),
        new("movement.prepared.v1", EventsJson.Default.MovementPrepared),
        new("movement.token_prepared.v1", EventsJson.Default.MovementTokenPrepared),
        new("movement.funding_prepared.v1", EventsJson.Default.MovementFundingPrepared),
        new("movement.return_prepared.v1", EventsJson.Default.MovementReturnPrepared),
        new("movement.close_prepared.v1", EventsJson.Default.MovementClosePrepared),
        new("movement.close_seen.v1", EventsJson.Default.MovementCloseSeen),
        new("movement.sent.v1", EventsJson.Default.MovementSent),
        new("movement.included_in_block.v1", EventsJson.Default.MovementIncludedInBlock),
        new("movement.taken_back.v1", EventsJson.Default.MovementTakenBack),
        new("movement.attempt_failed.v1", EventsJson.Default.MovementAttemptFailed),
        new("movement.completed.v1", EventsJson.Default.MovementCompleted),
        new("movement.made_final.v1", EventsJson.Default.MovementMadeFinal),
        new("movement.lost.v1", EventsJson.Default.MovementLost),
        new("movement.arrived_after_loss.v1", EventsJson.Default.MovementArrivedAfterLoss),
        new("movement.failed.v1", EventsJson.Default.MovementFailed),
        new("movement.cancelled.v1", EventsJson.Default.MovementCancelled),
        new("adjustment.requested.v1", EventsJson.Default.AdjustmentRequested),
        new("adjustment.posted.v1", EventsJson.Default.AdjustmentPosted),
        new("adjustment.cancelled.v1", EventsJson.Default.AdjustmentCancelled),
        new("adjustment.reversal_requested.v1", EventsJson.Default.AdjustmentReversalRequested),
        new("adjustment.reversal_cancelled.v1", EventsJson.Default.AdjustmentReversalCancelled),
        new("adjustment.reversed.v1", EventsJson.Default.AdjustmentReversed),
        new("liabilities.published.v1", EventsJson.Default.LiabilitiesPublished),
        new("member.texts_erased.v1", EventsJson.Default.MemberTextsErased),
        new("projection.paused.v1", EventsJson.Default.ProjectionPaused),
        new("projection.resumed.v1", EventsJson.Default.ProjectionResumed),
        new("projection.event_skipped.v1", EventsJson.Default.ProjectionEventSkipped),
        new("projection.shard_reset.v1", EventsJson.Default.ProjectionShardReset),
    ];
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    Converters =
    [
        typeof(EnumNameJsonConverter<Account>),
        typeof(EnumNameJsonConverter<HashAlgorithm>),
        typeof(EnumNameJsonConverter<CancelReason>),
        typeof(EnumNameJsonConverter<InvoiceDifference>),
        typeof(EnumNameJsonConverter<DestinationKind>),
        typeof(EnumNameJsonConverter<WithdrawalFailure>),
        typeof(EnumNameJsonConverter<DenialKind>),
        typeof(EnumNameJsonConverter<HubPlace>),
        typeof(EnumNameJsonConverter<BookingWay>),
        typeof(EnumNameJsonConverter<MovementFailure>),
    ],
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(CommunityEvent.Registered), TypeInfoPropertyName = "CommunityRegistered")]
[JsonSerializable(typeof(CommunityEvent.SecretRotated), TypeInfoPropertyName = "CommunitySecretRotated")]
[JsonSerializable(typeof(TipEvent.Requested), TypeInfoPropertyName = "TipRequested")]
[JsonSerializable(typeof(TipEvent.InvoiceIssued), TypeInfoPropertyName = "TipInvoiceIssued")]
[JsonSerializable(typeof(TipEvent.PaymentReceived), TypeInfoPropertyName = "TipPaymentReceived")]
[JsonSerializable(typeof(TipEvent.Settled), TypeInfoPropertyName = "TipSettled")]
[JsonSerializable(typeof(TipEvent.Expired), TypeInfoPropertyName = "TipExpired")]
[JsonSerializable(typeof(TipEvent.Cancelled), TypeInfoPropertyName = "TipCancelled")]
[JsonSerializable(typeof(TipEvent.Suspended), TypeInfoPropertyName = "TipSuspended")]
[JsonSerializable(typeof(TipEvent.PaidTwice), TypeInfoPropertyName = "TipPaidTwice")]
[JsonSerializable(typeof(WithdrawalEvent.Requested), TypeInfoPropertyName = "WithdrawalRequested")]
[JsonSerializable(typeof(WithdrawalEvent.Approved), TypeInfoPropertyName = "WithdrawalApproved")]
[JsonSerializable(typeof(WithdrawalEvent.HeldBack), TypeInfoPropertyName = "WithdrawalHeldBack")]
[JsonSerializable(typeof(WithdrawalEvent.Released), TypeInfoPropertyName = "WithdrawalReleased")]
[JsonSerializable(typeof(WithdrawalEvent.LiquidityAwaited), TypeInfoPropertyName = "WithdrawalLiquidityAwaited")]
[JsonSerializable(typeof(WithdrawalEvent.LiquidityCovered), TypeInfoPropertyName = "WithdrawalLiquidityCovered")]
[JsonSerializable(typeof(WithdrawalEvent.TransactionPrepared), TypeInfoPropertyName = "WithdrawalTransactionPrepared")]
[JsonSerializable(typeof(WithdrawalEvent.PaymentPrepared), TypeInfoPropertyName = "WithdrawalPaymentPrepared")]
[JsonSerializable(typeof(WithdrawalEvent.Sent), TypeInfoPropertyName = "WithdrawalSent")]
[JsonSerializable(typeof(WithdrawalEvent.IncludedInBlock), TypeInfoPropertyName = "WithdrawalIncludedInBlock")]
[JsonSerializable(typeof(WithdrawalEvent.TakenBack), TypeInfoPropertyName = "WithdrawalTakenBack")]
[JsonSerializable(typeof(WithdrawalEvent.AttemptFailed), TypeInfoPropertyName = "WithdrawalAttemptFailed")]
[JsonSerializable(typeof(WithdrawalEvent.Completed), TypeInfoPropertyName = "WithdrawalCompleted")]
[JsonSerializable(typeof(WithdrawalEvent.Transferred), TypeInfoPropertyName = "WithdrawalTransferred")]
[JsonSerializable(typeof(WithdrawalEvent.UsdQuoted), TypeInfoPropertyName = "WithdrawalUsdQuoted")]
[JsonSerializable(typeof(WithdrawalEvent.MadeFinal), TypeInfoPropertyName = "WithdrawalMadeFinal")]
[JsonSerializable(typeof(WithdrawalEvent.Failed), TypeInfoPropertyName = "WithdrawalFailed")]
[JsonSerializable(typeof(WithdrawalEvent.Cancelled), TypeInfoPropertyName = "WithdrawalCancelled")]
[JsonSerializable(typeof(WithdrawalEvent.Lost), TypeInfoPropertyName = "WithdrawalLost")]
[JsonSerializable(typeof(WithdrawalEvent.PaidAfterFailure), TypeInfoPropertyName = "WithdrawalPaidAfterFailure")]
[JsonSerializable(typeof(PayoutPolicyEvent.Changed), TypeInfoPropertyName = "PayoutPolicyChanged")]
[JsonSerializable(typeof(PayoutControlEvent.Paused), TypeInfoPropertyName = "PayoutControlPaused")]
[JsonSerializable(typeof(PayoutControlEvent.Resumed), TypeInfoPropertyName = "PayoutControlResumed")]
[JsonSerializable(typeof(PayoutControlEvent.Denied), TypeInfoPropertyName = "PayoutControlDenied")]
[JsonSerializable(typeof(PayoutControlEvent.Readmitted), TypeInfoPropertyName = "PayoutControlReadmitted")]
[JsonSerializable(typeof(MovementEvent.SweepRequested), TypeInfoPropertyName = "MovementSweepRequested")]
[JsonSerializable(typeof(MovementEvent.BookingRequested), TypeInfoPropertyName = "MovementBookingRequested")]
[JsonSerializable(typeof(MovementEvent.OpeningRequested), TypeInfoPropertyName = "MovementOpeningRequested")]
[JsonSerializable(typeof(MovementEvent.ClosingRequested), TypeInfoPropertyName = "MovementClosingRequested")]
[JsonSerializable(typeof(MovementEvent.Approved), TypeInfoPropertyName = "MovementApproved")]
[JsonSerializable(typeof(MovementEvent.Booked), TypeInfoPropertyName = "MovementBooked")]
[JsonSerializable(typeof(MovementEvent.Prepared), TypeInfoPropertyName = "MovementPrepared")]
[JsonSerializable(typeof(MovementEvent.TokenPrepared), TypeInfoPropertyName = "MovementTokenPrepared")]
[JsonSerializable(typeof(MovementEvent.FundingPrepared), TypeInfoPropertyName = "MovementFundingPrepared")]
[JsonSerializable(typeof(MovementEvent.ReturnPrepared), TypeInfoPropertyName = "MovementReturnPrepared")]
[JsonSerializable(typeof(MovementEvent.ClosePrepared), TypeInfoPropertyName = "MovementClosePrepared")]
[JsonSerializable(typeof(MovementEvent.CloseSeen), TypeInfoPropertyName = "MovementCloseSeen")]
[JsonSerializable(typeof(MovementEvent.Sent), TypeInfoPropertyName = "MovementSent")]
[JsonSerializable(typeof(MovementEvent.IncludedInBlock), TypeInfoPropertyName = "MovementIncludedInBlock")]
[JsonSerializable(typeof(MovementEvent.TakenBack), TypeInfoPropertyName = "MovementTakenBack")]
[JsonSerializable(typeof(MovementEvent.AttemptFailed), TypeInfoPropertyName = "MovementAttemptFailed")]
[JsonSerializable(typeof(MovementEvent.Completed), TypeInfoPropertyName = "MovementCompleted")]
[JsonSerializable(typeof(MovementEvent.MadeFinal), TypeInfoPropertyName = "MovementMadeFinal")]
[JsonSerializable(typeof(MovementEvent.Lost), TypeInfoPropertyName = "MovementLost")]
[JsonSerializable(typeof(MovementEvent.ArrivedAfterLoss), TypeInfoPropertyName = "MovementArrivedAfterLoss")]
[JsonSerializable(typeof(MovementEvent.Failed), TypeInfoPropertyName = "MovementFailed")]
[JsonSerializable(typeof(MovementEvent.Cancelled), TypeInfoPropertyName = "MovementCancelled")]
[JsonSerializable(typeof(AdjustmentEvent.Requested), TypeInfoPropertyName = "AdjustmentRequested")]
[JsonSerializable(typeof(AdjustmentEvent.Posted), TypeInfoPropertyName = "AdjustmentPosted")]
[JsonSerializable(typeof(AdjustmentEvent.Cancelled), TypeInfoPropertyName = "AdjustmentCancelled")]
[JsonSerializable(typeof(AdjustmentEvent.ReversalRequested), TypeInfoPropertyName = "AdjustmentReversalRequested")]
[JsonSerializable(typeof(AdjustmentEvent.ReversalCancelled), TypeInfoPropertyName = "AdjustmentReversalCancelled")]
[JsonSerializable(typeof(AdjustmentEvent.Reversed), TypeInfoPropertyName = "AdjustmentReversed")]
[JsonSerializable(typeof(LiabilitiesEvent.Published), TypeInfoPropertyName = "LiabilitiesPublished")]
[JsonSerializable(typeof(MemberEvent.TextsErased), TypeInfoPropertyName = "MemberTextsErased")]
[JsonSerializable(typeof(ProjectionEvent.Paused), TypeInfoPropertyName = "ProjectionPaused")]
[JsonSerializable(typeof(ProjectionEvent.Resumed), TypeInfoPropertyName = "ProjectionResumed")]
[JsonSerializable(typeof(ProjectionEvent.EventSkipped), TypeInfoPropertyName = "ProjectionEventSkipped")]
[JsonSerializable(typeof(ProjectionEvent.ShardReset), TypeInfoPropertyName = "ProjectionShardReset")]
[JsonSerializable(typeof(PayoutLimits))]
internal sealed partial class EventsJson : JsonSerializerContext;
