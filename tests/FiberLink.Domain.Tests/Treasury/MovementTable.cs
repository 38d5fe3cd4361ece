using FiberLink.Domain.Money;
using FiberLink.Domain.Treasury;
using FiberLink.Events.Money;
using FiberLink.Events.Treasury;
using static FiberLink.Domain.Tests.Treasury.LossExamples;
using static FiberLink.Domain.Tests.Treasury.MovementExamples;

namespace FiberLink.Domain.Tests.Treasury;

/// <summary>The specification of a movement, command by command: what follows in each state. The rest gives nothing new.</summary>
internal static class MovementTable
{
    public static IReadOnlyDictionary<string, MovementEvent[]> States { get; } = new OrderedDictionary<string, MovementEvent[]>
    {
        ["Unknown"] = [],
        ["Requested"] = [SweepRequested],
        ["Booking requested"] = [BookingRequested],
        ["Approved"] = [SweepRequested, Approved],
        ["Prepared"] = [SweepRequested, Approved, Prepared(1, First, Now)],
        ["Sent"] = [SweepRequested, Approved, Prepared(1, First, Now), Sent],
        ["In a block"] = [SweepRequested, Approved, Prepared(1, First, Now), Sent, InBlockA],
        ["Approved again"] = [SweepRequested, Approved, Prepared(1, First, Now), Dead(1, First, RetryAt)],
        ["Prepared again"] =
            [SweepRequested, Approved, Prepared(1, First, Now), Dead(1, First, RetryAt), Prepared(2, Second, RetryAt)],
        ["Prepared for the last time"] =
        [
            SweepRequested, Approved, Prepared(1, First, Now), Dead(1, First, RetryAt), Prepared(2, Second, RetryAt),
            Dead(2, Second, RetryAt), Prepared(3, Numbered(3), RetryAt), Dead(3, Numbered(3), RetryAt), Prepared(4, Numbered(4), RetryAt),
        ],
        ["Completed"] = [SweepRequested, Approved, Prepared(1, First, Now), InBlockA, Completed],
        ["Completed, taken back"] = [SweepRequested, Approved, Prepared(1, First, Now), InBlockA, Completed, TakenBackA],
        ["Final"] = [SweepRequested, Approved, Prepared(1, First, Now), InBlockA, Completed, MadeFinal],
        ["Lost"] = [SweepRequested, Approved, Prepared(1, First, Now), InBlockA, Completed, TakenBackA, SweepLost],
        ["Lost, the second"] = [.. SecondSweepTakenBack, SecondSweepLost],
        ["Arrived after its loss"] =
            [SweepRequested, Approved, Prepared(1, First, Now), InBlockA, Completed, TakenBackA, SweepLost, SweepArrived],
        ["Booked"] = [BookingRequested, Approved, Booked],
        ["Failed"] = [SweepRequested, NotApproved],
        ["Cancelled"] = [SweepRequested, Approved, Cancelled],
    };

    private static readonly string[] Bookings = ["Booking requested", "Booked"];
    private static readonly string[] Known = [.. States.Keys.Except(["Unknown"])];
    private static readonly string[] Sweeps = [.. Known.Except(Bookings)];

    private static readonly string[] UnderWay = ["Prepared", "Sent", "In a block", "Prepared again", "Prepared for the last time"];

    private static readonly string[] Waiting = ["Approved", "Approved again"];
    private static readonly string[] Unagreed = ["Requested", "Booking requested"];
    private static readonly string[] Lost = ["Lost", "Lost, the second", "Arrived after its loss"];
    private static readonly string[] Over = ["Completed", "Completed, taken back", "Final", .. Lost, "Booked", "Failed", "Cancelled"];

    // Of the first attempt nothing is asked any more where there was another.
    private static readonly string[] TriedAgain = ["Prepared again", "Prepared for the last time", "Lost, the second"];

    private static readonly string[] NeverTried =
        ["Requested", "Booking requested", "Approved", "Booked", "Failed", "Cancelled"];

