using FiberLink.Events.Money;
using FiberLink.Events.Treasury;

namespace FiberLink.Domain.Treasury;

/// <summary>The journal entries of movements: from one account of the hub to another, and what the way cost.</summary>
internal static class MovementBooks
{
    /// <summary>Whether it fits: coins together with their fee, a token beside the coins that its cell and its way take.</summary>
    public static bool CanPost(Amount amount, SpendingAttempt attempt) => attempt is TokenAttempt { Capacity: var capacity }
        ? amount.Asset != Asset.Ckb
            && capacity.Asset == Asset.Ckb && capacity.Units > 0 && CanPost(capacity, attempt.Transaction.Fee)
        : CanPost(amount, attempt.Transaction.Fee);

    public static JournalEntry Leave(Amount amount, SpendingAttempt attempt) =>
        Moved(Whole(amount, attempt), Account.InFlight, Account.HubOnChain);

    public static JournalEntry Return(Amount amount, SpendingAttempt attempt) =>
        Moved(Whole(amount, attempt), Account.HubOnChain, Account.InFlight);

    /// <summary>The cold wallet has it, and the coins that a token's cell is made of; the fee is gone.</summary>
    public static JournalEntry Arrive(Amount amount, SpendingAttempt attempt)
    {
        Amount[] arrived = attempt is TokenAttempt { Capacity: var capacity } ? [amount, capacity] : [amount];
        var fee = attempt.Transaction.Fee;
        return new(
        [
            .. Whole(amount, attempt).Select(a => new Posting(Account.InFlight, null, a.Asset, (Int128)a.Units)),
            .. arrived.Select(a => new Posting(Account.HubCold, null, a.Asset, -(Int128)a.Units)),
            .. fee.Units > 0 ? [new Posting(Account.NetworkFees, null, fee.Asset, -(Int128)fee.Units)] : Array.Empty<Posting>(),
        ]);
    }

    /// <summary>A channel has it: what can be paid with, and what is kept back of it.</summary>
    public static JournalEntry ArriveInChannel(Amount amount, Amount reserved, SweepTransaction transaction) => EntryOf(
        amount.Asset,
        (Account.InFlight, (Int128)WithFee(amount, transaction).Units),
        (Account.HubChannels, -(Int128)(amount.Units - reserved.Units)),
        (Account.HubKeptBack, -(Int128)reserved.Units),
        (Account.NetworkFees, -(Int128)transaction.Fee.Units))!;

    /// <summary>The wallet has it again, less what it has cost to get it back.</summary>
    public static JournalEntry ComeBack(Amount amount, SweepTransaction transaction, Amount cost) => EntryOf(
        amount.Asset,
        (Account.InFlight, (Int128)WithFee(amount, transaction).Units),
        (Account.HubOnChain, -((Int128)WithFee(amount, transaction).Units - (Int128)cost.Units)),
        (Account.NetworkFees, -(Int128)cost.Units))!;

    /// <summary>Null when there is nothing in the channel that the books know of.</summary>
    public static JournalEntry? LeaveChannel(Amount balance, Amount reserved) => EntryOf(
        balance.Asset,
        (Account.HubChannels, (Int128)balance.Units),
        (Account.HubKeptBack, (Int128)reserved.Units),
        (Account.InFlight, -(Int128)(balance.Units + reserved.Units)));

    /// <summary>As if it had never been begun; null when nothing was.</summary>
    public static JournalEntry? StayInChannel(ClosingAttempt attempt) => EntryOf(
        attempt.Balance.Asset,
        (Account.HubChannels, -(Int128)attempt.Balance.Units),
        (Account.HubKeptBack, -(Int128)attempt.Reserved.Units),
        (Account.InFlight, (Int128)(attempt.Balance.Units + attempt.Reserved.Units)));

