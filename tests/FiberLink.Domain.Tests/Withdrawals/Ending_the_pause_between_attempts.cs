using FiberLink.Domain.Withdrawals;
using FiberLink.Events.Money;
using FiberLink.Events.Withdrawals;

namespace FiberLink.Domain.Tests.Withdrawals;

public sealed class Ending_the_pause_between_attempts
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Amount One = new(Asset.Ckb, 100_000_000);

    private static readonly WithdrawalTerms Terms = new(
        Guid.Parse("01990000-0000-7000-8000-0000000000d1"), "9", One, One, One, new(DestinationKind.CkbAddress, "ckt1…", null, null), Noon);

    private static readonly PayoutAttempt Tried = new(1, "0x01", One, null, Noon);

    private static readonly WithdrawalState.Queued Again = new(Terms, [Tried], false, false, false, Noon.AddMinutes(5));

    [Fact]
    public void It_ends_where_nothing_else_is_in_the_way() => Assert.Null(WithdrawalRetry.Objection(Again, Noon));

    [Fact]
    public void It_ends_no_hold_no_approval_and_no_cooling_off()
    {
        Assert.Equal(WithdrawalRefusal.IsNotReady, WithdrawalRetry.Objection(Again with { IsHeldBack = true }, Noon));
        Assert.Equal(WithdrawalRefusal.IsNotReady, WithdrawalRetry.Objection(Again with { NeedsApproval = true }, Noon));
        Assert.Equal(WithdrawalRefusal.IsNotReady, WithdrawalRetry.Objection(Again with { Attempts = [] }, Noon));
        Assert.Null(WithdrawalRetry.Objection(Again with { Attempts = [] }, Noon.AddMinutes(5)));
    }

    [Fact]
    public void It_ends_nothing_of_what_is_under_way_or_over()
    {
        Assert.Equal(WithdrawalRefusal.WithdrawalIsUnknown, WithdrawalRetry.Objection(WithdrawalState.Initial, Noon));
        foreach (var state in (WithdrawalState[])[
            new WithdrawalState.Prepared(Terms, [Tried]), new WithdrawalState.Sent(Terms, [Tried]),
            new WithdrawalState.InBlock(Terms, [Tried], 1, 7, "0x07")])
        {
            Assert.Equal(WithdrawalRefusal.IsOnItsWay, WithdrawalRetry.Objection(state, Noon));
        }

        foreach (var state in (WithdrawalState[])[
            new WithdrawalState.Completed(Terms, [Tried], 1, null, false, true, Noon), new WithdrawalState.Cancelled(Terms, [Tried]),
            new WithdrawalState.Failed(Terms, [Tried], WithdrawalFailure.CannotBePaid),
            new WithdrawalState.Lost(Terms, [Tried], 1), new WithdrawalState.PaidAfterFailure(Terms, [Tried], [1])])
        {
            Assert.Equal(WithdrawalRefusal.IsOver, WithdrawalRetry.Objection(state, Noon));
        }
    }
}
