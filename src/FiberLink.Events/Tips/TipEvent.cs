using FiberLink.Events.Money;

namespace FiberLink.Events.Tips;

/// <summary>Everything that can have happened to one tip. Stored for good: add versions, never edit one.</summary>
public abstract record TipEvent
{
    private TipEvent()
    {
    }

    /// <summary>The intent, stored before the node is asked for anything.</summary>
    /// <param name="TipId">Names the stream.</param>
    /// <param name="PostId">The forum's post.</param>
    /// <param name="From">The member who tips.</param>
    /// <param name="To">The member who is tipped.</param>
    /// <param name="Amount">What the invoice must ask for.</param>
    /// <param name="Message">What the tipper wrote, sealed; null for nothing.</param>
    /// <param name="Order">What the node is to be asked for.</param>
    /// <param name="RequestedAt">When the tipper asked.</param>
    public sealed record Requested(
        Guid TipId,
        string PostId,
        string From,
        string To,
        Amount Amount,
        SealedText? Message,
        InvoiceOrder Order,
        DateTimeOffset RequestedAt) : TipEvent;

    /// <summary>The node has made the invoice, and it is the one that was ordered.</summary>
    public sealed record InvoiceIssued(Guid TipId, string Invoice, DateTimeOffset IssuedAt, DateTimeOffset ExpiresAt) : TipEvent;

    /// <summary>A payment is held at the node (FNN: Received). It is not credited: it may still fall back.</summary>
    public sealed record PaymentReceived(Guid TipId, DateTimeOffset ReceivedAt) : TipEvent;

    /// <summary>The node has the money (FNN: Paid), and the recipient is credited what the node says the invoice was for.</summary>
    /// <param name="TipId">Names the stream.</param>
    /// <param name="To">The member who is credited.</param>
    /// <param name="Amount">The invoice's amount as the node reports it.</param>
    /// <param name="Late">True when the tip had expired or been cancelled before.</param>
    /// <param name="Entry">Hub channels to the member, or what is paid within the hub when a member has paid.</param>
    /// <param name="SettledAt">When we saw it.</param>
    public sealed record Settled(
        Guid TipId, string To, Amount Amount, bool Late, JournalEntry Entry, DateTimeOffset SettledAt) : TipEvent, IMovesMoney
    {
        /// <summary>Whether another member has paid, and not somebody at the node: the entry says where the money comes from.</summary>
        public bool WasPaidWithin() => Entry.Postings.Any(p => p.Account is Account.WithinHub);
    }

    /// <summary>A member of the hub has paid the invoice within the hub, and somebody outside has paid it at the node as well.</summary>
    /// <param name="TipId">Names the stream.</param>
    /// <param name="To">The member who is tipped.</param>
    /// <param name="Difference">What differs first from what was ordered; null when nothing does, and the recipient is credited.</param>
    /// <param name="Reported">What the node says.</param>
    /// <param name="Entry">Hub channels to the member, or to suspense if something differs; null as with <see cref="Suspended"/>.</param>
    /// <param name="PaidAt">When we saw it.</param>
    public sealed record PaidTwice(
        Guid TipId, string To, InvoiceDifference? Difference, ReportedInvoice Reported, JournalEntry? Entry, DateTimeOffset PaidAt)
        : TipEvent, IMovesMoney;

    public sealed record Expired(Guid TipId, DateTimeOffset ExpiredAt) : TipEvent;

    public sealed record Cancelled(Guid TipId, CancelReason Reason, DateTimeOffset CancelledAt) : TipEvent;

    /// <summary>The node was paid on an invoice that is not what was ordered. The money waits for an operator.</summary>
    /// <param name="TipId">Names the stream.</param>
    /// <param name="Difference">What differs first, in the order hash, asset, amount.</param>
    /// <param name="Reported">What the node says.</param>
    /// <param name="Entry">Hub channels to suspense; null when the asset is none that we know, or nothing says the money is ours.</param>
    /// <param name="SuspendedAt">When we saw it.</param>
    public sealed record Suspended(
        Guid TipId, InvoiceDifference Difference, ReportedInvoice Reported, JournalEntry? Entry, DateTimeOffset SuspendedAt)
        : TipEvent, IMovesMoney;
}

/// <summary>What the node is asked for. Asking again with the same order is safe: the hash is decided here.</summary>
/// <param name="PaymentHash">0x and 64 lower-case hex digits; the hash of the preimage.</param>
/// <param name="HashAlgorithm">How the hash was made.</param>
/// <param name="PreimageKeyId">Which master key the preimage is derived with, from the tip's id.</param>
/// <param name="Currency">The network's invoice prefix: Fibb, Fibt or Fibd.</param>
/// <param name="ExpirySeconds">How long the invoice may be paid, from when the node makes it.</param>
public sealed record InvoiceOrder(
    string PaymentHash, HashAlgorithm HashAlgorithm, string PreimageKeyId, string Currency, long ExpirySeconds);

public enum HashAlgorithm
{
    CkbHash = 1,
    Sha256 = 2,
}

public enum CancelReason
{
    /// <summary>The node says Cancelled. It may still be paid (FNN 0.8), so it is still watched.</summary>
    NodeReported = 1,

    /// <summary>The node made an invoice that is not the one that was ordered; nobody was shown it.</summary>
    InvoiceDiffers = 2,

    /// <summary>The node will not make this invoice, however often it is asked.</summary>
    NodeRefused = 3,
}

public enum InvoiceDifference
{
    PaymentHash = 1,
    Asset = 2,
    Amount = 3,
}

/// <summary>An invoice in the node's words, kept because they are not ours.</summary>
/// <param name="PaymentHash">As the node wrote it.</param>
/// <param name="Asset">The asset as we know it, else the token script's text.</param>
/// <param name="Units">Smallest units, a decimal string; null when the invoice names no amount.</param>
public sealed record ReportedInvoice(string PaymentHash, string Asset, string? Units);
