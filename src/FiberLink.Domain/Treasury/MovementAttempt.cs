using FiberLink.Events.Money;
using FiberLink.Events.Treasury;

namespace FiberLink.Domain.Treasury;

/// <summary>One try to do a movement.</summary>
/// <param name="Number">1 for the first.</param>
/// <param name="PreparedAt">When its intent was stored.</param>
public abstract record MovementAttempt(int Number, DateTimeOffset PreparedAt)
{
    /// <summary>The transaction that is looked for on the chain; null while it is not known.</summary>
    public abstract string? Evidence { get; }
}

/// <summary>A transaction of ours that leaves the wallet.</summary>
/// <param name="Number">1 for the first.</param>
/// <param name="Transaction">What is sent.</param>
/// <param name="PreparedAt">When its intent was stored.</param>
public record SpendingAttempt(int Number, SweepTransaction Transaction, DateTimeOffset PreparedAt) : MovementAttempt(Number, PreparedAt)
{
    public override string? Evidence => Transaction.Hash;
}

/// <summary>One that moves a token, and with it the coins that its cell is made of.</summary>
/// <param name="Number">1 for the first.</param>
/// <param name="Transaction">What is sent.</param>
/// <param name="Capacity">As much as its cell takes up.</param>
/// <param name="PreparedAt">When its intent was stored.</param>
public sealed record TokenAttempt(int Number, SweepTransaction Transaction, Amount Capacity, DateTimeOffset PreparedAt)
    : SpendingAttempt(Number, Transaction, PreparedAt);

/// <summary>One that the node sends, because it funds a channel.</summary>
/// <param name="Number">1 for the first.</param>
/// <param name="ChannelId">The channel's name.</param>
/// <param name="Capacity">What the channel holds of both sides.</param>
/// <param name="Transaction">Signed for our cells.</param>
/// <param name="Return">What sends the coins back, where the node no longer has the channel.</param>
/// <param name="PreparedAt">When its intent was stored.</param>
public sealed record FundingAttempt(
    int Number, string ChannelId, Amount Capacity, SweepTransaction Transaction, SweepTransaction? Return, DateTimeOffset PreparedAt)
    : SpendingAttempt(Number, Transaction, PreparedAt);

/// <summary>A channel that is to be closed.</summary>
/// <param name="Number">1.</param>
/// <param name="ChannelId">The channel's name.</param>
/// <param name="Balance">Ours of it, when it was looked at.</param>
/// <param name="Reserved">What the books say that the node keeps back of ours.</param>
/// <param name="Closed">What was seen of its end.</param>
/// <param name="PreparedAt">When its intent was stored.</param>
public sealed record ClosingAttempt(
    int Number, string ChannelId, Amount Balance, Amount Reserved, ClosedChannel? Closed, DateTimeOffset PreparedAt)
    : MovementAttempt(Number, PreparedAt)
{
    public override string? Evidence => Closed?.Evidence;
}

/// <summary>The end of a channel.</summary>
/// <param name="Evidence">The transaction that closed it.</param>
/// <param name="Balance">Ours at its end.</param>
/// <param name="Returned">What the transaction gives to the wallet.</param>
public sealed record ClosedChannel(string Evidence, Amount Balance, Amount Returned);
