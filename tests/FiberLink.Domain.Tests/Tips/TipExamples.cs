using FiberLink.Domain.Tips;
using FiberLink.Events.Money;
using FiberLink.Events.Tips;

namespace FiberLink.Domain.Tests.Tips;

/// <summary>One tip of 1.5 CKB from bob to alice: what happens to it, what is asked of it, and where it can stand.</summary>
internal static class TipExamples
{
    public const string InvoiceText = "fibt1500000001";

    public static readonly Guid Tip = Guid.Parse("01990000-0000-7000-8000-000000000001");
    public static readonly Asset Usdi = new("USDI");
    public static readonly Amount OneAndAHalfCkb = new(Asset.Ckb, 1_50000000);
    public static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    public static readonly DateTimeOffset Now = Noon.AddMinutes(7);
    public static readonly InvoiceOrder Order = new("0x" + new string('5', 64), HashAlgorithm.CkbHash, "key-2026-01", "Fibt", 3600);

    public static readonly NodeInvoice AsOrdered =
        new(InvoiceText, Order.PaymentHash, Asset.Ckb, "CKB", OneAndAHalfCkb.Units, Noon, Noon.AddHours(1));

    public static readonly NodeInvoice OfAnotherAmount = AsOrdered with { Units = 1_40000000 };

    public static readonly JournalEntry CreditToAlice = new(
    [
        new(Account.MemberAvailable, "alice", Asset.Ckb, 1_50000000),
        new(Account.HubChannels, null, Asset.Ckb, -1_50000000),
    ]);

    public static readonly JournalEntry WithinToAlice = new(
    [
        new(Account.MemberAvailable, "alice", Asset.Ckb, 1_50000000),
        new(Account.WithinHub, null, Asset.Ckb, -1_50000000),
    ]);

    public static readonly JournalEntry LessIntoSuspense = new(
    [
        new(Account.Suspense, null, Asset.Ckb, 1_40000000),
        new(Account.HubChannels, null, Asset.Ckb, -1_40000000),
    ]);

    // What happens.
    public static readonly TipEvent Requested = new TipEvent.Requested(Tip, "4711", "bob", "alice", OneAndAHalfCkb, null, Order, Now);
    public static readonly TipEvent Issued = new TipEvent.InvoiceIssued(Tip, InvoiceText, Now, Noon.AddHours(1));
    public static readonly TipEvent Received = new TipEvent.PaymentReceived(Tip, Now);
    public static readonly TipEvent Settled = new TipEvent.Settled(Tip, "alice", OneAndAHalfCkb, false, CreditToAlice, Now);
    public static readonly TipEvent SettledLate = new TipEvent.Settled(Tip, "alice", OneAndAHalfCkb, true, CreditToAlice, Now);
    public static readonly TipEvent SettledWithin = new TipEvent.Settled(Tip, "alice", OneAndAHalfCkb, false, WithinToAlice, Now);

    public static readonly TipEvent PaidTwice =
        new TipEvent.PaidTwice(Tip, "alice", null, new(Order.PaymentHash, "CKB", "150000000"), CreditToAlice, Now);

    public static readonly TipEvent PaidTwiceDiffering = new TipEvent.PaidTwice(
        Tip, "alice", InvoiceDifference.Amount, new(Order.PaymentHash, "CKB", "140000000"), LessIntoSuspense, Now);

    public static readonly TipEvent Expired = new TipEvent.Expired(Tip, Now);
    public static readonly TipEvent CancelledByNode = new TipEvent.Cancelled(Tip, CancelReason.NodeReported, Now);
    public static readonly TipEvent CancelledAsDiffering = new TipEvent.Cancelled(Tip, CancelReason.InvoiceDiffers, Now);
    public static readonly TipEvent CancelledAsRefused = new TipEvent.Cancelled(Tip, CancelReason.NodeRefused, Now);

    public static readonly TipEvent Suspended = new TipEvent.Suspended(
        Tip, InvoiceDifference.Amount, new ReportedInvoice(Order.PaymentHash, "CKB", "140000000"), LessIntoSuspense, Now);

    private static readonly TipCommand.Request RequestOfBob = new(Tip, "4711", "bob", "alice", OneAndAHalfCkb, null, Order, Now);

