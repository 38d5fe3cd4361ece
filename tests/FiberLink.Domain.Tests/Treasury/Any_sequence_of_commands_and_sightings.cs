using FiberLink.Domain.Treasury;
using FiberLink.Events.Money;
using FiberLink.Events.Treasury;
using FsCheck;
using FsCheck.Fluent;
using static FiberLink.Domain.Tests.Treasury.MovementExamples;

namespace FiberLink.Domain.Tests.Treasury;

/// <summary>What holds for a movement whatever is asked and seen, in whatever order, however late and however often.</summary>
public sealed class Any_sequence_of_commands_and_sightings
{
    private static readonly Func<MovementState, MovementCommand>[] Steps =
    [
        .. MovementTable.Rows.Select(r => (Func<MovementState, MovementCommand>)(_ => r.Command)),

        .. LeadingOn(n => new MovementCommand.Prepare(n, Numbered(n), RetryAt)),
    ];

    private static readonly Arbitrary<Run> Runs = Arb.From(
        from isSweep in Gen.Frequency((5, Gen.Constant(true)), (1, Gen.Constant(false)))
        from steps in Gen.Elements(Steps).ListOf()
        select RunOf(isSweep, [.. steps]));

    [Fact]
    public void Keeps_the_sum_of_all_postings_at_zero() =>
        Property.Holds(Runs, run => Assert.Equal(Int128.Zero, run.Postings.Aggregate(Int128.Zero, (sum, p) => checked(sum + p.Units))));

    [Fact]
    public void Has_in_flight_what_the_one_live_attempt_moves_and_nothing_without_one() =>
        Property.Holds(Runs, run => Assert.Equal(
            run.State is MovementState.UnderWay { Last: SpendingAttempt last } ? -(Int128)(Asked.Units + last.Transaction.Fee.Units) : 0,
            run.Sum(Account.InFlight)));

    [Fact]
    public void Has_one_live_attempt_at_most() =>
        Property.Holds(Runs, run =>
        {
            var live = 0;
            foreach (var @event in run.Events)
            {
                live += @event switch
                {
                    MovementEvent.Prepared => 1,
                    MovementEvent.AttemptFailed or MovementEvent.Completed => -1,
                    _ => 0,
                };
                Assert.InRange(live, 0, 1);
            }
        });

    [Fact]
    public void Leaves_with_no_more_than_was_agreed_to_and_with_nothing_unless_another_agreed() =>
        Property.Holds(Runs, run =>
        {
            var isCompleted = run.State is MovementState.Completed or MovementState.ArrivedAfterLoss;
            Assert.Equal(isCompleted ? -(Int128)Asked.Units : 0, run.Sum(Account.HubCold));
            Assert.Equal(isCompleted ? -(Int128)Fee.Units : 0, run.Sum(Account.NetworkFees));
            Assert.True(run.Events.OfType<MovementEvent.Completed>().Count() <= 1);
            Assert.True(
                !run.Postings.Any() || run.Events.OfType<MovementEvent.Approved>().Single() is { By: "bob" },
                "Money moved although nobody had agreed.");
        });

    [Fact]
    public void Reaches_every_end_there_is()
    {
        var ends = new HashSet<string>();
        Property.Holds(Runs, run => ends.Add(run.State.GetType().Name));

        Assert.Superset(
            new HashSet<string>
            {
                "Completed", "Lost", "ArrivedAfterLoss", "Booked", "Failed", "Cancelled", "Prepared", "InBlock", "Approved", "Requested",
            },
            ends);
    }

    /// <summary>What leads on, so that sequences get somewhere.</summary>
    /// <param name="prepare">The attempt of a number.</param>
    internal static IEnumerable<Func<MovementState, MovementCommand>> LeadingOn(Func<int, MovementCommand> prepare) =>
    [
        .. Enumerable.Repeat<Func<MovementState, MovementCommand>>(s => prepare(Number(s) + 1), 8),
        .. Enumerable.Repeat<Func<MovementState, MovementCommand>>(s => new MovementCommand.ReportInBlock(Number(s), 9, BlockB, Now), 4),
        .. Enumerable.Repeat<Func<MovementState, MovementCommand>>(s => new MovementCommand.ReportDeep(Number(s), Now), 4),
        .. Enumerable.Repeat<Func<MovementState, MovementCommand>>(s => new MovementCommand.ReportDead(Number(s), "", RetryAt, Now), 4),
        .. Enumerable.Repeat<Func<MovementState, MovementCommand>>(s => new MovementCommand.ReportTakenBack(Number(s), BlockB, Now), 3),
        s => new MovementCommand.ReportFinal(Number(s), Now),
        .. Enumerable.Repeat<Func<MovementState, MovementCommand>>(s => new MovementCommand.ReportLost(Number(s), "", Now), 2),
        .. Enumerable.Repeat<Func<MovementState, MovementCommand>>(_ => new MovementCommand.ReportArrived(1, Now), 2),
    ];

    internal static int Number(MovementState state) => state is MovementState.Known known ? known.Attempts.Length : 0;

    private static Run RunOf(bool isSweep, IReadOnlyList<Func<MovementState, MovementCommand>> steps)
    {
        MovementEvent[] past = isSweep ? [SweepRequested, Approved] : [BookingRequested];
        return RunOf(steps.Count % 4 == 0 ? past[..1] : past, steps);
    }

    /// <summary>What comes of all steps, after what has happened.</summary>
    internal static Run RunOf(IEnumerable<MovementEvent> past, IEnumerable<Func<MovementState, MovementCommand>> steps)
    {
        var events = past.ToList();
        var state = events.Aggregate(MovementState.Initial, MovementState.Evolve);
        foreach (var step in steps)
        {
            if (MovementDecider.Decide(step(state), state) is Decision<MovementEvent, MovementRefusal>.Accepted accepted)
            {
                events.AddRange(accepted.Events);
                state = accepted.Events.Aggregate(state, MovementState.Evolve);
            }
        }

        return new(state, events);
    }

    internal sealed record Run(MovementState State, IReadOnlyList<MovementEvent> Events)
    {
        public IEnumerable<Posting> Postings => Events.OfType<IMovesMoney>().SelectMany(e => e.Entry?.Postings ?? []);

        public Int128 Sum(Account account, Asset? asset = null) =>
            Postings.Where(p => p.Account == account && (asset is null || p.Asset == asset))
                .Aggregate(Int128.Zero, (sum, p) => checked(sum + p.Units));
    }
}
