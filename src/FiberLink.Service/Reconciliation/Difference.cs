namespace FiberLink.Service.Reconciliation;

/// <summary>How the log and the node can disagree.</summary>
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

    /// <summary>The node did not answer for it.</summary>
    NoAnswer = 13,
}

/// <summary>One thing on which the log and the node disagree. It holds no secret.</summary>
/// <param name="Kind">How.</param>
/// <param name="PaymentHash">What the node knows it by.</param>
/// <param name="Detail">What each of the two says, for people.</param>
internal sealed record Difference(DifferenceKind Kind, string PaymentHash, string Detail)
{
    /// <summary>Null for what no tip is behind.</summary>
    public string? Tenant { get; init; }

    public Guid? TipId { get; init; }

    /// <summary>A message was put into the inbox that mends it, or would be: what the watcher itself would send.</summary>
    public bool IsRepairable { get; init; }
}

/// <summary>The kinds, in the words of the command line.</summary>
internal static class DifferenceKinds
{
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
    };

    /// <summary>Its stable name.</summary>
    public static string Name(this DifferenceKind kind) => All[kind].Name;

    /// <summary>What an operator does about it.</summary>
    public static string Do(this DifferenceKind kind) => All[kind].Do;

    /// <summary>Whether a message of the watcher's own can mend it. Never where it would take money away, or make it.</summary>
    public static bool MayBeRepaired(this DifferenceKind kind) =>
        kind is DifferenceKind.PaidNotCredited or DifferenceKind.NotRecorded or DifferenceKind.StatusDiffers;
}