    /// <summary>Every command, and those that carry an invoice both with the one that was ordered and with another.</summary>
    public static IReadOnlyDictionary<string, TipCommand> Commands { get; } = new OrderedDictionary<string, TipCommand>
    {
        [Ask.Request] = RequestOfBob,
        [Ask.RequestOtherwise] = RequestOfBob with { To = "carol" },
        [Ask.RequestNothing] = RequestOfBob with { Amount = OneAndAHalfCkb with { Units = 0 } },
        [Ask.Issue] = new TipCommand.IssueInvoice(AsOrdered, Now),
        [Ask.IssueOther] = new TipCommand.IssueInvoice(OfAnotherAmount, Now),
        [Ask.Receive] = new TipCommand.ReportReceived(AsOrdered, Now),
        [Ask.ReceiveOther] = new TipCommand.ReportReceived(OfAnotherAmount, Now),
        [Ask.Pay] = new TipCommand.ReportPaid(AsOrdered, Now),
        [Ask.PayOther] = new TipCommand.ReportPaid(OfAnotherAmount, Now),
        [Ask.SettleWithin] = new TipCommand.SettleWithin(InvoiceText, OneAndAHalfCkb, "carol", Now),
        [Ask.SettleWithinOther] = new TipCommand.SettleWithin(InvoiceText, OneAndAHalfCkb with { Units = 1_40000000 }, null, Now),
        [Ask.SettleWithinOneself] = new TipCommand.SettleWithin(InvoiceText, OneAndAHalfCkb, "alice", Now),
        [Ask.Expire] = new TipCommand.ReportExpired(AsOrdered, Now),
        [Ask.ExpireOther] = new TipCommand.ReportExpired(OfAnotherAmount, Now),
        [Ask.Cancel] = new TipCommand.ReportCancelled(AsOrdered, Now),
        [Ask.CancelOther] = new TipCommand.ReportCancelled(OfAnotherAmount, Now),
        [Ask.Reject] = new TipCommand.RejectInvoice(Now),
        [Ask.GiveUp] = new TipCommand.GiveUpOnInvoice(Now),
    };

    /// <summary>Every place where a tip can stand, by a history that leads there.</summary>
    public static IReadOnlyDictionary<string, TipEvent[]> States { get; } = new OrderedDictionary<string, TipEvent[]>
    {
        [When.Unknown] = [],
        [When.Requested] = [Requested],
        [When.Awaiting] = [Requested, Issued],
        [When.AwaitingAgain] = [Requested, CancelledAsRefused, Issued],
        [When.Received] = [Requested, Issued, Received],
        [When.ReceivedLate] = [Requested, Issued, Expired, Received],
        [When.Settled] = [Requested, Issued, Received, Settled],
        [When.SettledWithin] = [Requested, Issued, SettledWithin],
        [When.PaidTwice] = [Requested, Issued, SettledWithin, PaidTwice],
        [When.Expired] = [Requested, Issued, Expired],
        [When.CancelledByNode] = [Requested, Issued, CancelledByNode],
        [When.CancelledAsDiffering] = [Requested, CancelledAsDiffering],
        [When.CancelledAsRefused] = [Requested, CancelledAsRefused],
        [When.Suspended] = [Requested, Issued, Suspended],
        [When.SuspendedUnissued] = [Requested, Suspended],
    };

    public static Specification<TipCommand, TipState, TipEvent, TipRefusal> Specification { get; } =
        new(TipState.Initial, TipState.Evolve, TipDecider.Decide);

    /// <summary>The names of what is asked.</summary>
    public static class Ask
    {
        public const string Request = "Request";
        public const string RequestOtherwise = "Request with other words";
        public const string RequestNothing = "Request of nothing";
        public const string Issue = "Issue the invoice as ordered";
        public const string IssueOther = "Issue an invoice that differs";
        public const string Receive = "Report received as ordered";
        public const string ReceiveOther = "Report received, differing";
        public const string Pay = "Report paid as ordered";
        public const string PayOther = "Report paid, differing";
        public const string SettleWithin = "Settle within the hub";
        public const string SettleWithinOther = "Settle within the hub, differing";
        public const string SettleWithinOneself = "Settle within the hub, by the recipient";
        public const string Expire = "Report expired as ordered";
        public const string ExpireOther = "Report expired, differing";
        public const string Cancel = "Report cancelled as ordered";
        public const string CancelOther = "Report cancelled, differing";
        public const string Reject = "Reject the invoice";
        public const string GiveUp = "Give up on the invoice";
    }

    /// <summary>The names of where a tip stands.</summary>
    public static class When
    {
        public const string Unknown = "Unknown";
        public const string Requested = "Requested";
        public const string Awaiting = "Awaiting payment";
        public const string AwaitingAgain = "Awaiting payment, having been cancelled before";
        public const string Received = "Received";
        public const string ReceivedLate = "Received late";
        public const string Settled = "Settled";
        public const string SettledWithin = "Settled within the hub";
        public const string PaidTwice = "Settled within the hub, and paid";
        public const string Expired = "Expired";
        public const string CancelledByNode = "Cancelled by the node";
        public const string CancelledAsDiffering = "Cancelled, the invoice differs";
        public const string CancelledAsRefused = "Cancelled, the node refused";
        public const string Suspended = "Suspended";
        public const string SuspendedUnissued = "Suspended before an invoice was known";
    }
}
