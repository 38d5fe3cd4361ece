using FiberLink.Events;
using FiberLink.Events.Money;
using FiberLink.Events.Tips;

namespace FiberLink.Domain.Tips;

/// <summary>What can be asked of a tip. Ids, time and what the node said come in with the command.</summary>
public abstract record TipCommand
{
    private TipCommand()
    {
    }

    /// <summary>A member wants to tip another.</summary>
    public sealed record Request(
        Guid TipId,
        string PostId,
        string From,
        string To,
        Amount Amount,
        SealedText? Message,
        InvoiceOrder Order,
        DateTimeOffset Now) : TipCommand;

    /// <summary>Something the node says about the tip's invoice.</summary>
    public abstract record NodeReport(NodeInvoice Invoice, DateTimeOffset Now) : TipCommand;

    /// <summary>The invoice exists at the node.</summary>
    public sealed record IssueInvoice(NodeInvoice Invoice, DateTimeOffset Now) : NodeReport(Invoice, Now);

    /// <summary>What the node made is not what was ordered, whatever it says about it: nobody may be shown it.</summary>
    public sealed record RejectInvoice(DateTimeOffset Now) : TipCommand;

    /// <summary>A payment is held (FNN: Received).</summary>
    public sealed record ReportReceived(NodeInvoice Invoice, DateTimeOffset Now) : NodeReport(Invoice, Now);

    /// <summary>The money is the hub's (FNN: Paid). The only report that credits.</summary>
    public sealed record ReportPaid(NodeInvoice Invoice, DateTimeOffset Now) : NodeReport(Invoice, Now);

    /// <summary>A member of the hub pays the invoice out of a balance here. The payer is debited in the same commit.</summary>
    /// <param name="Invoice">The text that is to be paid.</param>
    /// <param name="Amount">What is to be paid.</param>
    /// <param name="Payer">Who pays, when it is a member of the tip's own community; else null.</param>
    /// <param name="Now">When.</param>
    public sealed record SettleWithin(string Invoice, Amount Amount, string? Payer, DateTimeOffset Now) : TipCommand;

    public sealed record ReportExpired(NodeInvoice Invoice, DateTimeOffset Now) : NodeReport(Invoice, Now);

    public sealed record ReportCancelled(NodeInvoice Invoice, DateTimeOffset Now) : NodeReport(Invoice, Now);

    /// <summary>The node has refused the order for good, so there is no invoice and will be none.</summary>
    public sealed record GiveUpOnInvoice(DateTimeOffset Now) : TipCommand;
}

/// <summary>An invoice as the node describes it.</summary>
/// <param name="Invoice">The text that a payer pays.</param>
/// <param name="PaymentHash">0x and 64 lower-case hex digits.</param>
/// <param name="Asset">The asset, when it is one we know on the network we are on; else null.</param>
/// <param name="AssetText">The asset in the node's words, for the record.</param>
/// <param name="Units">Smallest units; null when the invoice leaves the amount open.</param>
/// <param name="CreatedAt">The node's time of making it.</param>
/// <param name="ExpiresAt">Until when it can be paid.</param>
public sealed record NodeInvoice(
    string Invoice,
    string PaymentHash,
    Asset? Asset,
    string AssetText,
    UInt128? Units,
    DateTimeOffset CreatedAt,
    DateTimeOffset ExpiresAt);

public enum TipRefusal
{
    TipIsUnknown = 1,

    /// <summary>The same tip id with other words: a mistake to point out.</summary>
    TipExistsWithOtherTerms = 2,
    AmountIsOutOfRange = 3,

    /// <summary>It has been paid, or a payment is on its way.</summary>
    IsPaid = 4,

    /// <summary>It has expired or been cancelled, or nobody was shown an invoice.</summary>
    CannotBePaid = 5,

    /// <summary>What is to be paid is not the invoice that people were shown, but one that has its payment hash.</summary>
    InvoiceDiffers = 6,

    /// <summary>Whoever is tipped would pay it out of the balance that it is credited to: nothing would move.</summary>
    PayerIsRecipient = 7,
}
