using FiberLink.Events.Money;
using FiberLink.Events.Treasury;

namespace FiberLink.Domain.Treasury;

/// <summary>The journal entries of movements: from one account of the hub to another, and what the way cost.</summary>
internal static class MovementBooks
{
    /// <summary>Whether amount and fee can be posted together.</summary>
    public static bool CanPost(Amount amount, SweepTransaction transaction) =>
        transaction.Fee.Asset == amount.Asset && transaction.Fee.Units <= Amount.UnitsMax - amount.Units;

    public static JournalEntry Leave(Amount amount, SweepTransaction transaction) =>
        JournalEntry.Move(Whole(amount, transaction), (Account.InFlight, null), (Account.HubOnChain, null));

    public static JournalEntry Return(Amount amount, SweepTransaction transaction) =>
        JournalEntry.Move(Whole(amount, transaction), (Account.HubOnChain, null), (Account.InFlight, null));

    public static JournalEntry Arrive(Amount amount, SweepTransaction transaction)
    {
        var whole = Whole(amount, transaction);
        var postings = new List<Posting>
        {
            new(Account.InFlight, null, amount.Asset, (Int128)whole.Units),
            new(Account.HubCold, null, amount.Asset, -(Int128)amount.Units),
        };
        if (transaction.Fee.Units > 0)
        {
            postings.Add(new(Account.NetworkFees, null, amount.Asset, -(Int128)transaction.Fee.Units));
        }

        return new(postings);
    }

    // A credit is what the hub owes more, or has less: what is put in is had at its place, and owed to whoever put it in.
    public static JournalEntry Book(MovementTerms.Booking booking)
    {
        var place = booking.Place switch
        {
            HubPlace.OnChain => Account.HubOnChain,
            HubPlace.Channels => Account.HubChannels,
            _ => Account.HubCold,
        };
        return booking.Way is BookingWay.PutIn
            ? JournalEntry.Move(booking.Amount, (place, null), (Account.HubCapital, null))
            : JournalEntry.Move(booking.Amount, (Account.HubCapital, null), (place, null));
    }

    private static Amount Whole(Amount amount, SweepTransaction transaction) =>
        amount with { Units = amount.Units + transaction.Fee.Units };
}
