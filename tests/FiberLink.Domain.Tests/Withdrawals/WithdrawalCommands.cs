using FiberLink.Domain.Withdrawals;
using FiberLink.Events.Withdrawals;
using static FiberLink.Domain.Tests.Withdrawals.WithdrawalExamples;

namespace FiberLink.Domain.Tests.Withdrawals;

/// <summary>Every command, and each in the words that make a difference.</summary>
internal static class WithdrawalCommands
{
    public static readonly WithdrawalCommand.Request Request = new(Id, "alice", Ckb(100), Address, OnChainFacts, Now);

    public static IReadOnlyDictionary<string, WithdrawalCommand> Commands { get; } = new OrderedDictionary<string, WithdrawalCommand>
    {
        [Ask.Request] = Request,
        [Ask.RequestInvoice] = Request with { Destination = Invoice, Facts = InvoiceFacts },
        [Ask.RequestTip] = Request with { Destination = TipInvoice, Facts = OnChainFacts with { Minimum = 0, Fee = 0 } },
        [Ask.RequestOtherwise] = Request with { Amount = Ckb(99) },
        [Ask.RequestTooMuch] = Request with { Facts = OnChainFacts with { Available = Ckb(100).Units - 1 } },
        [Ask.Approve] = new WithdrawalCommand.Approve("olga", "known", Now),
        [Ask.ApproveOneself] = new WithdrawalCommand.Approve("alice", "known", Now),
        [Ask.HoldBack] = new WithdrawalCommand.HoldBack("olga", "wait", Now),
        [Ask.Release] = new WithdrawalCommand.Release("olga", "go on", Now),
        [Ask.Cancel] = new WithdrawalCommand.Cancel("olga", "not wanted", Now),
        [Ask.AwaitLiquidity] = new WithdrawalCommand.AwaitLiquidity(Ckb(5), Now),
        [Ask.ReportCovered] = new WithdrawalCommand.ReportCovered(Now),
        [Ask.Prepare] = new WithdrawalCommand.PrepareTransaction(1, Transaction, Now),
        [Ask.Replace] = new WithdrawalCommand.PrepareTransaction(2, Replacement, Later),
        [Ask.ReplaceInPart] = new WithdrawalCommand.PrepareTransaction(2, BadReplacement, Later),
        [Ask.PrepareSecond] = new WithdrawalCommand.PrepareTransaction(2, Independent, Later),
        [Ask.PreparePayment] = new WithdrawalCommand.PreparePayment(1, Shannon(50_000_000), Now),
        [Ask.PreparePaymentTooDear] = new WithdrawalCommand.PreparePayment(1, Shannon(50_000_001), Now),
        [Ask.PrepareSecondPayment] = new WithdrawalCommand.PreparePayment(2, Shannon(50_000_000), Later),
        [Ask.Transfer] = new WithdrawalCommand.Transfer(null, Now),
        [Ask.Sent] = new WithdrawalCommand.ReportSent(1, Now),
        [Ask.SentSecond] = new WithdrawalCommand.ReportSent(2, Now),
        [Ask.InBlockA] = new WithdrawalCommand.ReportInBlock(1, 500, BlockA, Now),
        [Ask.InBlockB] = new WithdrawalCommand.ReportInBlock(1, 501, BlockB, Now),
        [Ask.SecondInBlockB] = new WithdrawalCommand.ReportInBlock(2, 501, BlockB, Now),
        [Ask.TakenBackA] = new WithdrawalCommand.ReportTakenBack(1, BlockA, Now),
        [Ask.Paid] = new WithdrawalCommand.ReportPaid(1, Shannon(20_000_000), null, Now),
        [Ask.PaidSecond] = new WithdrawalCommand.ReportPaid(2, Shannon(20_000_000), null, Now),
        [Ask.Failed] = new WithdrawalCommand.ReportFailed(1, "dead", RetryAt, null, Now),
        [Ask.FailedForGood] = new WithdrawalCommand.ReportFailed(1, "dead", RetryAt, WithdrawalFailure.CannotBePaid, Now),
        [Ask.FailedSecond] = new WithdrawalCommand.ReportFailed(2, "dead", RetryAt, null, Now),
        [Ask.Final] = new WithdrawalCommand.ReportFinal(1, Now),
        [Ask.Lost] = new WithdrawalCommand.ReportLost(1, "gone", Now),
        [Ask.LostSecond] = new WithdrawalCommand.ReportLost(2, "gone", Now),
        [Ask.GiveUp] = new WithdrawalCommand.GiveUp(WithdrawalFailure.CannotBePaid, "dead", Now),
        [Ask.GiveUpUnapproved] = new WithdrawalCommand.GiveUp(WithdrawalFailure.NotApproved, "dead", Now),
        [Ask.GiveUpUnreleased] = new WithdrawalCommand.GiveUp(WithdrawalFailure.NotReleased, "dead", Now),
        [Ask.QuoteUsd] = new WithdrawalCommand.QuoteUsd(Usd, Now),
    };

    /// <summary>The names of what is asked.</summary>
    public static class Ask
    {
        public const string Request = "Request to the address";
        public const string RequestInvoice = "Request to the invoice";
        public const string RequestTip = "Request to an invoice of the hub's";
        public const string RequestOtherwise = "Request of another amount";
        public const string RequestTooMuch = "Request of more than there is";
        public const string Approve = "Approve";
        public const string ApproveOneself = "Approve one's own";
        public const string HoldBack = "Hold back";
        public const string Release = "Release";
        public const string Cancel = "Cancel";
        public const string AwaitLiquidity = "Await liquidity";
        public const string ReportCovered = "Report it covered";
        public const string Prepare = "Prepare a transaction";
        public const string Replace = "Replace the transaction";
        public const string ReplaceInPart = "Replace it by one that leaves out a cell";
        public const string PrepareSecond = "Prepare another transaction, 2 hours later";
        public const string PreparePayment = "Prepare a payment";
        public const string PreparePaymentTooDear = "Prepare a payment for more than is held";
        public const string PrepareSecondPayment = "Prepare the payment again, 2 hours later";
        public const string Transfer = "Transfer within the hub";
        public const string Sent = "Report the 1st sent";
        public const string SentSecond = "Report the 2nd sent";
        public const string InBlockA = "Report the 1st in block A";
        public const string InBlockB = "Report the 1st in block B";
        public const string SecondInBlockB = "Report the 2nd in block B";
        public const string TakenBackA = "Report block A gone";
        public const string Paid = "Report the 1st paid";
        public const string PaidSecond = "Report the 2nd paid";
        public const string Failed = "Report the 1st failed";
        public const string FailedForGood = "Report the 1st failed for good";
        public const string FailedSecond = "Report the 2nd failed";
        public const string Final = "Report it final";
        public const string Lost = "Report the 1st lost";
        public const string LostSecond = "Report the 2nd lost";
        public const string GiveUp = "Give up";
        public const string GiveUpUnapproved = "Give up, not approved";
        public const string GiveUpUnreleased = "Give up, not released";
        public const string QuoteUsd = "Quote its worth";
    }
}