    public static IReadOnlyList<Row> Rows { get; } =
    [
        Ask("Request a sweep", new MovementCommand.RequestSweep(Id, Asked, Cold, true, "ann", "too much", Now), unknown: null)
            .In("Unknown").Gives(SweepRequested)
            .In(Bookings).IsRefused(MovementRefusal.ExistsWithOtherTerms),
        Ask("Request another sweep", new MovementCommand.RequestSweep(Id, Fee, Cold, true, "ann", "too much", Now), unknown: null)
            .In("Unknown").Gives(SweepRequested with { Amount = Fee })
            .In(Known).IsRefused(MovementRefusal.ExistsWithOtherTerms),
        Ask("Request a sweep to anywhere", new MovementCommand.RequestSweep(Id, Asked, "ckt1q", false, "ann", "mine", Now), unknown: null)
            .In("Unknown").IsRefused(MovementRefusal.DestinationNotAllowed)
            .In(Known).IsRefused(MovementRefusal.ExistsWithOtherTerms),
        Ask(
                "Request a sweep of nothing",
                new MovementCommand.RequestSweep(Id, Asked with { Units = 0 }, Cold, true, "ann", "", Now),
                unknown: null)
            .In("Unknown").IsRefused(MovementRefusal.AmountDoesNotFit)
            .In(Known).IsRefused(MovementRefusal.ExistsWithOtherTerms),
        Ask(
                "Request a sweep of more coins than there can be",
                new MovementCommand.RequestSweep(
                    Id, Asked with { Units = AssetDefinition.Ckb.UnitsMax + 1 }, Cold, true, "ann", "", Now),
                unknown: null)
            .In("Unknown").IsRefused(MovementRefusal.AmountDoesNotFit)
            .In(Known).IsRefused(MovementRefusal.ExistsWithOtherTerms),
        Ask("Request a sweep of a token", TokenExamples.RequestSweep, unknown: null)
            .In("Unknown").Gives(TokenExamples.SweepRequested)
            .In(Known).IsRefused(MovementRefusal.ExistsWithOtherTerms),
        Ask(
                "Request a sweep of more of a token than can be posted",
                TokenExamples.RequestSweep with { Amount = TokenExamples.Tokens with { Units = Amount.UnitsMax + 1 } },
                unknown: null)
            .In("Unknown").IsRefused(MovementRefusal.AmountDoesNotFit)
            .In(Known).IsRefused(MovementRefusal.ExistsWithOtherTerms),
        Ask(
                "Request a booking",
                new MovementCommand.RequestBooking(Id, HubPlace.OnChain, BookingWay.PutIn, Asked, "ann", "opening", Now),
                unknown: null)
            .In("Unknown").Gives(BookingRequested)
            .In(Sweeps).IsRefused(MovementRefusal.ExistsWithOtherTerms),
        Ask("Approve", new MovementCommand.Approve("bob", "fine", Now))
            .In("Requested").Gives(Approved)
            .In("Booking requested").Gives(Approved, Booked)
            .In("Failed", "Cancelled").IsRefused(MovementRefusal.IsOver),
        Ask("Approve what one asked for oneself", new MovementCommand.Approve(" ANN ", "fine", Now))
            .In(Unagreed).IsRefused(MovementRefusal.ApproverIsRequester)
            .In("Failed", "Cancelled").IsRefused(MovementRefusal.IsOver),
        Ask("Cancel", new MovementCommand.Cancel("bob", "fine", Now))
            .In([.. Unagreed, .. Waiting]).Gives(Cancelled)
            .In(UnderWay).IsRefused(MovementRefusal.IsOnItsWay)
            .In([.. Over.Except(["Cancelled"])]).IsRefused(MovementRefusal.IsOver),
        Ask("Prepare", new MovementCommand.Prepare(1, First, Now))
            .In(Unagreed).IsRefused(MovementRefusal.IsNotApproved)
            .In("Approved").Gives(Prepared(1, First, Now))
            .In("Approved again", "Prepared again", "Prepared for the last time").IsRefused(MovementRefusal.AttemptDoesNotFit)
            .In(Over).IsRefused(MovementRefusal.IsOver),
        Ask("Prepare the second attempt", new MovementCommand.Prepare(2, Second, RetryAt))
            .In(Unagreed).IsRefused(MovementRefusal.IsNotApproved)
            .In("Approved again").Gives(Prepared(2, Second, RetryAt))
            .In("Approved", "Prepared", "Sent", "In a block", "Prepared for the last time").IsRefused(MovementRefusal.AttemptDoesNotFit)
            .In(Over).IsRefused(MovementRefusal.IsOver),
        Ask("Prepare the second attempt too early", new MovementCommand.Prepare(2, Numbered(7), Now))
            .In(Unagreed).IsRefused(MovementRefusal.IsNotApproved)
            .In([.. Waiting, .. UnderWay]).IsRefused(MovementRefusal.AttemptDoesNotFit)
            .In(Over).IsRefused(MovementRefusal.IsOver),
        Ask("Prepare the dead transaction anew", new MovementCommand.Prepare(2, First, RetryAt))
            .In(Unagreed).IsRefused(MovementRefusal.IsNotApproved)
            .In([.. Waiting, "Prepared again", "Prepared for the last time"]).IsRefused(MovementRefusal.AttemptDoesNotFit)
            .In(Over).IsRefused(MovementRefusal.IsOver),
        Ask("Prepare over no cell", new MovementCommand.Prepare(1, Numbered(7) with { Inputs = [] }, Now))
            .In(Unagreed).IsRefused(MovementRefusal.IsNotApproved)
            .In([.. Waiting, .. UnderWay]).IsRefused(MovementRefusal.AttemptDoesNotFit)
            .In(Over).IsRefused(MovementRefusal.IsOver),
        Ask("Request an opening", ChannelExamples.RequestOpening, unknown: null)
            .In("Unknown").Gives(ChannelExamples.OpeningRequested)
            .In(Known).IsRefused(MovementRefusal.ExistsWithOtherTerms),
        Ask("Request an opening to anybody", ChannelExamples.RequestOpening with { IsAllowed = false }, unknown: null)
            .In("Unknown").IsRefused(MovementRefusal.DestinationNotAllowed)
            .In(Known).IsRefused(MovementRefusal.ExistsWithOtherTerms),
        Ask("Request an opening with nothing", ChannelExamples.RequestOpening with { Amount = Asked with { Units = 0 } }, unknown: null)
            .In("Unknown").IsRefused(MovementRefusal.AmountDoesNotFit)
            .In(Known).IsRefused(MovementRefusal.ExistsWithOtherTerms),
        Ask("Request an opening with a token", ChannelExamples.RequestOpening with { Amount = ChannelExamples.Token }, unknown: null)
            .In("Unknown").IsRefused(MovementRefusal.AmountDoesNotFit)
            .In(Known).IsRefused(MovementRefusal.ExistsWithOtherTerms),
        Ask("Request an opening with all there is", ChannelExamples.RequestOpening with { Amount = ChannelExamples.Endless }, unknown: null)
            .In("Unknown").IsRefused(MovementRefusal.AmountDoesNotFit)
            .In(Known).IsRefused(MovementRefusal.ExistsWithOtherTerms),
        Ask("Request a closing", ChannelExamples.RequestClosing, unknown: null)
            .In("Unknown").Gives(ChannelExamples.ClosingRequested)
            .In(Known).IsRefused(MovementRefusal.ExistsWithOtherTerms),
        Ask("Prepare a token", TokenExamples.PrepareToken(1, Numbered(7), Now))
            .In(Unagreed).IsRefused(MovementRefusal.IsNotApproved)
            .In([.. Waiting, .. UnderWay]).IsRefused(MovementRefusal.AttemptDoesNotFit)
            .In(Over).IsRefused(MovementRefusal.IsOver),
        Ask("Prepare a funding", ChannelExamples.PrepareFunding(1, Numbered(7), Now))
            .In(Unagreed).IsRefused(MovementRefusal.IsNotApproved)
            .In([.. Waiting, .. UnderWay]).IsRefused(MovementRefusal.AttemptDoesNotFit)
            .In(Over).IsRefused(MovementRefusal.IsOver),
        Ask("Prepare a close", ChannelExamples.PrepareClose)
            .In(Unagreed).IsRefused(MovementRefusal.IsNotApproved)
            .In([.. Waiting, .. UnderWay]).IsRefused(MovementRefusal.AttemptDoesNotFit)
            .In(Over).IsRefused(MovementRefusal.IsOver),
        SeeOfAChannel("Report it funded", ChannelExamples.ReportFunded),
        SeeOfAChannel("Prepare a return", ChannelExamples.PrepareReturn),
        SeeOfAChannel("Report it returned", ChannelExamples.ReportReturned),
        SeeOfAChannel("Report it closed", ChannelExamples.ReportClosed),
        SeeOfAChannel("Report it closed otherwise", ChannelExamples.ReportClosedOtherwise),
        See("Report it sent", new MovementCommand.ReportSent(1, Now)).In("Prepared").Gives(Sent),
        See("Report it in a block", new MovementCommand.ReportInBlock(1, 7, BlockA, Now))
            .In("Prepared", "Sent", "Completed, taken back").Gives(InBlockA),
        See("Report it in another block", new MovementCommand.ReportInBlock(1, 8, BlockB, Now))
            .In("Prepared", "Sent", "In a block", "Completed", "Completed, taken back").Gives(InBlockB),
        See("Report it taken back", new MovementCommand.ReportTakenBack(1, BlockA, Now))
            .In("In a block", "Completed").Gives(TakenBackA),
        See("Report it deep", new MovementCommand.ReportDeep(1, Now)).In("In a block").Gives(Completed),
        See("Report it final", new MovementCommand.ReportFinal(1, Now)).In("Completed").Gives(MadeFinal),
        See("Report it dead", new MovementCommand.ReportDead(1, "spent", RetryAt, Now))
            .In("Prepared", "Sent").Gives(Dead(1, First, RetryAt)),
        See("Report it lost", new MovementCommand.ReportLost(1, "gone", Now)).In("Completed, taken back").Gives(SweepLost),
        See("Report it arrived", new MovementCommand.ReportArrived(1, Now)).In("Lost", "Lost, the second").Gives(SweepArrived),
        Ask("Report the second arrived", new MovementCommand.ReportArrived(2, Now))
            .In("Lost, the second").Gives(SecondSweepArrived)
            .In([.. Known.Except(TriedAgain)]).IsRefused(MovementRefusal.AttemptDoesNotFit),
        Ask("Report the fourth dead", new MovementCommand.ReportDead(4, "spent", RetryAt, Now))
            .In("Prepared for the last time").Gives(Dead(4, Numbered(4), null), Exhausted)
            .In([.. Known.Except(["Prepared for the last time"])]).IsRefused(MovementRefusal.AttemptDoesNotFit),
        Ask("Report an attempt before the first", new MovementCommand.ReportSent(0, Now))
            .In(Known).IsRefused(MovementRefusal.AttemptDoesNotFit),
        Ask("Give up as nobody agreed", new MovementCommand.GiveUp(MovementFailure.NotApproved, "late", Now))
            .In(Unagreed).Gives(NotApproved)
            .In(UnderWay).IsRefused(MovementRefusal.IsOnItsWay),
        Ask("Give up as it is not covered", new MovementCommand.GiveUp(MovementFailure.NotCovered, "late", Now))
            .In(Waiting).Gives(NotCovered)
            .In(UnderWay).IsRefused(MovementRefusal.IsOnItsWay),
    ];

