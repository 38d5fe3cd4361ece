using FiberLink.Domain.Treasury;
using FiberLink.Events.Money;
using FiberLink.Events.Treasury;
using FsCheck;
using FsCheck.Fluent;
using static FiberLink.Domain.Tests.Treasury.Any_sequence_of_commands_and_sightings;
using static FiberLink.Domain.Tests.Treasury.MovementExamples;
using static FiberLink.Domain.Tests.Treasury.TokenExamples;

namespace FiberLink.Domain.Tests.Treasury;

/// <summary>
/// What holds for a token that is swept, and for the coins that go with it, whatever is asked and seen, in whatever order.
/// </summary>
public sealed class Any_sequence_around_a_token
{
    private static readonly Func<MovementState, MovementCommand>[] Steps =
    [
        .. TokenTable.Rows.Select(r => (Func<MovementState, MovementCommand>)(_ => r.Command)),
        .. LeadingOn(n => PrepareToken(n, Numbered(n), RetryAt)),
    ];

    private static readonly Arbitrary<Run> Runs = Arb.From(
        from steps in Gen.Elements(Steps).ListOf()
        select RunOf([TokenExamples.SweepRequested, Approved], [.. steps]));

    [Fact]
    public void Keeps_the_sum_of_all_postings_of_each_asset_at_zero() =>
        Property.Holds(Runs, run => Assert.All(
            new[] { Asset.Ckb, Usdi },
            asset => Assert.Equal(
                Int128.Zero, run.Postings.Where(p => p.Asset == asset).Aggregate(Int128.Zero, (sum, p) => checked(sum + p.Units)))));

    [Fact]
    public void Has_in_flight_what_the_one_live_attempt_moves_and_nothing_without_one() =>
        Property.Holds(Runs, run =>
        {
            var isUnderWay = run.State is MovementState.UnderWay;
            Assert.Equal(isUnderWay ? -(Int128)Tokens.Units : 0, run.Sum(Account.InFlight, Usdi));
            Assert.Equal(isUnderWay ? -(Int128)(Room.Units + Fee.Units) : 0, run.Sum(Account.InFlight, Asset.Ckb));
        });

    [Fact]
    public void Leaves_with_what_was_agreed_to_and_the_room_for_it_and_once() =>
        Property.Holds(Runs, run =>
        {
            var isThere = run.State is MovementState.Completed or MovementState.ArrivedAfterLoss;
            Assert.Equal(isThere ? -(Int128)Tokens.Units : 0, run.Sum(Account.HubCold, Usdi));
            Assert.Equal(isThere ? -(Int128)Room.Units : 0, run.Sum(Account.HubCold, Asset.Ckb));
            Assert.Equal(isThere ? -(Int128)Fee.Units : 0, run.Sum(Account.NetworkFees, Asset.Ckb));
            Assert.True(run.Events.OfType<MovementEvent.Completed>().Count() <= 1);
        });

    [Fact]
    public void Reaches_every_end_there_is()
    {
        var ends = new HashSet<string>();
        Property.Holds(Runs, run => ends.Add(run.State.GetType().Name));

        Assert.Superset(new HashSet<string> { "Completed", "Lost", "ArrivedAfterLoss", "Failed", "Prepared", "InBlock", "Approved" }, ends);
    }
}
