using FiberLink.Domain.Treasury;
using FiberLink.Events.Treasury;
using static FiberLink.Domain.Tests.Treasury.ChannelExamples;
using static FiberLink.Domain.Tests.Treasury.LossExamples;
using static FiberLink.Domain.Tests.Treasury.MovementExamples;
using static FiberLink.Domain.Tests.Treasury.MovementTable;

namespace FiberLink.Domain.Tests.Treasury;

/// <summary>The specification of channels that are opened and closed, command by command. The rest gives nothing new.</summary>
internal static class ChannelTable
{
    private static readonly MovementEvent[] Funding = [OpeningRequested, Approved, FundingPrepared(1, First, Now)];
    private static readonly MovementEvent[] Close = [ClosingRequested, Approved, ClosePrepared];

    public static IReadOnlyDictionary<string, MovementEvent[]> States { get; } = new OrderedDictionary<string, MovementEvent[]>
    {
        ["Opening requested"] = [OpeningRequested],
        ["Opening approved"] = [OpeningRequested, Approved],
        ["Funding prepared"] = Funding,
        ["Funding sent"] = [.. Funding, Sent],
        ["Return prepared"] = [.. Funding, ReturnPrepared],
        ["Funding in a block"] = [.. Funding, Sent, InBlockA],
        ["Opening approved again"] = [.. Funding, ReturnPrepared, CameBack],
        ["Open"] = [.. Funding, InBlockA, Open],
        ["Open, taken back"] = [.. Funding, InBlockA, Open, TakenBackA],
        ["Open, lost"] = [.. Funding, InBlockA, Open, TakenBackA, OpenLost],
        ["Open, the second lost"] = [.. SecondOpenTakenBack, OpenLost with { Attempt = 2, Evidence = Second.Hash }],
        ["Open for good"] = [.. Funding, InBlockA, Open, MadeFinal],
        ["Closing requested"] = [ClosingRequested],
        ["Closing approved"] = [ClosingRequested, Approved],
        ["Close prepared"] = Close,
        ["Close sent"] = [.. Close, Sent],
        ["Close seen"] = [.. Close, Sent, CloseSeen],
        ["Close in a block"] = [.. Close, CloseSeen, InBlockA],
        ["Closed"] = [.. Close, CloseSeen, InBlockA, Closed],
        ["Closed, taken back"] = [.. Close, CloseSeen, InBlockA, Closed, TakenBackA],
        ["Closed, lost"] = [.. Close, CloseSeen, InBlockA, Closed, TakenBackA, ClosedLost],
        ["Closed otherwise"] = [.. Close, Stayed, ClosedOtherwise],
    };

    private static readonly string[] All = [.. States.Keys];
    private static readonly string[] Openings = [.. All.TakeWhile(s => s != "Closing requested")];
    private static readonly string[] Closings = [.. All.Except(Openings)];
    private static readonly string[] Unagreed = ["Opening requested", "Closing requested"];
    private static readonly string[] Waiting = ["Opening approved", "Opening approved again", "Closing approved"];
    private static readonly string[] FundingUnderWay = ["Funding prepared", "Funding sent", "Return prepared", "Funding in a block"];
    private static readonly string[] CloseUnderWay = ["Close prepared", "Close sent", "Close seen", "Close in a block"];
    private static readonly string[] UnderWay = [.. FundingUnderWay, .. CloseUnderWay];
    private static readonly string[] Opened = ["Open", "Open, taken back", "Open, lost", "Open for good"];
    private static readonly string[] ClosedOnes = ["Closed", "Closed, taken back", "Closed, lost", "Closed otherwise"];
    private static readonly string[] Over = [.. Opened, "Open, the second lost", .. ClosedOnes];
    private static readonly string[] NeverTried = [.. Unagreed, "Opening approved", "Closing approved"];
    private static readonly string[] Unsettled = ["Funding prepared", "Funding sent", "Return prepared"];

