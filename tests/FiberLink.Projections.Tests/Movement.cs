using FiberLink.Events;
using FiberLink.Events.Money;
using FiberLink.Events.Treasury;
using FiberLink.EventStore;

namespace FiberLink.Projections.Tests;

/// <summary>A movement of the hub's own money, and what can happen to it.</summary>
internal sealed record Movement(UInt128 Units)
{
    private const ulong Fee = 464;

    public Guid Id { get; init; } = Guid.CreateVersion7();

    public string? Cell { get; init; }

    public string ChannelId { get; init; } = $"0x{Guid.CreateVersion7():N}";

    public StreamId Stream => new(Tenants.Hub, $"movement-{Id:N}");

    public MovementEvent SweepRequested => new MovementEvent.SweepRequested(Id, Amount, "ckt1qcold", "ann", "too much", At);

    public MovementEvent PutInRequested =>
        new MovementEvent.BookingRequested(Id, HubPlace.OnChain, BookingWay.PutIn, Amount, "ann", "opening", At);

    public MovementEvent TakenOutRequested =>
        new MovementEvent.BookingRequested(Id, HubPlace.Channels, BookingWay.TakenOut, Amount, "ann", "closed", At);

    public MovementEvent OpeningRequested =>
        new MovementEvent.OpeningRequested(Id, Amount, "02aa", "ann", "members wait", At);

    public MovementEvent ClosingRequested => new MovementEvent.ClosingRequested(Id, ChannelId, "ann", "not needed", At);

    public MovementEvent TokenRequested =>
        new MovementEvent.SweepRequested(Id, new(new("USDI"), Units), "ckt1qcold", "ann", "too much", At);

    public MovementEvent TokenPrepared => new MovementEvent.TokenPrepared(
        Id,
        1,
        new(Hash(1), "AAEC", [Cell ?? $"0x{Id:N}:0"], new(Asset.Ckb, Fee)),
        new(Asset.Ckb, 142),
        Move(Whole, Account.HubOnChain, Account.InFlight),
        At.AddMinutes(1));

    public MovementEvent FundingPrepared => new MovementEvent.FundingPrepared(
        Id,
        1,
        ChannelId,
        Amount,
        new(Hash(1), "AAEC", [Cell ?? $"0x{Id:N}:0"], new(Asset.Ckb, Fee)),
        Move(Whole, Account.HubOnChain, Account.InFlight),
        At.AddMinutes(1));

    public MovementEvent ReturnPrepared => new MovementEvent.ReturnPrepared(
        Id, 1, new(Hash(9), "AAEC", [Cell ?? $"0x{Id:N}:0"], new(Asset.Ckb, Fee)), At.AddMinutes(2));

    public MovementEvent Open => new MovementEvent.Completed(
        Id, 1, Hash(1), new(Asset.Ckb, Fee), Move(Whole, Account.InFlight, Account.HubChannels), At.AddHours(1));

    public MovementEvent ClosePrepared => new MovementEvent.ClosePrepared(
        Id, 1, ChannelId, Amount, new(Asset.Ckb, 0), Move(Amount, Account.HubChannels, Account.InFlight), At.AddMinutes(1));

    public MovementEvent CloseSeen => new MovementEvent.CloseSeen(Id, 1, Hash(1), Amount, new(Asset.Ckb, Units - 1), At.AddMinutes(2));

    public MovementEvent Closed => new MovementEvent.Completed(
        Id, 1, Hash(1), new(Asset.Ckb, 1), Move(Amount, Account.InFlight, Account.HubOnChain), At.AddHours(1));

    public MovementEvent Stayed => new MovementEvent.AttemptFailed(
        Id, 1, ChannelId, "by force", null, Move(Amount, Account.InFlight, Account.HubChannels), At);

    public MovementEvent Approved => new MovementEvent.Approved(Id, "bob", "fine", At.AddMinutes(1));

    public MovementEvent PutIn => new MovementEvent.Booked(Id, Move(Amount, Account.HubOnChain, Account.HubCapital), At);

    public MovementEvent TakenOut => new MovementEvent.Booked(Id, Move(Amount, Account.HubCapital, Account.HubChannels), At);

    public MovementEvent Prepared => Preparing(1);

