using FiberLink.Domain.Treasury;
using FiberLink.Events.Money;
using FiberLink.Events.Treasury;
using FsCheck;
using FsCheck.Fluent;
using static FiberLink.Domain.Tests.Treasury.Any_sequence_of_commands_and_sightings;
using static FiberLink.Domain.Tests.Treasury.ChannelExamples;
using static FiberLink.Domain.Tests.Treasury.MovementExamples;

namespace FiberLink.Domain.Tests.Treasury;

/// <summary>What holds for a channel that is opened or closed, whatever is asked and seen, in whatever order.</summary>
public sealed class Any_sequence_around_a_channel
{
    private static readonly Func<MovementState, MovementCommand>[] Steps =
    [
        .. ChannelTable.Rows.Select(r => (Func<MovementState, MovementCommand>)(_ => r.Command)),

        // What leads on, so that sequences get somewhere.
        .. Enumerable.Repeat<Func<MovementState, MovementCommand>>(
            s => PrepareFunding(Number(s) + 1, Numbered(Number(s) + 1), RetryAt), 6),
        .. Enumerable.Repeat<Func<MovementState, MovementCommand>>(
            s => new MovementCommand.PrepareReturn(
                Number(s), BackHome with { Inputs = (Last(s) as FundingAttempt)?.Transaction.Inputs ?? [] }, Now), 3),
        .. Enumerable.Repeat<Func<MovementState, MovementCommand>>(s => ReportReturned with { Attempt = Number(s) }, 3),
        .. Enumerable.Repeat<Func<MovementState, MovementCommand>>(s => ReportFunded with { Attempt = Number(s) }, 4),
        .. Enumerable.Repeat<Func<MovementState, MovementCommand>>(s => new MovementCommand.ReportInBlock(Number(s), 9, BlockB, Now), 4),
        .. Enumerable.Repeat<Func<MovementState, MovementCommand>>(_ => ReportClosed, 3),
        .. Enumerable.Repeat<Func<MovementState, MovementCommand>>(_ => PrepareClose, 3),
        .. Enumerable.Repeat<Func<MovementState, MovementCommand>>(s => new MovementCommand.ReportTakenBack(Number(s), BlockB, Now), 2),
        .. Enumerable.Repeat<Func<MovementState, MovementCommand>>(s => new MovementCommand.ReportLost(Number(s), "", Now), 2),
        .. Enumerable.Repeat<Func<MovementState, MovementCommand>>(_ => new MovementCommand.ReportArrived(1, Now), 2),
    ];

    private static readonly Arbitrary<Run> Runs = Arb.From(
        from isOpening in Gen.Elements(true, false)
        from steps in Gen.Elements(Steps).ListOf()
        select RunOf([isOpening ? OpeningRequested : ClosingRequested, Approved], [.. steps]));

    [Fact]
    public void Keeps_the_sum_of_all_postings_at_zero() =>
        Property.Holds(Runs, run => Assert.Equal(Int128.Zero, run.Postings.Aggregate(Int128.Zero, (sum, p) => checked(sum + p.Units))));

    [Fact]
    public void Has_in_flight_what_the_one_live_attempt_moves_and_nothing_without_one() =>
        Property.Holds(Runs, run => Assert.Equal(
            run.State switch
            {
                MovementState.UnderWay { Last: FundingAttempt last } => -(Int128)(Asked.Units + last.Transaction.Fee.Units),
                MovementState.UnderWay { Last: ClosingAttempt last } => -(Int128)(last.Balance.Units + last.Reserved.Units),
                _ => 0,
            },
            run.Sum(Account.InFlight)));

    [Fact]
    public void Puts_in_what_was_agreed_to_or_takes_out_what_was_there_once() =>
        Property.Holds(Runs, run =>
        {
            Assert.True(run.Events.OfType<MovementEvent.Completed>().Count() <= 1);
            var expected = run.State switch
            {
                MovementState.Completed { Last: FundingAttempt } or MovementState.ArrivedAfterLoss { Last: FundingAttempt } =>
                    -(Int128)Asked.Units,
                MovementState.Completed { Last: ClosingAttempt } or MovementState.ArrivedAfterLoss { Last: ClosingAttempt } =>
                    (Int128)(LastBalance.Units + KeptBack.Units),
                MovementState.UnderWay { Last: ClosingAttempt } => (Int128)(Balance.Units + KeptBack.Units),
                _ => 0,
            };
            Assert.Equal(expected, run.Sum(Account.HubChannels) + run.Sum(Account.HubKeptBack));
        });

    [Fact]
    public void Reaches_every_end_there_is()
    {
        var ends = new HashSet<string>();
        Property.Holds(Runs, run => ends.Add($"{run.State.GetType().Name} {Last(run.State)?.GetType().Name}"));

        Assert.Superset(
            new HashSet<string>
            {
                "Completed FundingAttempt", "Completed ClosingAttempt", "Failed ClosingAttempt", "Approved FundingAttempt",
            },
            ends);
    }

    private static MovementAttempt? Last(MovementState state) => (state as MovementState.Known)?.Last;
}