    public static IReadOnlyList<Row> Rows { get; } =
    [
        Of("Request an opening", RequestOpening).In(Closings).IsRefused(MovementRefusal.ExistsWithOtherTerms),
        Of("Request an opening to another peer", RequestOpening with { Peer = "02bb" })
            .In(All).IsRefused(MovementRefusal.ExistsWithOtherTerms),
        Of("Request a closing", RequestClosing).In(Openings).IsRefused(MovementRefusal.ExistsWithOtherTerms),
        Of("Request a sweep", new MovementCommand.RequestSweep(Id, Asked, Cold, true, "ann", "too much", Now))
            .In(All).IsRefused(MovementRefusal.ExistsWithOtherTerms),
        Of("Approve", new MovementCommand.Approve("bob", "fine", Now))
            .In(Unagreed).Gives(Approved)
            .In("Closed otherwise").IsRefused(MovementRefusal.IsOver),
        Of("Approve what one asked for oneself", new MovementCommand.Approve("Ann", "fine", Now))
            .In(Unagreed).IsRefused(MovementRefusal.ApproverIsRequester)
            .In("Closed otherwise").IsRefused(MovementRefusal.IsOver),
        Of("Cancel", new MovementCommand.Cancel("bob", "fine", Now))
            .In([.. Unagreed, .. Waiting]).Gives(Cancelled)
            .In(UnderWay).IsRefused(MovementRefusal.IsOnItsWay)
            .In(Over).IsRefused(MovementRefusal.IsOver),
        Prepare("Prepare a sweep", new MovementCommand.Prepare(1, Numbered(7), Now))
            .In([.. Waiting, .. UnderWay]).IsRefused(MovementRefusal.AttemptDoesNotFit),
        Prepare("Prepare a sweep of a token", TokenExamples.PrepareToken(1, Numbered(7), Now))
            .In([.. Waiting, .. UnderWay]).IsRefused(MovementRefusal.AttemptDoesNotFit),
        Prepare("Prepare a funding", PrepareFunding(1, First, Now))
            .In("Opening approved").Gives(FundingPrepared(1, First, Now))
            .In(["Opening approved again", "Closing approved", .. CloseUnderWay]).IsRefused(MovementRefusal.AttemptDoesNotFit),
        Prepare("Prepare a second funding", PrepareFunding(2, Second, RetryAt))
            .In("Opening approved again").Gives(FundingPrepared(2, Second, RetryAt))
            .In(["Opening approved", "Closing approved", .. UnderWay]).IsRefused(MovementRefusal.AttemptDoesNotFit),
        Prepare("Prepare a second funding too early", PrepareFunding(2, Second, Now))
            .In([.. Waiting, .. UnderWay]).IsRefused(MovementRefusal.AttemptDoesNotFit),
        Prepare("Prepare a funding of less than was asked for", PrepareFunding(1, Numbered(7), Now) with { Capacity = Ckb(999) })
            .In([.. Waiting, .. UnderWay]).IsRefused(MovementRefusal.AttemptDoesNotFit),
        Prepare("Prepare a funding with coins of a token", PrepareFunding(1, Numbered(7), Now) with { Capacity = Token })
            .In([.. Waiting, .. UnderWay]).IsRefused(MovementRefusal.AttemptDoesNotFit),
        Prepare("Prepare a funding over no cell", PrepareFunding(1, Numbered(7) with { Inputs = [] }, Now))
            .In([.. Waiting, .. UnderWay]).IsRefused(MovementRefusal.AttemptDoesNotFit),
        Prepare("Prepare a funding that costs more than can be posted", PrepareFunding(1, Numbered(7) with { Fee = Endless }, Now))
            .In([.. Waiting, .. UnderWay]).IsRefused(MovementRefusal.AttemptDoesNotFit),
        Prepare("Prepare the dead funding anew", PrepareFunding(2, First, RetryAt))
            .In([.. Waiting, .. CloseUnderWay]).IsRefused(MovementRefusal.AttemptDoesNotFit),
        Prepare("Prepare a close of more than can be posted", PrepareClose with { Balance = Endless })
            .In([.. Waiting, .. FundingUnderWay]).IsRefused(MovementRefusal.AttemptDoesNotFit),
        Prepare("Prepare a close", PrepareClose)
            .In("Closing approved").Gives(ClosePrepared)
            .In(["Opening approved", "Opening approved again", .. FundingUnderWay]).IsRefused(MovementRefusal.AttemptDoesNotFit),
        See("Report it sent", new MovementCommand.ReportSent(1, Now))
            .In("Funding prepared", "Return prepared", "Close prepared").Gives(Sent),
        See("Report it in a block", new MovementCommand.ReportInBlock(1, 7, BlockA, Now))
            .In([.. Unsettled, "Close seen", "Open, taken back", "Closed, taken back"]).Gives(InBlockA)
            .In("Close prepared", "Close sent", "Closed otherwise").IsRefused(MovementRefusal.AttemptDoesNotFit),
        See("Report it taken back", new MovementCommand.ReportTakenBack(1, BlockA, Now))
            .In("Funding in a block", "Open", "Close in a block", "Closed").Gives(TakenBackA),
        See("Report it deep", new MovementCommand.ReportDeep(1, Now))
            .In("Close in a block").Gives(Closed)
            .In([.. FundingUnderWay, "Opening approved again", .. Opened]).IsRefused(MovementRefusal.AttemptDoesNotFit),
        OfFunding("Report it funded", ReportFunded).In("Funding in a block").Gives(Open),
        OfFunding("Report more kept back than there is", ReportFunded with { Reserved = Ckb(1_099) })
            .In([.. FundingUnderWay, "Opening approved again", .. Opened]).IsRefused(MovementRefusal.AttemptDoesNotFit),
        OfFunding("Report more kept back than we have put in", ReportFunded with { Reserved = Ckb(1_000) })
            .In("Funding in a block").IsRefused(MovementRefusal.AttemptDoesNotFit),
        OfFunding("Report a token kept back", ReportFunded with { Reserved = Token with { Units = 99 } })
            .In([.. FundingUnderWay, "Opening approved again", .. Opened]).IsRefused(MovementRefusal.AttemptDoesNotFit),
        OfFunding("Prepare the return", PrepareReturn)
            .In("Funding prepared", "Funding sent").Gives(ReturnPrepared),
        OfFunding("Prepare another return", PrepareReturn with { Transaction = BackHome with { Hash = "0x0c" } })
            .In("Funding prepared", "Funding sent").Gives(ReturnPrepared with { Transaction = BackHome with { Hash = "0x0c" } })
            .In("Return prepared").IsRefused(MovementRefusal.AttemptDoesNotFit),
        OfFunding(
                "Prepare the return of other cells",
                PrepareReturn with { Transaction = BackHome with { Inputs = ["0xc9:0"], Hash = "0x0c" } })
            .In(Unsettled).IsRefused(MovementRefusal.AttemptDoesNotFit),
        OfFunding("Prepare the return by the funding itself", PrepareReturn with { Transaction = BackHome with { Hash = First.Hash } })
            .In(Unsettled).IsRefused(MovementRefusal.AttemptDoesNotFit),
        OfFunding(
                "Prepare a return that costs a token",
                PrepareReturn with { Transaction = BackHome with { Fee = Token with { Units = 5 }, Hash = "0x0c" } })
            .In(Unsettled).IsRefused(MovementRefusal.AttemptDoesNotFit),
        OfFunding(
                "Prepare a return that costs all that is asked for",
                PrepareReturn with { Transaction = BackHome with { Fee = Asked, Hash = "0x0c" } })
            .In(Unsettled).IsRefused(MovementRefusal.AttemptDoesNotFit),
        OfFunding("Report it returned", ReportReturned)
            .In("Return prepared").Gives(CameBack)
            .In("Funding prepared", "Funding sent").IsRefused(MovementRefusal.AttemptDoesNotFit),
        See("Report it dead", new MovementCommand.ReportDead(1, "spent", RetryAt, Now))
            .In(Unsettled).Gives(Dead(1, First, RetryAt))
            .In("Close seen").Gives(Stayed with { Detail = "spent" }, ClosedOtherwise with { Detail = "spent" })
            .In("Close prepared", "Close sent", "Closed otherwise").IsRefused(MovementRefusal.AttemptDoesNotFit),
        OfClose("Report it closed", ReportClosed).In("Close prepared", "Close sent").Gives(CloseSeen),
        OfClose("Report it closed by another transaction", ReportClosed with { Evidence = "0xcd" })
            .In("Close prepared", "Close sent").Gives(CloseSeen with { Evidence = "0xcd" })
            .In("Close seen").IsRefused(MovementRefusal.AttemptDoesNotFit),
        OfClose("Report it closed with nothing", ReportClosed with { Returned = Ckb(0) })
            .In([.. CloseUnderWay, .. ClosedOnes]).IsRefused(MovementRefusal.AttemptDoesNotFit),
        OfClose("Report it closed with more than can be posted", ReportClosed with { Returned = Endless })
            .In([.. CloseUnderWay, .. ClosedOnes]).IsRefused(MovementRefusal.AttemptDoesNotFit),
        OfClose("Report it closed otherwise", ReportClosedOtherwise)
            .In("Close prepared", "Close sent").Gives(Stayed, ClosedOtherwise)
            .In("Close seen").IsRefused(MovementRefusal.AttemptDoesNotFit),
        See("Report it final", new MovementCommand.ReportFinal(1, Now)).In("Open").Gives(MadeFinal).In("Closed").Gives(ClosedForGood),
        See("Report it lost", new MovementCommand.ReportLost(1, "gone", Now))
            .In("Open, taken back").Gives(OpenLost)
            .In("Closed, taken back").Gives(ClosedLost),
        See("Report it arrived", new MovementCommand.ReportArrived(1, Now))
            .In("Open, lost").Gives(OpenArrived)
            .In("Open, the second lost").Gives(FirstOpenArrived)
            .In("Closed, lost").Gives(ClosedArrived),
        Of("Give up as nobody agreed", new MovementCommand.GiveUp(MovementFailure.NotApproved, "late", Now))
            .In(Unagreed).Gives(NotApproved)
            .In(UnderWay).IsRefused(MovementRefusal.IsOnItsWay),
        Of("Give up as it is not covered", new MovementCommand.GiveUp(MovementFailure.NotCovered, "late", Now))
            .In(Waiting).Gives(NotCovered)
            .In(UnderWay).IsRefused(MovementRefusal.IsOnItsWay),
    ];

    private static Row Of(string name, MovementCommand command) => new(name, command, []);

    private static Row Prepare(string name, MovementCommand command) =>
        Of(name, command).In(Unagreed).IsRefused(MovementRefusal.IsNotApproved).In(Over).IsRefused(MovementRefusal.IsOver);

    private static Row See(string name, MovementCommand.Sighting command) =>
        Of(name, command).In(NeverTried).IsRefused(MovementRefusal.AttemptDoesNotFit);

    private static Row OfFunding(string name, MovementCommand.Sighting command) =>
        See(name, command).In([.. CloseUnderWay, .. ClosedOnes]).IsRefused(MovementRefusal.AttemptDoesNotFit);

    private static Row OfClose(string name, MovementCommand.Sighting command) => See(name, command)
        .In([.. FundingUnderWay, "Opening approved again", .. Opened]).IsRefused(MovementRefusal.AttemptDoesNotFit);
}
