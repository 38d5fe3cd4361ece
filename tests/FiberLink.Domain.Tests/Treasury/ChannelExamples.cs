using FiberLink.Domain.Treasury;
using FiberLink.Events.Money;
using FiberLink.Events.Treasury;
using static FiberLink.Domain.Tests.Treasury.MovementExamples;

namespace FiberLink.Domain.Tests.Treasury;

/// <summary>
/// ann asks for 1,000 CKB to be put into a channel, of which the node keeps 99 back, and for a channel with 400 to be closed, in which
/// another 7 come in before it is; bob agrees.
/// </summary>
internal static class ChannelExamples
{
    public const string Peer = "02aa";
    public const string ChannelId = "0xc0";
    public const string CloseHash = "0xcc";

    public static readonly Amount KeptBack = Ckb(99);
    public static readonly Amount Balance = Ckb(400);
    public static readonly Amount LastBalance = Ckb(407);
    public static readonly Amount Returned = Ckb(506) with { Units = 506_00000000 - 300 };

    /// <summary>As many units as an opening asks for, of something else.</summary>
    public static readonly Amount Token = new(new("USDI"), 1_099_00000000);

    /// <summary>The most that can be posted: nothing can be added to it.</summary>
    public static readonly Amount Endless = new(Asset.Ckb, Amount.UnitsMax);

    public static readonly SweepTransaction BackHome = new("0x0b", "AA==", ["0xc1:0"], new(Asset.Ckb, 500));

    public static readonly MovementEvent.OpeningRequested OpeningRequested = new(Id, Asked, Peer, "ann", "members wait", Now);
    public static readonly MovementEvent.ClosingRequested ClosingRequested = new(Id, ChannelId, "ann", "not needed", Now);
    public static readonly MovementEvent.ReturnPrepared ReturnPrepared = new(Id, 1, BackHome, Now);
    public static readonly MovementEvent.CloseSeen CloseSeen = new(Id, 1, CloseHash, LastBalance, Returned, Now);
    public static readonly MovementEvent.Failed ClosedOtherwise = new(Id, MovementFailure.ClosedOtherwise, "by force", Now);
    public static readonly MovementEvent.MadeFinal ClosedForGood = new(Id, CloseHash, Now);

    public static readonly MovementEvent.ClosePrepared ClosePrepared = new(
        Id,
        1,
        ChannelId,
        Balance,
        KeptBack,
        Entry((Account.HubChannels, 400_00000000), (Account.HubKeptBack, 99_00000000), (Account.InFlight, -499_00000000)),
        Now);

    public static readonly MovementEvent.Completed Open = new(
        Id,
        1,
        First.Hash,
        Fee,
        Entry(
            (Account.InFlight, 1_000_00000464),
            (Account.HubChannels, -901_00000000),
            (Account.HubKeptBack, -99_00000000),
            (Account.NetworkFees, -464)),
        Now);

    public static readonly MovementEvent.Completed Closed = new(
        Id,
        1,
        CloseHash,
        new(Asset.Ckb, 300),
        Entry(
            (Account.InFlight, 499_00000000),
            (Account.HubChannels, 7_00000000),
            (Account.HubOnChain, -(506_00000000 - 300)),
            (Account.NetworkFees, -300)),
        Now);

    public static readonly MovementEvent.AttemptFailed CameBack = new(
        Id,
        1,
        First.Hash,
        $"The node gave the channel up, and {BackHome.Hash} has brought the coins back.",
        RetryAt,
        Entry((Account.InFlight, 1_000_00000464), (Account.HubOnChain, -(1_000_00000464 - 500)), (Account.NetworkFees, -500)),
        Now);

    public static readonly MovementEvent.AttemptFailed Stayed = new(
        Id,
        1,
        ChannelId,
        "by force",
        null,
        Entry((Account.HubChannels, -400_00000000), (Account.HubKeptBack, -99_00000000), (Account.InFlight, 499_00000000)),
        Now);

    public static readonly MovementCommand.RequestOpening RequestOpening = new(Id, Asked, Peer, true, "ann", "members wait", Now);
    public static readonly MovementCommand.RequestClosing RequestClosing = new(Id, ChannelId, "ann", "not needed", Now);
    public static readonly MovementCommand.PrepareClose PrepareClose = new(Balance, KeptBack, Now);
    public static readonly MovementCommand.ReportFunded ReportFunded = new(1, KeptBack, Now);
    public static readonly MovementCommand.PrepareReturn PrepareReturn = new(1, BackHome, Now);
    public static readonly MovementCommand.ReportReturned ReportReturned = new(1, RetryAt, Now);
    public static readonly MovementCommand.ReportClosed ReportClosed = new(1, CloseHash, LastBalance, Returned, Now);
    public static readonly MovementCommand.ReportClosedOtherwise ReportClosedOtherwise = new(1, "by force", Now);

    public static Amount Ckb(ulong ckb) => new(Asset.Ckb, ckb * 1_00000000);

    public static MovementCommand.PrepareFunding PrepareFunding(int attempt, SweepTransaction transaction, DateTimeOffset at) =>
        new(attempt, ChannelId, Ckb(1_099), transaction, at);

    public static MovementEvent.FundingPrepared FundingPrepared(int attempt, SweepTransaction transaction, DateTimeOffset at) => new(
        Id,
        attempt,
        ChannelId,
        Ckb(1_099),
        transaction,
        Entry((Account.HubOnChain, 1_000_00000464), (Account.InFlight, -1_000_00000464)),
        at);

    private static JournalEntry Entry(params (Account Account, Int128 Units)[] postings) =>
        new([.. postings.Select(p => new Posting(p.Account, null, Asset.Ckb, p.Units))]);
}