    /// <summary>
    /// The wallet has what was in a channel. What passed through it since it was looked at was booked by what passed. What is missing in
    /// the end is what closing has cost. What comes back beyond the books was kept back of coins that were put in past this service:
    /// capital.
    /// </summary>
    public static (JournalEntry Entry, Amount Fee) ArriveFromChannel(ClosingAttempt attempt, ClosedChannel closed)
    {
        var had = (Int128)closed.Balance.Units + (Int128)attempt.Reserved.Units;
        var missing = had - (Int128)closed.Returned.Units;
        var entry = EntryOf(
            closed.Returned.Asset,
            (Account.InFlight, (Int128)(attempt.Balance.Units + attempt.Reserved.Units)),
            (Account.HubChannels, (Int128)closed.Balance.Units - (Int128)attempt.Balance.Units),
            (Account.HubOnChain, -(Int128)closed.Returned.Units),
            (missing > 0 ? Account.NetworkFees : Account.HubCapital, -missing))!;
        return (entry, closed.Returned with { Units = missing > 0 ? (UInt128)missing : 0 });
    }

    /// <summary>The opposite of all that a complete movement has booked: money is where it was before anybody asked for it.</summary>
    public static JournalEntry Lose(MovementState.Completed s)
    {
        var left = s.Last is ClosingAttempt closing
            ? LeaveChannel(closing.Balance, closing.Reserved)
            : Leave(s.Terms.Amount, (SpendingAttempt)s.Last!);
        return Undo(left is null ? s.Entry : Sum(left, s.Entry));
    }

    public static JournalEntry Undo(JournalEntry entry) => new([.. entry.Postings.Select(p => p with { Units = -p.Units })]);

    /// <summary>
    /// What was believed dead has arrived: from the wallet to where it was to be. What the node keeps back of a channel that it had let go
    /// nobody knows; all of it is booked as what can be paid with.
    /// </summary>
    public static JournalEntry ArriveAtOnce(Amount amount, SpendingAttempt attempt) => Sum(
        Leave(amount, attempt),
        attempt is FundingAttempt
            ? ArriveInChannel(amount, amount with { Units = 0 }, attempt.Transaction)
            : Arrive(amount, attempt));

    // What passes through an account is not posted there.
    private static JournalEntry Sum(JournalEntry one, JournalEntry other) => new(
    [
        .. one.Postings.Concat(other.Postings)
            .GroupBy(p => (p.Account, p.Member, p.Asset))
            .Select(g => new Posting(g.Key.Account, g.Key.Member, g.Key.Asset, g.Aggregate(Int128.Zero, (sum, p) => sum + p.Units)))
            .Where(p => p.Units != 0),
    ]);

    /// <summary>Whether all of them together stay within what can be posted.</summary>
    public static bool CanPost(params ReadOnlySpan<Amount> amounts)
    {
        var left = Amount.UnitsMax;
        foreach (var amount in amounts)
        {
            if (amount.Asset != amounts[0].Asset || amount.Units > left)
            {
                return false;
            }

            left -= amount.Units;
        }

        return true;
    }

    private static JournalEntry? EntryOf(Asset asset, params ReadOnlySpan<(Account Account, Int128 Units)> postings)
    {
        var moved = new List<Posting>();
        foreach (var (account, units) in postings)
        {
            if (units != 0)
            {
                moved.Add(new(account, null, asset, units));
            }
        }

        return moved.Count == 0 ? null : new(moved);
    }

    // A credit is what the hub owes more, or has less: what is put in is had at its place, and owed to whoever put it in.
    public static JournalEntry Book(MovementTerms.Booking booking)
    {
        var place = booking.Place switch
        {
            HubPlace.OnChain => Account.HubOnChain,
            HubPlace.Channels => Account.HubChannels,
            HubPlace.KeptBack => Account.HubKeptBack,
            _ => Account.HubCold,
        };
        return booking.Way is BookingWay.PutIn
            ? JournalEntry.Move(booking.Amount, (place, null), (Account.HubCapital, null))
            : JournalEntry.Move(booking.Amount, (Account.HubCapital, null), (place, null));
    }

    // All that leaves the wallet, asset by asset.
    private static Amount[] Whole(Amount amount, SpendingAttempt attempt) => attempt is TokenAttempt { Capacity: var capacity }
        ? [amount, WithFee(capacity, attempt.Transaction)]
        : [WithFee(amount, attempt.Transaction)];

    private static Amount WithFee(Amount amount, SweepTransaction transaction) =>
        amount with { Units = amount.Units + transaction.Fee.Units };

    private static JournalEntry Moved(IEnumerable<Amount> amounts, Account from, Account to) =>
        new([.. amounts.SelectMany(a => JournalEntry.Move(a, (from, null), (to, null)).Postings)]);
}
