using FiberLink.Domain.Withdrawals;
using FiberLink.Events.Withdrawals;
using static FiberLink.Domain.Tests.Withdrawals.WithdrawalCommands;
using static FiberLink.Domain.Tests.Withdrawals.WithdrawalExamples;
using static FiberLink.Domain.Tests.Withdrawals.WithdrawalStates;

namespace FiberLink.Domain.Tests.Withdrawals;

internal static partial class WithdrawalTable
{
    private static IEnumerable<Cell> Preparing()
    {
        // An hour before anything that waits for a time may go on.
        Row Now(string command) => Known(command)
            .In(When.NeedingApproval, When.HeldBack, When.CoolingOff, When.Retrying, When.InvoiceRetrying)
            .IsRefused(WithdrawalRefusal.IsNotReady)
            .In(When.TipQueued).IsRefused(WithdrawalRefusal.AttemptDoesNotFit)
            .In(Over).IsRefused(WithdrawalRefusal.IsOver);

        Row Later(string command) => Known(command)
            .In(When.NeedingApproval, When.HeldBack).IsRefused(WithdrawalRefusal.IsNotReady)
            .In(Over).IsRefused(WithdrawalRefusal.IsOver)
            .In(When.Queued, When.Approved, When.CoolingOff, When.AwaitingLiquidity).IsRefused(WithdrawalRefusal.AttemptDoesNotFit)
            .In(When.InvoiceQueued, When.TipQueued).IsRefused(WithdrawalRefusal.AttemptDoesNotFit);

        return
        [
            .. Known(Ask.Transfer)
                .In(When.TipQueued).Gives(Transferred)
                .In(When.NeedingApproval, When.HeldBack, When.CoolingOff, When.Retrying, When.InvoiceRetrying)
                .IsRefused(WithdrawalRefusal.IsNotReady)
                .In(When.Queued, When.Approved, When.AwaitingLiquidity, When.InvoiceQueued).IsRefused(WithdrawalRefusal.AttemptDoesNotFit)
                .In(UnderWay).IsRefused(WithdrawalRefusal.IsOnItsWay)
                .In([.. Over.Except([When.TipPaid])]).IsRefused(WithdrawalRefusal.IsOver).Rest(),
            .. Now(Ask.Prepare)
                .In(When.Queued, When.Approved, When.AwaitingLiquidity).Gives(Prepared)
                .In(When.InvoiceQueued).IsRefused(WithdrawalRefusal.AttemptDoesNotFit)
                .In(PaymentsUnderWay).IsRefused(WithdrawalRefusal.AttemptDoesNotFit)
                .In(When.Replaced, When.ReplacedSent, When.Second).IsRefused(WithdrawalRefusal.AttemptDoesNotFit)
                .In(When.ReplacedInBlock, When.DeadInBlock).IsRefused(WithdrawalRefusal.IsOnItsWay).Rest(),
            .. Later(Ask.Replace)
                .In(When.Prepared, When.Sent).Gives(Replaced)
                .In(When.Retrying, When.InvoiceRetrying, When.Second).IsRefused(WithdrawalRefusal.AttemptDoesNotFit)
                .In(PaymentsUnderWay).IsRefused(WithdrawalRefusal.AttemptDoesNotFit)
                .In(When.InBlock, When.DeadInBlock).IsRefused(WithdrawalRefusal.IsOnItsWay).Rest(),
            .. Later(Ask.ReplaceInPart)
                .In(When.Prepared, When.Sent, When.Replaced, When.ReplacedSent).IsRefused(WithdrawalRefusal.AttemptDoesNotFit)
                .In(When.Retrying, When.InvoiceRetrying, When.Second).IsRefused(WithdrawalRefusal.AttemptDoesNotFit)
                .In(PaymentsUnderWay).IsRefused(WithdrawalRefusal.AttemptDoesNotFit)
                .In(InBlock).IsRefused(WithdrawalRefusal.IsOnItsWay).Rest(),
            .. Later(Ask.PrepareSecond)
                .In(When.Retrying).Gives(PreparedAgain)
                .In(When.Prepared, When.Sent, When.Replaced, When.ReplacedSent).IsRefused(WithdrawalRefusal.AttemptDoesNotFit)
                .In([When.InvoiceRetrying, .. PaymentsUnderWay]).IsRefused(WithdrawalRefusal.AttemptDoesNotFit)
                .In(When.InBlock, When.ReplacedInBlock).IsRefused(WithdrawalRefusal.IsOnItsWay).Rest(),
            .. Now(Ask.PreparePayment)
                .In(When.InvoiceQueued).Gives(PaymentPrepared)
                .In(When.Queued, When.Approved, When.AwaitingLiquidity).IsRefused(WithdrawalRefusal.AttemptDoesNotFit)
                .In([.. UnderWayOnChain, When.InvoiceSecond]).IsRefused(WithdrawalRefusal.IsOnItsWay).Rest(),
            .. Now(Ask.PreparePaymentTooDear)
                .In(When.InvoiceQueued).IsRefused(WithdrawalRefusal.AttemptDoesNotFit)
                .In(When.Queued, When.Approved, When.AwaitingLiquidity).IsRefused(WithdrawalRefusal.AttemptDoesNotFit)
                .In(UnderWay).IsRefused(WithdrawalRefusal.IsOnItsWay).Rest(),
            .. Later(Ask.PrepareSecondPayment)
                .In(When.InvoiceRetrying).Gives(PaymentPreparedAgain)
                .In(When.Retrying).IsRefused(WithdrawalRefusal.AttemptDoesNotFit)
                .In([.. UnderWayOnChain, When.InvoicePrepared, When.InvoiceSent]).IsRefused(WithdrawalRefusal.IsOnItsWay).Rest(),
        ];
    }

