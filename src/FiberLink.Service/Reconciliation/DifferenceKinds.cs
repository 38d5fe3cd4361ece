namespace FiberLink.Service.Reconciliation;

/// <summary>The kinds, in the words of the command line.</summary>
internal static class DifferenceKinds
{
    private const string Rebuild = "somebody changed rows: rebuild the read model, and find out who";
    private const string InTheLog = "compare the stream with 'ledger statement'; see the runbook";

    private static readonly Dictionary<DifferenceKind, (string Name, string Do)> All = new()
    {
        [DifferenceKind.PaidNotCredited] = ("paid-not-credited", "run again with --repair while a service runs"),
        [DifferenceKind.CreditedNotPaid] = ("credited-not-paid", "ALARM: stop serve; find out which node was asked, and what it lost"),
        [DifferenceKind.InvoiceMissing] =
            ("invoice-missing", "another node, or one that lost data: check FIBERLINK_NODE_URL and its store"),
        [DifferenceKind.NotRecorded] = ("not-recorded", "run again with --repair while a service runs"),
        [DifferenceKind.HashDiffers] = ("hash-differs", "ALARM: the node cannot be trusted; stop serve"),
        [DifferenceKind.AssetDiffers] = ("asset-differs", "check FIBERLINK_NETWORK and FIBERLINK_ASSETS, then the node"),
        [DifferenceKind.AmountDiffers] = ("amount-differs", "compare the tip's stream with the node's invoice"),
        [DifferenceKind.TextDiffers] = ("text-differs", "find out who made the other invoice for this hash"),
        [DifferenceKind.StatusDiffers] = ("status-differs", "run again with --repair; what stays is listed in the runbook"),
        [DifferenceKind.PaymentExtra] = ("payment-extra", "find out who made the payment: it is not this service's"),
        [DifferenceKind.PaymentMissing] = ("payment-missing", "do not send it again; find out which node sent it"),
        [DifferenceKind.PaymentDiffers] = ("payment-differs", "the node's word counts; see the withdrawal's stream"),
        [DifferenceKind.NoAnswer] = ("no-answer", "run again when the node answers"),
        [DifferenceKind.OrphanCredit] = ("orphan-credit", Rebuild),
        [DifferenceKind.SettledTipWithoutCredit] = ("settled-tip-without-credit", Rebuild),
        [DifferenceKind.CreditOfUnsettledTip] = ("credit-of-unsettled-tip", Rebuild),
        [DifferenceKind.CreditedTwice] = ("credited-twice", InTheLog),
        [DifferenceKind.CreditAccountDiffers] = ("credit-account-differs", InTheLog),
        [DifferenceKind.CreditAmountDiffers] = ("credit-amount-differs", InTheLog),
        [DifferenceKind.SettledTipWithoutTime] = ("settled-tip-without-time", Rebuild),
        [DifferenceKind.OrphanDebit] = ("orphan-debit", Rebuild),
        [DifferenceKind.CompletedWithoutEvidence] = ("completed-withdrawal-without-evidence", InTheLog),
        [DifferenceKind.CompletedWithoutDebit] = ("completed-withdrawal-without-debit", Rebuild),
        [DifferenceKind.DebitOfUncompletedWithdrawal] = ("debit-of-uncompleted-withdrawal", InTheLog),
        [DifferenceKind.DebitedTwice] = ("debited-twice", InTheLog),
        [DifferenceKind.DebitAccountDiffers] = ("debit-account-differs", InTheLog),
        [DifferenceKind.DebitAmountDiffers] = ("debit-amount-differs", InTheLog),
        [DifferenceKind.EntryMissing] = ("entry-missing", Rebuild),
        [DifferenceKind.EntryExtra] = ("entry-extra", Rebuild),
        [DifferenceKind.EntryDiffers] = ("entry-differs", Rebuild),
        [DifferenceKind.EntrySourceDiffers] = ("entry-source-differs", Rebuild),
        [DifferenceKind.RunningBalanceDiffers] = ("running-balance-differs", Rebuild),
        [DifferenceKind.BalanceDiffers] = ("balance-differs", "ALARM: payouts pause, then rebuild AccountBalances; find out who"),
        [DifferenceKind.HeldDiffers] = ("held-differs", "rebuild Withdrawals and AccountBalances; what stays is in the log"),
        [DifferenceKind.WithinHubDiffers] = ("within-hub-differs", "rebuild AccountBalances; what stays is in the log"),
        [DifferenceKind.RowMissing] = ("row-missing", Rebuild),
        [DifferenceKind.RowExtra] = ("row-extra", Rebuild),
        [DifferenceKind.RowDiffers] = ("row-differs", Rebuild),
        [DifferenceKind.TransactionMissing] = ("transaction-missing", "it is sent again by itself; is the right chain asked?"),
        [DifferenceKind.TransactionTakenBack] =
            ("transaction-taken-back", "it is sent again by itself; see the withdrawals' runbook, 2504"),
        [DifferenceKind.BlockDiffers] = ("block-differs", "the service records it by itself; does one run?"),
        [DifferenceKind.TransactionNotRecorded] = ("transaction-not-recorded", "the service records it by itself; does one run?"),
        [DifferenceKind.FailedButPaid] = ("failed-but-paid", "ALARM: payouts pause; see the withdrawals' runbook, 2505"),
        [DifferenceKind.OutputDiffers] = ("output-differs", "ALARM: payouts pause; compare the transaction with the stream"),
        [DifferenceKind.FinalNotOnChain] = ("final-not-on-chain", "ALARM: payouts pause; is it the right chain, and node?"),
        [DifferenceKind.CellGone] = ("cell-gone", "does somebody else have the wallet's key? see the treasury's runbook, 2722"),
        [DifferenceKind.WalletHasMore] = ("wallet-has-more", "find out whose it is, then 'treasury book'"),
        [DifferenceKind.WalletHasLess] = ("wallet-has-less", "ALARM: payouts pause; see the treasury's runbook, 2722"),
    };

    /// <summary>Its stable name.</summary>
    public static string Name(this DifferenceKind kind) => All[kind].Name;

    /// <summary>What an operator does about it.</summary>
    public static string Do(this DifferenceKind kind) => All[kind].Do;

    /// <summary>Whether a message of the watcher's own can mend it. Never where it would take money away, or make it.</summary>
    public static bool MayBeRepaired(this DifferenceKind kind) =>
        kind is DifferenceKind.PaidNotCredited or DifferenceKind.NotRecorded or DifferenceKind.StatusDiffers;
}
