using System.Globalization;
using FiberLink.Events.Adjustments;
using FiberLink.Events.Money;
using FiberLink.EventStore;
using FiberLink.Service.CommandHandling;

namespace FiberLink.Service.Reconciliation;

/// <summary>Makes proposals. What is proposed for one event is always the same, by the same name.</summary>
internal static class Corrections
{
    /// <param name="at">The event that is wrong in the log, where it stays.</param>
    /// <param name="from">Who has too much.</param>
    /// <param name="to">Who has too little.</param>
    /// <param name="amount">Of what, and how much.</param>
    public static Correction Of(
        RecordedEvent at, (Account Account, string? Member) from, (Account Account, string? Member) to, Amount amount) =>
        new(
            Ids.Named(string.Create(
                CultureInfo.InvariantCulture,
                $"correction {at.Id} {from.Account} {from.Member} {to.Account} {to.Member} {amount.Units} {amount.Asset}")),
            at.Stream.Tenant,
            new AccountName(from.Account, from.Member),
            new AccountName(to.Account, to.Member),
            amount);
}
