namespace FiberLink.Service.Reconciliation;

/// <summary>How the log, the books, the node and the chain can disagree.</summary>
internal enum DifferenceKind
{
    /// <summary>The node was paid, and the log has neither credited it nor put it in suspense.</summary>
    PaidNotCredited = 1,

    /// <summary>The log has money that the node says it was not paid. An alarm, and nothing mends it but a person.</summary>
    CreditedNotPaid = 2,

    /// <summary>The log has an invoice that the node does not know.</summary>
    InvoiceMissing = 3,

    /// <summary>The node has the invoice, and the log only the intent.</summary>
    NotRecorded = 4,

    HashDiffers = 5,

    AssetDiffers = 6,

    AmountDiffers = 7,

    /// <summary>The node tells another invoice text than people were shown.</summary>
    TextDiffers = 8,

    /// <summary>Both agree that it is not paid, and not on how far it is.</summary>
    StatusDiffers = 9,

    /// <summary>The node made a payment that no withdrawal accounts for.</summary>
    PaymentExtra = 10,

    /// <summary>The log has a payment that the node does not know.</summary>
    PaymentMissing = 11,

    /// <summary>Log and node disagree on what became of a payment.</summary>
    PaymentDiffers = 12,

    /// <summary>The node, or the chain's, did not answer for it.</summary>
    NoAnswer = 13,

    /// <summary>The books have a credit that names a tip which never gave it.</summary>
    OrphanCredit = 20,

    /// <summary>The log has settled a tip, and the books, or the event itself, have no credit for it.</summary>
    SettledTipWithoutCredit = 21,

    /// <summary>The books have a credit for a tip that is not settled.</summary>
    CreditOfUnsettledTip = 22,

    CreditedTwice = 23,

    /// <summary>Somebody else was credited than the tip was for.</summary>
    CreditAccountDiffers = 24,

    CreditAmountDiffers = 25,

    /// <summary>A settled tip is shown without the time of its settlement, or with another.</summary>
    SettledTipWithoutTime = 26,

    /// <summary>The books have a posting that names a withdrawal which never made it.</summary>
    OrphanDebit = 30,

    /// <summary>A withdrawal is complete, and no transaction or payment is named that paid it.</summary>
    CompletedWithoutEvidence = 31,

    /// <summary>The log has completed a withdrawal, and the books have no debit for it.</summary>
    CompletedWithoutDebit = 32,

    /// <summary>Money of a member is gone for a withdrawal that was not completed.</summary>
    DebitOfUncompletedWithdrawal = 33,

    DebitedTwice = 34,

    /// <summary>Somebody else was debited than the withdrawal is of.</summary>
    DebitAccountDiffers = 35,

    DebitAmountDiffers = 36,

    /// <summary>A posting of another event is not in the books.</summary>
    EntryMissing = 40,

    /// <summary>The books have a posting that no event has made.</summary>
    EntryExtra = 41,

    EntryDiffers = 42,

    /// <summary>A posting is in the books under another event, stream or time than its own.</summary>
    EntrySourceDiffers = 43,

    /// <summary>What an account stood at after a posting does not follow from the postings before it.</summary>
    RunningBalanceDiffers = 44,

    /// <summary>The balance that commands decide by is not the sum of its postings.</summary>
    BalanceDiffers = 45,

    /// <summary>What is held of a member is not what the member's open withdrawals hold.</summary>
    HeldDiffers = 46,

    /// <summary>What communities owe each other does not sum to zero.</summary>
    WithinHubDiffers = 47,

    /// <summary>A read model lacks the row of a tip or a withdrawal.</summary>
    RowMissing = 50,

    /// <summary>A read model has a row of a tip or a withdrawal that the log does not know.</summary>
    RowExtra = 51,

    /// <summary>A read model shows something else than the log has.</summary>
    RowDiffers = 52,

    /// <summary>The log says that the network has a transaction, and the chain does not know it.</summary>
    TransactionMissing = 60,

    /// <summary>The log has a transaction in a block, and the chain does not.</summary>
    TransactionTakenBack = 61,

    /// <summary>Log and chain have it in different blocks.</summary>
    BlockDiffers = 62,

    /// <summary>The chain has it in a block, and the log does not say so.</summary>
    TransactionNotRecorded = 63,

    /// <summary>The log says for certain that it will never be paid, and the chain has it. An alarm.</summary>
    FailedButPaid = 64,

    /// <summary>The recipient's output is not what was to be paid. An alarm.</summary>
    OutputDiffers = 65,

    /// <summary>What the log calls final is in no block. An alarm.</summary>
    FinalNotOnChain = 66,

    /// <summary>A cell that a transaction of ours spends is gone, and that transaction is in no block.</summary>
    CellGone = 67,

    /// <summary>The wallet has more than the books and what is under way explain.</summary>
    WalletHasMore = 68,

    /// <summary>The wallet has less than the books and what is under way explain. An alarm.</summary>
    WalletHasLess = 69,
}
