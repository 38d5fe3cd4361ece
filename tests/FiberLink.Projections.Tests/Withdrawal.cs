using FiberLink.Events.Money;
using FiberLink.Events.Withdrawals;
using FiberLink.EventStore;

namespace FiberLink.Projections.Tests;

/// <summary>One withdrawal, on chain unless it has an invoice, and the events that can have happened to it.</summary>
public sealed record Withdrawal(string Member, UInt128 Units)
{
    /// <summary>The largest that the log stores: beyond it a number of JSON is not read as what it says.</summary>
    public const ulong BlockNumberMax = (1UL << 53) - 1;

    private const int Fee = 10;

    public Guid Id { get; init; } = Guid.CreateVersion7();

    public string Tenant { get; init; } = "demo";

    public Asset Asset { get; init; } = Asset.Ckb;

    public DateTimeOffset At { get; init; } = Tip.Noon;

    /// <summary>The invoice's payment hash; null for an address.</summary>
    public string? PaymentHash { get; init; }

    public string Address { get; init; } = "ckt1qalice";

    public string? Cell { get; init; }

    public DateTimeOffset? NotBefore { get; init; }

    public bool NeedsApproval { get; init; }

    public StreamId Stream => new(Tenant, $"withdrawal-{Id:N}");

    public Destination Destination => PaymentHash is null
        ? new(DestinationKind.CkbAddress, Address, null, null)
        : new(DestinationKind.PaymentRequest, $"fibt1{PaymentHash}", PaymentHash, At.AddDays(1));

    public Amount Pays => new(Asset, PaymentHash is null ? Units - Fee : Units);

    public Amount Hold => new(Asset, PaymentHash is null ? Units : Units + Fee);

    public WithdrawalEvent Requested => new WithdrawalEvent.Requested(
        Id,
        Member,
        new(Asset, Units),
        Pays,
        Hold,
        Destination,
        NeedsApproval,
        NotBefore,
        false,
        JournalEntry.Move(Hold, (Account.MemberAvailable, Member), (Account.MemberHeld, Member)),
        At);

    public WithdrawalEvent Approved => new WithdrawalEvent.Approved(Id, "olga", "known", At);

    public WithdrawalEvent HeldBack => new WithdrawalEvent.HeldBack(Id, "olga", "wait", At);

    public WithdrawalEvent Released => new WithdrawalEvent.Released(Id, "olga", "go on", At);

    public WithdrawalEvent Covered => new WithdrawalEvent.LiquidityCovered(Id, At);

    public WithdrawalEvent Awaited => new WithdrawalEvent.LiquidityAwaited(Id, new(Asset, 1), At);

    public WithdrawalEvent Prepared => PaymentHash is null ? Spending(1, [OwnCell], null) : Paying(1);

    /// <summary>Spends what the first does, and one more.</summary>
    public WithdrawalEvent Replaced => Spending(2, [OwnCell, $"{OwnCell}0"], Hash(1));

    public WithdrawalEvent PreparedAgain => PaymentHash is null ? Spending(2, [OwnCell], null) : Paying(2);

    public WithdrawalEvent Sent => new WithdrawalEvent.Sent(Id, 1, At);

    public WithdrawalEvent InBlock => new WithdrawalEvent.IncludedInBlock(Id, 1, BlockNumberMax, "0xaa", At);

    public WithdrawalEvent InOtherBlock => new WithdrawalEvent.IncludedInBlock(Id, 1, 501, "0xbb", At);

    public WithdrawalEvent TakenBack => new WithdrawalEvent.TakenBack(Id, 1, "0xaa", At);

    public WithdrawalEvent AttemptFailed =>
        new WithdrawalEvent.AttemptFailed(Id, 1, Evidence(1), "spent elsewhere", At.AddMinutes(1), At);

    public WithdrawalEvent ReplacementFailed =>
        new WithdrawalEvent.AttemptFailed(Id, 2, Evidence(2), "spent elsewhere too", null, At);

    public WithdrawalEvent Completed => new WithdrawalEvent.Completed(
        Id, 1, Evidence(1), new(Asset, Fee), null, JournalEntry.Move(Hold, (Account.MemberHeld, Member), (Hub, null)), At.AddHours(1));

    public WithdrawalEvent CompletedWorth => ((WithdrawalEvent.Completed)Completed) with { Usd = Usd };

    public WithdrawalEvent UsdQuoted => new WithdrawalEvent.UsdQuoted(Id, Usd, At);

    public WithdrawalEvent MadeFinal => new WithdrawalEvent.MadeFinal(Id, Evidence(1), At);

    public WithdrawalEvent Failed => new WithdrawalEvent.Failed(Id, WithdrawalFailure.CannotBePaid, "dead", GivenBack, At);

    public WithdrawalEvent Cancelled => new WithdrawalEvent.Cancelled(Id, "olga", "not wanted", GivenBack, At);

    public WithdrawalEvent PaidAfterFailure => new WithdrawalEvent.PaidAfterFailure(
        Id, 1, Evidence(1), new(Asset, Fee), JournalEntry.Move(Hold, (Account.Suspense, null), (Hub, null)), At);

    public WithdrawalEvent Lost => new WithdrawalEvent.Lost(
        Id, 1, Evidence(1), "spent elsewhere", JournalEntry.Move(Hold, (Hub, null), (Account.Suspense, null)), At);

    private JournalEntry GivenBack =>
        JournalEntry.Move(Hold, (Account.MemberHeld, Member), (Account.MemberAvailable, Member));

    private string OwnCell => Cell ?? $"0x{Id:N}:0";

    private Account Hub => PaymentHash is null ? Account.HubOnChain : Account.HubChannels;

    private static UsdQuote Usd => new("0.5", 250, "sandbox", Tip.Noon);

    public string Hash(int attempt) => $"0x{Id:N}{attempt}";

    public string Evidence(int attempt) => PaymentHash ?? Hash(attempt);

    public WithdrawalEvent Spending(int attempt, string[] cells, string? replaces) => Spending(attempt, Hash(attempt), cells, replaces);

    public WithdrawalEvent Spending(int attempt, string hash, string[] cells, string? replaces, int output = 0) =>
        new WithdrawalEvent.TransactionPrepared(
        Id, attempt, new(hash, "AAEC", cells, output, new(Asset.Ckb, Fee), new(Asset.Ckb, 0), replaces), At);

    public Happening Happens(params WithdrawalEvent[] events) => new(Stream, At, events);

    /// <summary>The id by which it comes in its turn where several streams are written as one change: those of one go by name.</summary>
    public static Guid Turn(int turn) => Guid.Parse($"01990000-0000-7000-8000-{turn:D12}");

    /// <summary>By the names of the properties, one after the other.</summary>
    public IEnumerable<WithdrawalEvent> Life(string names) =>
        names.Split(' ').Select(name => (WithdrawalEvent)typeof(Withdrawal).GetProperty(name)!.GetValue(this)!);

    /// <summary>A tip that gives a member something to withdraw.</summary>
    public static Happening Funds(string tenant, string member, Asset asset, UInt128 units)
    {
        var tip = new Tip("zoe", member, units) { Tenant = tenant, Asset = asset };
        return tip.Happens(tip.Requested, tip.Issued, tip.Settled);
    }

    private WithdrawalEvent Paying(int attempt) =>
        new WithdrawalEvent.PaymentPrepared(Id, attempt, PaymentHash!, new(Asset, Fee), At);
}
