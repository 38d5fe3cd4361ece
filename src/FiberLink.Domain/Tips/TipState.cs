using System.Diagnostics;
using FiberLink.Events.Money;
using FiberLink.Events.Tips;

namespace FiberLink.Domain.Tips;

/// <summary>Where one tip stands, with no more than the next decision needs.</summary>
public abstract record TipState
{
    private TipState()
    {
    }

    public static TipState Initial { get; } = new Unknown();

    public sealed record Unknown : TipState;

    public abstract record Known(TipTerms Terms) : TipState;

    /// <summary>The intent is stored; whether the node has made the invoice is not known yet.</summary>
    public sealed record Requested(TipTerms Terms) : Known(Terms);

    /// <summary>An invoice exists, whether or not it can still be paid.</summary>
    public abstract record Invoiced(TipTerms Terms, string Invoice) : Known(Terms);

    /// <param name="Terms">What was agreed.</param>
    /// <param name="Invoice">The invoice.</param>
    /// <param name="Late">True when the tip had been cancelled before the invoice turned up after all.</param>
    public sealed record AwaitingPayment(TipTerms Terms, string Invoice, bool Late) : Invoiced(Terms, Invoice);

    /// <summary>The node holds a payment that has not settled.</summary>
    /// <param name="Terms">What was agreed.</param>
    /// <param name="Invoice">The invoice.</param>
    /// <param name="Late">True when the tip had expired or been cancelled before.</param>
    public sealed record Received(TipTerms Terms, string Invoice, bool Late) : Invoiced(Terms, Invoice);

    /// <param name="Terms">What was agreed.</param>
    /// <param name="Invoice">The invoice.</param>
    /// <param name="IsPaidWithin">Another member has paid it within the hub, so that it may still be paid at the node.</param>
    /// <param name="IsPaidTwice">It was.</param>
    public sealed record Settled(TipTerms Terms, string Invoice, bool IsPaidWithin, bool IsPaidTwice) : Invoiced(Terms, Invoice);

    public sealed record Expired(TipTerms Terms, string Invoice) : Invoiced(Terms, Invoice);

    /// <param name="Terms">What was agreed.</param>
    /// <param name="Invoice">Null when it was cancelled before any invoice was fit to be shown.</param>
    /// <param name="Reason">Why.</param>
    public sealed record Cancelled(TipTerms Terms, string? Invoice, CancelReason Reason) : Known(Terms);

    /// <summary>Paid, but not as ordered: an operator decides.</summary>
    public sealed record Suspended(TipTerms Terms, string? Invoice) : Known(Terms);

    /// <summary>Repeats what happened. It never refuses: history is not up for decision.</summary>
    public static TipState Evolve(TipState state, TipEvent @event) =>
        (state, @event) switch
        {
            (Unknown, TipEvent.Requested e) =>
                new Requested(new TipTerms(e.TipId, e.PostId, e.From, e.To, e.Amount, e.Order, e.RequestedAt)),
            (Requested or Cancelled { Invoice: null }, TipEvent.InvoiceIssued e) =>
                new AwaitingPayment(((Known)state).Terms, e.Invoice, IsLate(state)),
            (Invoiced or Cancelled { Invoice: not null }, TipEvent.PaymentReceived) =>
                new Received(((Known)state).Terms, InvoiceIn(state)!, IsLate(state)),
            (Invoiced or Cancelled { Invoice: not null }, TipEvent.Settled e) =>
                new Settled(((Known)state).Terms, InvoiceIn(state)!, e.WasPaidWithin(), IsPaidTwice: false),
            (Settled tip, TipEvent.PaidTwice) => tip with { IsPaidTwice = true },
            (Invoiced tip, TipEvent.Expired) => new Expired(tip.Terms, tip.Invoice),
            (Known tip, TipEvent.Cancelled e) => new Cancelled(tip.Terms, InvoiceIn(tip), e.Reason),
            (Known tip, TipEvent.Suspended) => new Suspended(tip.Terms, InvoiceIn(tip)),
            _ => throw new UnreachableException($"A tip that is {state.GetType().Name} cannot have been {@event.GetType().Name}."),
        };

    /// <summary>The invoice that people were shown, if any.</summary>
    public static string? InvoiceIn(TipState state) =>
        state switch
        {
            Invoiced tip => tip.Invoice,
            Cancelled tip => tip.Invoice,
            Suspended tip => tip.Invoice,
            _ => null,
        };

    /// <summary>True when a payment that comes now comes after the tip was given up.</summary>
    public static bool IsLate(TipState state) => state is Expired or Cancelled or AwaitingPayment { Late: true } or Received { Late: true };
}

/// <summary>What was agreed when the tip was requested. It never changes.</summary>
public sealed record TipTerms(
    Guid TipId, string PostId, string From, string To, Amount Amount, InvoiceOrder Order, DateTimeOffset RequestedAt);