    private static Row SeeOfAChannel(string name, MovementCommand.Sighting command) =>
        Ask(name, command)
            .In([.. Known.Except(TriedAgain)]).IsRefused(MovementRefusal.AttemptDoesNotFit);

    internal static Row Ask(
        string name, MovementCommand command, MovementRefusal? unknown = MovementRefusal.MovementIsUnknown) =>
        new Row(name, command, []) is var row && unknown is { } refusal ? row.In("Unknown").IsRefused(refusal) : row;

    private static Row See(string name, MovementCommand.Sighting command) =>
        Ask(name, command).In(NeverTried).IsRefused(MovementRefusal.AttemptDoesNotFit);

    internal sealed record Answer(IReadOnlyList<MovementEvent> Events, MovementRefusal? Refusal);

    internal sealed record Row(string Name, MovementCommand Command, IReadOnlyList<(string State, Answer Answer)> Answers)
    {
        public Place In(params string[] states) => new(this, states);

        public Answer AnswerIn(string state) =>
            Answers.Where(a => a.State == state).Select(a => a.Answer).SingleOrDefault() ?? new Answer([], null);

        internal sealed class Place(Row row, string[] states)
        {
            public Row Gives(params MovementEvent[] events) => With(new(events, null));

            public Row IsRefused(MovementRefusal reason) => With(new([], reason));

            private Row With(Answer answer) => row with { Answers = [.. row.Answers, .. states.Select(s => (s, answer))] };
        }
    }
}