    private static IEnumerable<Cell> Sightings()
    {
        Row OfFirst(string command) => Known(command).In(NeverTried).IsRefused(WithdrawalRefusal.AttemptDoesNotFit);
        Row OfSecond(string command) => OfFirst(command).In(TriedOnce).IsRefused(WithdrawalRefusal.AttemptDoesNotFit);

        return
        [
            .. OfFirst(Ask.Sent).In(When.Prepared, When.InvoicePrepared).Gives(Sent).Rest(),
            .. OfSecond(Ask.SentSecond).In(When.Replaced, When.Second, When.InvoiceSecond).Gives(SentSecond).Rest(),
            .. OfFirst(Ask.InBlockA)
                .In([.. UnderWayOnChain.Except(InBlock), When.Retrying]).Gives(InBlockA)
                .In(When.CompletedTakenBack, When.CompletedByReplacement, When.ReplacementTakenBack, When.CompletedByDead)
                .Gives(InBlockA).Rest(),
            .. OfFirst(Ask.InBlockB)
                .In([.. UnderWayOnChain, When.Retrying]).Gives(InBlockB)
                .In(When.Completed, When.CompletedWorth, When.CompletedTakenBack, When.ReplacementTakenBack, When.CompletedByDead)
                .Gives(InBlockB).Rest(),
            .. OfSecond(Ask.SecondInBlockB)
                .In(When.Replaced, When.ReplacedSent, When.ReplacedInBlock, When.Second, When.DeadInBlock).Gives(SecondInBlockB)
                .In(When.ReplacementTakenBack).Gives(SecondInBlockB).Rest(),
            .. OfFirst(Ask.TakenBackA).In([.. InBlock, When.Completed, When.CompletedWorth]).Gives(TakenBackA).Rest(),
            .. OfFirst(Ask.Paid)
                .In([.. UnderWayOnChain, When.Retrying]).Gives(Completed)
                .In([.. PaymentsUnderWay, When.InvoiceRetrying]).Gives(InvoicePaid(1))
                .In(When.Failed).Gives(PaidAfterFailure)
                .In(When.Lost, When.LostReplacement, When.LostSecond).Gives(PaidAfterLoss)
                .In(When.InvoiceFailed).Gives(InvoicePaidLate(1)).Rest(),
            .. OfSecond(Ask.PaidSecond)
                .In(When.Replaced, When.ReplacedSent).Gives(CompletedByReplacement)
                .In(When.ReplacedInBlock).Gives(TakenBackA, CompletedByReplacement)
                .In(When.Second, When.DeadInBlock).Gives(CompletedBySecond)
                .In(When.CompletedByDead).Gives(SecondPaidLate)
                .In(When.LostReplacement).Gives(ReplacementPaidAfterLoss)
                .In(When.LostSecond).Gives(SecondPaidAfterLoss)
                .In(When.InvoiceSecond).Gives(InvoicePaid(2)).Rest(),
            .. OfFirst(Ask.Failed)
                .In(When.Prepared, When.Sent).Gives(AttemptFailed)
                .In(When.InvoicePrepared, When.InvoiceSent).Gives(PaymentFailed).Rest(),
            .. OfFirst(Ask.FailedForGood)
                .In(When.Prepared, When.Sent).Gives(AttemptFailedForGood, Failed)
                .In(When.InvoicePrepared, When.InvoiceSent).Gives(PaymentFailedForGood, InvoiceFailed).Rest(),
            .. OfSecond(Ask.FailedSecond)
                .In(When.Replaced, When.ReplacedSent).Gives(ReplacementFailed)
                .In(When.Second).Gives(SecondFailed)
                .In(When.InvoiceSecond).Gives(SecondPaymentFailed).Rest(),
            .. OfFirst(Ask.Lost)
                .In(When.CompletedTakenBack).Gives(Lost)
                .In(When.CompletedByDead).Gives(LostOf(1, "0x04", 100_00000000)).Rest(),
            .. OfSecond(Ask.LostSecond).In(When.ReplacementTakenBack).Gives(LostReplacement).Rest(),
            .. OfFirst(Ask.Final)
                .In(When.Completed, When.CompletedWorth).Gives(MadeFinal)
                .In(When.CompletedByReplacement).Gives(new WithdrawalEvent.MadeFinal(Id, Replacement.Hash, WithdrawalExamples.Now)).Rest(),
        ];
    }
}
