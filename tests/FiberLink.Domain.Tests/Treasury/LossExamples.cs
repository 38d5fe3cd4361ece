using FiberLink.Events.Money;
using FiberLink.Events.Treasury;
using static FiberLink.Domain.Tests.Treasury.ChannelExamples;
using static FiberLink.Domain.Tests.Treasury.MovementExamples;

namespace FiberLink.Domain.Tests.Treasury;

/// <summary>What was complete and is lost: by its only attempt, or by a second one that cost more than the first, which was dead.</summary>
internal static class LossExamples
{
    public static readonly SweepTransaction Dear = new("0x02", "AA==", ["0xc2:0"], Ckb(0) with { Units = 900 });

    public static readonly MovementEvent.Lost SweepLost = new(
        Id,
        1,
        First.Hash,
        Asked,
        "gone",
        Entry((Account.HubOnChain, -1_000_00000464), (Account.HubCold, 1_000_00000000), (Account.NetworkFees, 464)),
        Now);

    public static readonly MovementEvent.ArrivedAfterLoss SweepArrived = new(
        Id,
        1,
        First.Hash,
        Asked,
        Entry((Account.HubOnChain, 1_000_00000464), (Account.HubCold, -1_000_00000000), (Account.NetworkFees, -464)),
        Now);

    public static readonly MovementEvent.Lost SecondSweepLost = new(
        Id,
        2,
        Dear.Hash,
        Asked,
        "gone",
        Entry((Account.HubOnChain, -1_000_00000900), (Account.HubCold, 1_000_00000000), (Account.NetworkFees, 900)),
        Now);

    public static readonly MovementEvent.ArrivedAfterLoss SecondSweepArrived = new(
        Id,
        2,
        Dear.Hash,
        Asked,
        Entry((Account.HubOnChain, 1_000_00000900), (Account.HubCold, -1_000_00000000), (Account.NetworkFees, -900)),
        Now);

    public static readonly MovementEvent.Lost OpenLost = new(
        Id,
        1,
        First.Hash,
        Asked,
        "gone",
        Entry(
            (Account.HubOnChain, -1_000_00000464),
            (Account.HubChannels, 901_00000000),
            (Account.HubKeptBack, 99_00000000),
            (Account.NetworkFees, 464)),
        Now);

    public static readonly MovementEvent.ArrivedAfterLoss OpenArrived = new(
        Id,
        1,
        First.Hash,
        Asked,
        Entry(
            (Account.HubOnChain, 1_000_00000464),
            (Account.HubChannels, -901_00000000),
            (Account.HubKeptBack, -99_00000000),
            (Account.NetworkFees, -464)),
        Now);

    /// <summary>What the node keeps back of a channel that it had let go nobody knows.</summary>
    public static readonly MovementEvent.ArrivedAfterLoss FirstOpenArrived = OpenArrived with
    {
        Entry = Entry((Account.HubOnChain, 1_000_00000464), (Account.HubChannels, -1_000_00000000), (Account.NetworkFees, -464)),
    };

    /// <summary>The channel may be closed anew: its name is free.</summary>
    public static readonly MovementEvent.Lost ClosedLost = new(
        Id,
        1,
        ChannelId,
        Returned,
        "gone",
        Entry(
            (Account.HubChannels, -407_00000000),
            (Account.HubKeptBack, -99_00000000),
            (Account.HubOnChain, 506_00000000 - 300),
            (Account.NetworkFees, 300)),
        Now);

    public static readonly MovementEvent.ArrivedAfterLoss ClosedArrived = new(
        Id,
        1,
        CloseHash,
        Returned,
        Entry(
            (Account.HubChannels, 407_00000000),
            (Account.HubKeptBack, 99_00000000),
            (Account.HubOnChain, -(506_00000000 - 300)),
            (Account.NetworkFees, -300)),
        Now);

    /// <summary>The first sweep died, the second was complete and was taken back.</summary>
    public static readonly MovementEvent[] SecondSweepTakenBack =
    [
        SweepRequested, Approved, MovementExamples.Prepared(1, First, Now), Dead(1, First, RetryAt),
        new MovementEvent.Prepared(
            Id, 2, Dear, Entry((Account.HubOnChain, 1_000_00000900), (Account.InFlight, -1_000_00000900)), RetryAt),
        InBlockA with { Attempt = 2 },
        Completed with
        {
            Attempt = 2,
            Evidence = Dear.Hash,
            Fee = Dear.Fee,
            Entry = Entry((Account.InFlight, 1_000_00000900), (Account.HubCold, -1_000_00000000), (Account.NetworkFees, -900)),
        },
        TakenBackA with { Attempt = 2 },
    ];

    /// <summary>The first funding died, the second was complete and was taken back.</summary>
    public static readonly MovementEvent[] SecondOpenTakenBack =
    [
        OpeningRequested, Approved, FundingPrepared(1, First, Now), Dead(1, First, RetryAt), FundingPrepared(2, Second, RetryAt),
        InBlockA with { Attempt = 2 }, Open with { Attempt = 2, Evidence = Second.Hash }, TakenBackA with { Attempt = 2 },
    ];

    private static JournalEntry Entry(params (Account Account, Int128 Units)[] postings) =>
        new([.. postings.Select(p => new Posting(p.Account, null, Asset.Ckb, p.Units))]);
}