    public MovementEvent PreparedAgain => Preparing(2);

    public MovementEvent Sent => new MovementEvent.Sent(Id, 1, At);

    public MovementEvent InBlock => new MovementEvent.IncludedInBlock(Id, 1, 7, "0xaa", At);

    public MovementEvent InOtherBlock => new MovementEvent.IncludedInBlock(Id, 1, 8, "0xbb", At);

    public MovementEvent TakenBack => new MovementEvent.TakenBack(Id, 1, "0xaa", At);

    public MovementEvent AttemptFailed => new MovementEvent.AttemptFailed(
        Id, 1, Hash(1), "spent", At.AddHours(1), Move(Whole, Account.InFlight, Account.HubOnChain), At);

    public MovementEvent Completed => new MovementEvent.Completed(
        Id, 1, Hash(1), new(Asset.Ckb, Fee), Move(Whole, Account.InFlight, Account.HubCold), At.AddHours(1));

    public MovementEvent MadeFinal => new MovementEvent.MadeFinal(Id, Hash(1), At);

    public MovementEvent Lost => new MovementEvent.Lost(
        Id, 1, Hash(1), Amount, "gone", Move(Whole, Account.HubCold, Account.HubOnChain), At.AddHours(2));

    public MovementEvent ClosedLost => new MovementEvent.Lost(
        Id, 1, ChannelId, Amount, "gone", Move(Amount, Account.HubOnChain, Account.HubChannels), At.AddHours(2));

    public MovementEvent Arrived => new MovementEvent.ArrivedAfterLoss(
        Id, 2, Hash(2), Amount, Move(Whole, Account.HubOnChain, Account.HubCold), At.AddHours(3));

    public MovementEvent Failed => new MovementEvent.Failed(Id, MovementFailure.NotCovered, "short", At);

    public MovementEvent Cancelled => new MovementEvent.Cancelled(Id, "ann", "a slip", At);

    private static DateTimeOffset At => Tip.Noon;

    private Amount Amount => new(Asset.Ckb, Units);

    private Amount Whole => new(Asset.Ckb, Units + Fee);

    /// <summary>Some of which each ends otherwise.</summary>
    public static IEnumerable<Happening> Lives() =>
        from life in (string[])
        [
            "SweepRequested Approved Prepared Sent InBlock TakenBack InOtherBlock Completed MadeFinal",
            "SweepRequested Approved Prepared AttemptFailed PreparedAgain",
            "SweepRequested Approved Prepared InBlock Completed TakenBack",
            "SweepRequested Approved Prepared InBlock Completed TakenBack Lost Arrived",
            "ClosingRequested Approved ClosePrepared Sent CloseSeen InBlock Closed TakenBack ClosedLost",
            "TokenRequested Approved TokenPrepared Sent InBlock",
            "SweepRequested Approved Failed",
            "SweepRequested Cancelled",
            "PutInRequested Approved PutIn",
            "TakenOutRequested Approved TakenOut",
            "OpeningRequested Approved FundingPrepared Sent InBlock Open MadeFinal",
            "OpeningRequested Approved FundingPrepared ReturnPrepared AttemptFailed",
            "ClosingRequested Approved ClosePrepared Sent CloseSeen InBlock Closed",
            "ClosingRequested Approved ClosePrepared Stayed Failed",
        ]
        let movement = new Movement(1_000)
        let events = life.Split(' ').Select(n => (MovementEvent)typeof(Movement).GetProperty(n)!.GetValue(movement)!).ToArray()
        from part in (MovementEvent[][])[events[..1], events[1..]]
        select movement.Happens(part);

    public Happening Happens(params MovementEvent[] events) => new(Stream, At, events);

    public string Hash(int attempt) => $"0x{Id:N}{attempt}";

    private MovementEvent.Prepared Preparing(int attempt) => new(
        Id,
        attempt,
        new(Hash(attempt), "AAEC", [Cell ?? $"0x{Id:N}:0"], new(Asset.Ckb, Fee)),
        Move(Whole, Account.HubOnChain, Account.InFlight),
        At.AddMinutes(attempt));

    private static JournalEntry Move(Amount amount, Account from, Account to) => JournalEntry.Move(amount, (from, null), (to, null));
}
