using FiberLink.Events.Withdrawals;
using static FiberLink.Domain.Tests.Withdrawals.WithdrawalExamples;

namespace FiberLink.Domain.Tests.Withdrawals;

/// <summary>Every place where a withdrawal can stand, by a history that leads there.</summary>
internal static class WithdrawalStates
{
    public static IReadOnlyDictionary<string, WithdrawalEvent[]> States { get; } = new OrderedDictionary<string, WithdrawalEvent[]>
    {
        [When.Unknown] = [],
        [When.Queued] = [Requested],
        [When.NeedingApproval] = [Requested with { NeedsApproval = true }],
        [When.Approved] = [Requested with { NeedsApproval = true }, Approved],
        [When.CoolingOff] = [Requested with { NotBefore = Later }],
        [When.HeldBack] = [Requested, HeldBack],
        [When.AwaitingLiquidity] = [Requested, Awaited],
        [When.Prepared] = [Requested, Prepared],
        [When.Sent] = [Requested, Prepared, Sent],
        [When.Replaced] = [Requested, Prepared, Replaced],
        [When.ReplacedSent] = [Requested, Prepared, Sent, Replaced, SentSecond],
        [When.InBlock] = [Requested, Prepared, Sent, InBlockA],
        [When.ReplacedInBlock] = [Requested, Prepared, Replaced, InBlockA],
        [When.Retrying] = [Requested, Prepared, AttemptFailed],
        [When.Second] = [Requested, Prepared, AttemptFailed, PreparedAgain],
        [When.DeadInBlock] = [Requested, Prepared, AttemptFailed, PreparedAgain, InBlockA],
        [When.Completed] = [Requested, Prepared, Sent, InBlockA, Completed],
        [When.CompletedWorth] = [Requested, Prepared, Sent, InBlockA, Completed, UsdQuoted],
        [When.CompletedTakenBack] = [Requested, Prepared, Sent, InBlockA, Completed, TakenBackA],
        [When.CompletedByReplacement] = [Requested, Prepared, Replaced, SecondInBlockB, CompletedByReplacement],
        [When.ReplacementTakenBack] =
            [Requested, Prepared, Replaced, SecondInBlockB, CompletedByReplacement, SecondTakenBackB],
        [When.CompletedByDead] = [Requested, Prepared, AttemptFailed, PreparedAgain, Completed],
        [When.Final] = [Requested, Prepared, Sent, InBlockA, Completed, MadeFinal],
        [When.Lost] = [Requested, Prepared, Sent, InBlockA, Completed, TakenBackA, Lost],
        [When.LostReplacement] =
            [Requested, Prepared, Replaced, SecondInBlockB, CompletedByReplacement, SecondTakenBackB, LostReplacement],
        [When.LostSecond] = [Requested, Prepared, AttemptFailed, PreparedAgain, CompletedBySecond, LostSecond],
        [When.PaidAfterLoss] = [Requested, Prepared, Sent, InBlockA, Completed, TakenBackA, Lost, PaidAfterLoss],
        [When.Failed] = [Requested, Prepared, AttemptFailedForGood, Failed],
        [When.GivenUp] = [Requested, Failed],
        [When.Cancelled] = [Requested, Cancelled],
        [When.PaidAfterFailure] = [Requested, Prepared, AttemptFailedForGood, Failed, PaidAfterFailure],
        [When.PaidTwice] = [Requested, Prepared, AttemptFailed, PreparedAgain, Completed, SecondPaidLate],
        [When.InvoiceQueued] = [InvoiceRequested],
        [When.InvoicePrepared] = [InvoiceRequested, PaymentPrepared],
        [When.InvoiceSent] = [InvoiceRequested, PaymentPrepared, Sent],
        [When.InvoiceRetrying] = [InvoiceRequested, PaymentPrepared, PaymentFailed],
        [When.InvoiceSecond] = [InvoiceRequested, PaymentPrepared, PaymentFailed, PaymentPreparedAgain],
        [When.InvoicePaid] = [InvoiceRequested, PaymentPrepared, Sent, InvoicePaid(1)],
        [When.InvoiceFailed] = [InvoiceRequested, PaymentPrepared, PaymentFailedForGood, InvoiceFailed],
        [When.InvoicePaidAfterFailure] =
            [InvoiceRequested, PaymentPrepared, PaymentFailedForGood, InvoiceFailed, InvoicePaidLate(1)],
        [When.TipQueued] = [TipRequested],
        [When.TipPaid] = [TipRequested, Transferred],
    };

    /// <summary>The names of where a withdrawal stands.</summary>
    public static class When
    {
        public const string Unknown = "Unknown";
        public const string Queued = "Queued";
        public const string NeedingApproval = "Queued, needing an approval";
        public const string Approved = "Queued, approved";
        public const string CoolingOff = "Queued, cooling off";
        public const string HeldBack = "Queued, held back";
        public const string AwaitingLiquidity = "Queued, not covered";
        public const string Prepared = "Prepared";
        public const string Sent = "Sent";
        public const string Replaced = "Prepared, in place of another";
        public const string ReplacedSent = "Sent, in place of another";
        public const string InBlock = "In a block";
        public const string ReplacedInBlock = "In a block, though it was replaced";
        public const string Retrying = "Queued again";
        public const string Second = "Prepared again";
        public const string DeadInBlock = "In a block, though it was dead";
        public const string Completed = "Completed";
        public const string CompletedWorth = "Completed, worth known";
        public const string CompletedTakenBack = "Completed, taken back";
        public const string CompletedByReplacement = "Completed by a replacement";
        public const string ReplacementTakenBack = "Completed by a replacement, taken back";
        public const string CompletedByDead = "Completed by one that was dead, another being under way";
        public const string Final = "Completed for good";
        public const string Lost = "Lost";
        public const string LostReplacement = "Lost, a replacement with it";
        public const string LostSecond = "Lost, the one before it having been dead";
        public const string PaidAfterLoss = "Paid after it was lost";
        public const string Failed = "Failed";
        public const string GivenUp = "Given up before anything was sent";
        public const string Cancelled = "Cancelled";
        public const string PaidAfterFailure = "Paid after failure";
        public const string PaidTwice = "Paid twice";
        public const string InvoiceQueued = "Invoice queued";
        public const string InvoicePrepared = "Invoice's payment prepared";
        public const string InvoiceSent = "Invoice's payment sent";
        public const string InvoiceRetrying = "Invoice queued again";
        public const string InvoiceSecond = "Invoice's payment prepared again";
        public const string InvoicePaid = "Invoice paid";
        public const string InvoiceFailed = "Invoice failed";
        public const string InvoicePaidAfterFailure = "Invoice paid after failure";
        public const string TipQueued = "Invoice of the hub's queued";
        public const string TipPaid = "Invoice of the hub's paid";
    }
}
