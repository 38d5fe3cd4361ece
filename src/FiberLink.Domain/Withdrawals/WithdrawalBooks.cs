using FiberLink.Events.Money;
using FiberLink.Events.Withdrawals;

namespace FiberLink.Domain.Withdrawals;

/// <summary>The journal entries of withdrawals.</summary>
internal static class WithdrawalBooks
{
    /// <summary>What was held is the member's again.</summary>
    public static JournalEntry GiveBack(WithdrawalTerms terms) =>
        JournalEntry.Move(terms.Hold, (Account.MemberHeld, terms.Member), (Account.MemberAvailable, terms.Member));

    public static WithdrawalEvent.Failed Fail(WithdrawalTerms terms, WithdrawalFailure reason, string detail, DateTimeOffset now) =>
        new(terms.WithdrawalId, reason, detail, GiveBack(terms), now);

    /// <summary>
    /// What was held leaves: to the recipient, for the fee as far as the member pays it, and the rest back. What the way cost beyond what
    /// was held is the hub's: no answer of a node's makes the member pay more.
    /// </summary>
    public static JournalEntry Pay(WithdrawalTerms terms, PayoutAttempt attempt, Amount fee)
    {
        var asset = terms.Hold.Asset;
        var from = HubAccount(terms);
        var feeInKind = fee.Asset == asset ? fee.Units : 0;
        var ofMember = UInt128.Min(feeInKind, terms.FeeMax.Units);
        var postings = new List<Posting>
        {
            new(Account.MemberHeld, terms.Member, asset, -(Int128)terms.Hold.Units),
            new(from, null, asset, (Int128)(terms.Pays.Units + feeInKind)),
        };
        Add(postings, Account.MemberAvailable, terms.Member, asset, (Int128)(terms.FeeMax.Units - ofMember));
        Add(postings, Account.NetworkFees, null, asset, -(Int128)(feeInKind - ofMember));

        // A token's way over the chain is paid in coins, and so is the cell that it arrives in.
        var coins = (fee.Asset == asset ? 0 : fee.Units) + (attempt.Transaction?.Capacity.Units ?? 0);
        Add(postings, from, null, Asset.Ckb, (Int128)coins);
        Add(postings, Account.NetworkFees, null, Asset.Ckb, -(Int128)coins);
        return new(postings);
    }

    /// <summary>It left the hub, and the member has what was held back already: nobody's, until an operator decides.</summary>
    public static JournalEntry PayFromSuspense(WithdrawalTerms terms, Amount fee) =>
        JournalEntry.Move(
            terms.Pays with { Units = terms.Pays.Units + (fee.Asset == terms.Pays.Asset ? fee.Units : 0) },
            (Account.Suspense, null),
            (HubAccount(terms), null));

    private static Account HubAccount(WithdrawalTerms terms) =>
        terms.Destination.Kind is DestinationKind.CkbAddress ? Account.HubOnChain : Account.HubChannels;

    private static void Add(List<Posting> postings, Account account, string? member, Asset asset, Int128 units)
    {
        if (units != 0)
        {
            postings.Add(new(account, member, asset, units));
        }
    }
}
