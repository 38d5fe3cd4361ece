using FiberLink.Domain.Treasury;
using FiberLink.Events.Treasury;
using static FiberLink.Domain.Tests.Treasury.MovementExamples;
using static FiberLink.Domain.Tests.Treasury.MovementTable;
using static FiberLink.Domain.Tests.Treasury.TokenExamples;

namespace FiberLink.Domain.Tests.Treasury;

/// <summary>The specification of a token's sweep, as far as it is another than that of coins. The rest gives nothing new.</summary>
internal static class TokenTable
{
    private static readonly MovementEvent[] Made =
        [TokenExamples.SweepRequested, Approved, TokenExamples.Prepared(1, First, Now)];

    public static IReadOnlyDictionary<string, MovementEvent[]> States { get; } = new OrderedDictionary<string, MovementEvent[]>
    {
        ["Token requested"] = [TokenExamples.SweepRequested],
        ["Token approved"] = [TokenExamples.SweepRequested, Approved],
        ["Token prepared"] = Made,
        ["Token in a block"] = [.. Made, Sent, InBlockA],
        ["Token approved again"] = [.. Made, TokenExamples.Dead(1, First, RetryAt)],
        ["Token swept"] = [.. Made, InBlockA, TokenExamples.Completed],
        ["Token swept, taken back"] = [.. Made, InBlockA, TokenExamples.Completed, TakenBackA],
        ["Token lost"] = [.. Made, InBlockA, TokenExamples.Completed, TakenBackA, TokenExamples.Lost],
    };

    private static readonly string[] All = [.. States.Keys];
    private static readonly string[] Waiting = ["Token approved", "Token approved again"];
    private static readonly string[] UnderWay = ["Token prepared", "Token in a block"];
    private static readonly string[] NeverTried = ["Token requested", "Token approved"];
    private static readonly string[] Over = ["Token swept", "Token swept, taken back", "Token lost"];

    public static IReadOnlyList<Row> Rows { get; } =
    [
        Of("Request the token's sweep", RequestSweep),
        Of("Request as many units of coins", RequestSweep with { Amount = Tokens with { Asset = Fee.Asset } })
            .In(All).IsRefused(MovementRefusal.ExistsWithOtherTerms),
        Prepare("Prepare the token", PrepareToken(1, First, Now))
            .In("Token approved").Gives(TokenExamples.Prepared(1, First, Now))
            .In("Token approved again").IsRefused(MovementRefusal.AttemptDoesNotFit),
        Prepare("Prepare the token a second time", PrepareToken(2, Second, RetryAt))
            .In("Token approved again").Gives(TokenExamples.Prepared(2, Second, RetryAt))
            .In(["Token approved", .. UnderWay]).IsRefused(MovementRefusal.AttemptDoesNotFit),
        Unfit("Prepare coins instead of the token", new MovementCommand.Prepare(1, Numbered(7), Now)),
        Unfit("Prepare it without room", PrepareToken(1, Numbered(7), Now) with { Capacity = Room with { Units = 0 } }),
        Unfit("Prepare it with room of a token", PrepareToken(1, Numbered(7), Now) with { Capacity = Tokens }),
        Unfit("Prepare it with more room than can be posted", PrepareToken(1, Numbered(7), Now) with { Capacity = Endless }),
        Unfit("Prepare it at a cost of a token", PrepareToken(1, Numbered(7) with { Fee = Tokens }, Now)),
        Unfit(
            "Prepare it with room of a token, at a cost of it",
            PrepareToken(1, Numbered(7) with { Fee = Tokens }, Now) with { Capacity = Tokens }),
        Unfit("Prepare it over no cell", PrepareToken(1, Numbered(7) with { Inputs = [] }, Now)),
        See("Report the token deep", new MovementCommand.ReportDeep(1, Now)).In("Token in a block").Gives(TokenExamples.Completed),
        See("Report the token dead", new MovementCommand.ReportDead(1, "spent", RetryAt, Now))
            .In("Token prepared").Gives(TokenExamples.Dead(1, First, RetryAt)),
        See("Report the token lost", new MovementCommand.ReportLost(1, "gone", Now))
            .In("Token swept, taken back").Gives(TokenExamples.Lost),
        See("Report the token arrived", new MovementCommand.ReportArrived(1, Now)).In("Token lost").Gives(Arrived),
    ];

    private static Row Of(string name, MovementCommand command) => new(name, command, []);

    private static Row Prepare(string name, MovementCommand command) => Of(name, command)
        .In("Token requested").IsRefused(MovementRefusal.IsNotApproved)
        .In(Over).IsRefused(MovementRefusal.IsOver);

    private static Row Unfit(string name, MovementCommand command) =>
        Prepare(name, command).In([.. Waiting, .. UnderWay]).IsRefused(MovementRefusal.AttemptDoesNotFit);

    private static Row See(string name, MovementCommand.Sighting command) =>
        Of(name, command).In(NeverTried).IsRefused(MovementRefusal.AttemptDoesNotFit);
}
