using FiberLink.Domain.Treasury;
using FiberLink.Events.Money;
using FiberLink.Events.Treasury;
using static FiberLink.Domain.Tests.Treasury.MovementExamples;

namespace FiberLink.Domain.Tests.Treasury;

/// <summary>ann asks for 500 of a token to be swept, whose cell is made of 142 CKB; bob agrees.</summary>
internal static class TokenExamples
{
    public static readonly Asset Usdi = new("USDI");
    public static readonly Amount Tokens = new(Usdi, 500_00);
    public static readonly Amount Room = new(Asset.Ckb, 142_00000000);
    public static readonly Amount Endless = new(Asset.Ckb, Amount.UnitsMax);

    public static readonly MovementCommand.RequestSweep RequestSweep = new(Id, Tokens, Cold, true, "ann", "too much", Now);
    public static readonly MovementEvent.SweepRequested SweepRequested = MovementExamples.SweepRequested with { Amount = Tokens };

    public static readonly MovementEvent.Completed Completed = new(
        Id,
        1,
        First.Hash,
        Fee,
        Entry(
            (Account.InFlight, Usdi, 500_00),
            (Account.InFlight, Asset.Ckb, 142_00000464),
            (Account.HubCold, Usdi, -500_00),
            (Account.HubCold, Asset.Ckb, -142_00000000),
            (Account.NetworkFees, Asset.Ckb, -464)),
        Now);

    public static readonly MovementEvent.Lost Lost = new(
        Id,
        1,
        First.Hash,
        Tokens,
        "gone",
        Entry(
            (Account.HubOnChain, Usdi, -500_00),
            (Account.HubOnChain, Asset.Ckb, -142_00000464),
            (Account.HubCold, Usdi, 500_00),
            (Account.HubCold, Asset.Ckb, 142_00000000),
            (Account.NetworkFees, Asset.Ckb, 464)),
        Now);

    public static readonly MovementEvent.ArrivedAfterLoss Arrived =
        new(Id, 1, First.Hash, Tokens, new([.. Lost.Entry.Postings.Select(p => p with { Units = -p.Units })]), Now);

    public static MovementCommand.PrepareToken PrepareToken(int attempt, SweepTransaction transaction, DateTimeOffset now) =>
        new(attempt, transaction, Room, now);

    public static MovementEvent.TokenPrepared Prepared(int attempt, SweepTransaction transaction, DateTimeOffset at) => new(
        Id,
        attempt,
        transaction,
        Room,
        Entry(
            (Account.HubOnChain, Usdi, 500_00),
            (Account.InFlight, Usdi, -500_00),
            (Account.HubOnChain, Asset.Ckb, 142_00000464),
            (Account.InFlight, Asset.Ckb, -142_00000464)),
        at);

    public static MovementEvent.AttemptFailed Dead(int attempt, SweepTransaction transaction, DateTimeOffset? retryAt) => new(
        Id,
        attempt,
        transaction.Hash,
        "spent",
        retryAt,
        Entry(
            (Account.InFlight, Usdi, 500_00),
            (Account.HubOnChain, Usdi, -500_00),
            (Account.InFlight, Asset.Ckb, 142_00000464),
            (Account.HubOnChain, Asset.Ckb, -142_00000464)),
        Now);

    private static JournalEntry Entry(params (Account Account, Asset Asset, Int128 Units)[] postings) =>
        new([.. postings.Select(p => new Posting(p.Account, null, p.Asset, p.Units))]);
}
