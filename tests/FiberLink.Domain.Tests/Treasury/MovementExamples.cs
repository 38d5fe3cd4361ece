using FiberLink.Events.Money;
using FiberLink.Events.Treasury;

namespace FiberLink.Domain.Tests.Treasury;

/// <summary>ann asks for 1,000 CKB to be swept, and for 1,000 CKB to be booked; bob agrees. What happens, and what it is made of.</summary>
internal static class MovementExamples
{
    public const string Cold = "ckt1qcold";
    public const string BlockA = "0xaa";
    public const string BlockB = "0xbb";

    public static readonly Guid Id = Guid.Parse("01990000-0000-7000-8000-0000000000a1");
    public static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    public static readonly DateTimeOffset RetryAt = Now.AddMinutes(1);
    public static readonly Amount Asked = new(Asset.Ckb, 1_000_00000000);
    public static readonly Amount Fee = new(Asset.Ckb, 464);

    public static readonly SweepTransaction First = new("0x01", "AA==", ["0xc1:0"], Fee);
    public static readonly SweepTransaction Second = new("0x02", "AA==", ["0xc2:0"], Fee);

    public static readonly MovementEvent.SweepRequested SweepRequested = new(Id, Asked, Cold, "ann", "too much", Now);

    public static readonly MovementEvent.BookingRequested BookingRequested =
        new(Id, HubPlace.OnChain, BookingWay.PutIn, Asked, "ann", "opening", Now);

    public static readonly MovementEvent.Approved Approved = new(Id, "bob", "fine", Now);
    public static readonly MovementEvent.Cancelled Cancelled = new(Id, "bob", "fine", Now);
    public static readonly MovementEvent.Sent Sent = new(Id, 1, Now);
    public static readonly MovementEvent.IncludedInBlock InBlockA = new(Id, 1, 7, BlockA, Now);
    public static readonly MovementEvent.IncludedInBlock InBlockB = new(Id, 1, 8, BlockB, Now);
    public static readonly MovementEvent.TakenBack TakenBackA = new(Id, 1, BlockA, Now);
    public static readonly MovementEvent.MadeFinal MadeFinal = new(Id, First.Hash, Now);
    public static readonly MovementEvent.Failed NotApproved = new(Id, MovementFailure.NotApproved, "late", Now);
    public static readonly MovementEvent.Failed NotCovered = new(Id, MovementFailure.NotCovered, "late", Now);
    public static readonly MovementEvent.Failed Exhausted = new(Id, MovementFailure.AttemptsExhausted, "spent", Now);

    public static readonly MovementEvent.Booked Booked =
        new(Id, Entry((Account.HubCapital, 1_000_00000000), (Account.HubOnChain, -1_000_00000000)), Now);

    public static readonly MovementEvent.Completed Completed = new(
        Id,
        1,
        First.Hash,
        Fee,
        Entry((Account.InFlight, 1_000_00000464), (Account.HubCold, -1_000_00000000), (Account.NetworkFees, -464)),
        Now);

    public static MovementEvent.Prepared Prepared(int attempt, SweepTransaction transaction, DateTimeOffset at) =>
        new(Id, attempt, transaction, Entry((Account.HubOnChain, 1_000_00000464), (Account.InFlight, -1_000_00000464)), at);

    public static MovementEvent.AttemptFailed Dead(int attempt, SweepTransaction transaction, DateTimeOffset? retryAt) =>
        new(
            Id,
            attempt,
            transaction.Hash,
            "spent",
            retryAt,
            Entry((Account.InFlight, 1_000_00000464), (Account.HubOnChain, -1_000_00000464)),
            Now);

    public static SweepTransaction Numbered(int number) => new($"0x0{number}", "AA==", [$"0xc{number}:0"], Fee);

    private static JournalEntry Entry(params (Account Account, Int128 Units)[] postings) =>
        new([.. postings.Select(p => new Posting(p.Account, null, Asset.Ckb, p.Units))]);
}
