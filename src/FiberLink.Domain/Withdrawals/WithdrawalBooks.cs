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
    /// What an attempt cost. A transaction says so itself. What the node says of a payment is believed as far as it can be: in the asset
    /// that was paid, and not above both what it was allowed and what it carried. Beyond that the most that was allowed is booked, and
    /// the channels' own balances tell the rest: one absurd figure would spoil the community's sums for good.
    /// </summary>
    public static Amount FeeOf(WithdrawalTerms terms, PayoutAttempt attempt, Amount? said) =>
        attempt.Transaction is null
        && said is { } fee
        && fee.Asset == attempt.Fee.Asset
        && fee.Units <= UInt128.Min(UInt128.Max(attempt.Fee.Units, terms.Pays.Units), Amount.UnitsMax - terms.Pays.Units)
            ? fee
            : attempt.Fee;

    /// <summary>Whether what a transaction costs is in coins, and all that it moves can be posted.</summary>
    public static bool CanPost(WithdrawalTerms terms, PayoutTransaction transaction)
    {
        var (fee, capacity) = (transaction.Fee, transaction.Capacity);
        var isCoin = terms.Pays.Asset == Asset.Ckb;
        var room = Amount.UnitsMax - (isCoin ? terms.Pays.Units : capacity.Units);
        return (fee.Asset, capacity.Asset) == (Asset.Ckb, Asset.Ckb)
            && capacity.Units <= (isCoin ? 0 : Amount.UnitsMax)
            && fee.Units <= room;
    }

    /// <summary>
    /// What was held leaves: to the recipient, for the fee as far as the member pays it, and the rest back. What the way cost beyond what
    /// was held is the hub's: no answer of a node's makes the member pay more.
    /// </summary>
    public static JournalEntry Pay(WithdrawalTerms terms, PayoutAttempt attempt, Amount fee)
    {
        var (asset, given) = (terms.Hold.Asset, GivenBy(terms, fee));
        var postings = new List<Posting> { new(Account.MemberHeld, terms.Member, asset, -(Int128)terms.Hold.Units) };
        postings.AddRange(Leaving(terms, attempt, fee, given));
        Add(postings, Account.MemberAvailable, terms.Member, asset, (Int128)(terms.Hold.Units - given));
        return new(postings);
    }

    /// <summary>
    /// What had left has not: the hub's side of <see cref="Pay"/>, undone. What the member gave is in suspense, neither his nor the hub's
    /// until an operator decides.
    /// </summary>
    public static JournalEntry Lose(WithdrawalTerms terms, PayoutAttempt attempt)
    {
        var given = GivenBy(terms, attempt.Fee);
        return new(
        [
            new(Account.Suspense, null, terms.Hold.Asset, (Int128)given),
            .. Leaving(terms, attempt, attempt.Fee, given).Select(p => p with { Units = -p.Units }),
        ]);
    }

    /// <summary>
    /// What was lost has arrived all the same: what <see cref="Lose"/> put into suspense leaves, for what it cost this time.
    /// </summary>
    public static JournalEntry PayAfterLoss(WithdrawalTerms terms, PayoutAttempt lost, PayoutAttempt attempt, Amount fee)
    {
        var given = GivenBy(terms, lost.Fee);
        return new([new(Account.Suspense, null, terms.Hold.Asset, -(Int128)given), .. Leaving(terms, attempt, fee, given)]);
    }

    /// <summary>What was held becomes another member's, in the entry of the tip that commits with this one.</summary>
    public static JournalEntry PayWithin(WithdrawalTerms terms) =>
        JournalEntry.Move(terms.Hold, (Account.MemberHeld, terms.Member), (Account.WithinHub, null));

    /// <summary>It left the hub, and the member has what was held back already: nobody's, until an operator decides.</summary>
    public static JournalEntry PayFromSuspense(WithdrawalTerms terms, PayoutAttempt attempt, Amount fee)
    {
        var asset = terms.Pays.Asset;
        var inKind = terms.Pays.Units + (fee.Asset == asset ? fee.Units : 0);
        var coins = CoinsBeside(asset, attempt, fee);
        var postings = new List<Posting>();
        Add(postings, HubAccount(terms), null, asset, (Int128)inKind);
        Add(postings, Account.Suspense, null, asset, -(Int128)inKind);
        Add(postings, HubAccount(terms), null, Asset.Ckb, (Int128)coins);
        Add(postings, Account.Suspense, null, Asset.Ckb, -(Int128)coins);
        return new(postings);
    }

    // What a payment takes from the member: what the recipient gets, and of the fee what was agreed at most.
    private static UInt128 GivenBy(WithdrawalTerms terms, Amount fee) =>
        terms.Pays.Units + (fee.Asset == terms.Hold.Asset ? UInt128.Min(fee.Units, terms.FeeMax.Units) : 0);

    // The hub's side. It pays what the way costs beyond what the member gave, and all that goes beside a token.
    private static List<Posting> Leaving(WithdrawalTerms terms, PayoutAttempt attempt, Amount fee, UInt128 given)
    {
        var (asset, from) = (terms.Hold.Asset, HubAccount(terms));
        var inKind = (Int128)(terms.Pays.Units + (fee.Asset == asset ? fee.Units : 0));
        var coins = (Int128)CoinsBeside(asset, attempt, fee);
        var postings = new List<Posting>();
        Add(postings, from, null, asset, inKind);
        Add(postings, Account.NetworkFees, null, asset, (Int128)given - inKind);
        Add(postings, from, null, Asset.Ckb, coins);
        Add(postings, Account.NetworkFees, null, Asset.Ckb, -coins);
        return postings;
    }

    // A token's way over the chain is paid in coins, and so is the cell that it arrives in.
    private static UInt128 CoinsBeside(Asset asset, PayoutAttempt attempt, Amount fee) =>
        (fee.Asset == asset ? 0 : fee.Units) + (attempt.Transaction?.Capacity.Units ?? 0);

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
