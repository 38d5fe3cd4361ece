using FiberLink.Domain.Adjustments;
using FiberLink.Events.Adjustments;
using FiberLink.Events.Money;

namespace FiberLink.Domain.Tests.Adjustments;

/// <summary>The whole specification of an adjustment: four commands, six states.</summary>
public sealed class Every_command_in_every_state
{
    private static readonly Guid Id = Guid.Parse("01990000-0000-7000-8000-0000000000b1");
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Amount Asked = new(Asset.Ckb, 500);
    private static readonly AccountName Suspense = new(Account.Suspense, null);
    private static readonly AccountName Alice = new(Account.MemberAvailable, "alice");

    private static readonly AdjustmentCommand.Request Request = new(Id, Suspense, Alice, Asked, "ann", "found its owner", Now);
    private static readonly AdjustmentCommand.Approve Approve = new("bob", "seen it", Now);
    private static readonly AdjustmentCommand.Cancel Cancel = new("ann", "a slip", Now);
    private static readonly AdjustmentCommand.RequestReversal Reverse = new("bob", "it was carol's", Now);

    private static readonly AdjustmentEvent Requested =
        new AdjustmentEvent.Requested(Id, Suspense, Alice, Asked, "ann", "found its owner", Now);

    private static readonly AdjustmentEvent Posted = new AdjustmentEvent.Posted(
        Id, "bob", "seen it", JournalEntry.Move(Asked, (Account.Suspense, null), (Account.MemberAvailable, "alice")), Now);

    private static readonly AdjustmentEvent Cancelled = new AdjustmentEvent.Cancelled(Id, "ann", "a slip", Now);

    private static readonly AdjustmentEvent ReversalRequested =
        new AdjustmentEvent.ReversalRequested(Id, "bob", "it was carol's", Now);

    private static readonly AdjustmentEvent ReversalCancelled = new AdjustmentEvent.ReversalCancelled(Id, "ann", "a slip", Now);

    private static readonly AdjustmentEvent Reversed = new AdjustmentEvent.Reversed(
        Id, "ann", "so it was", JournalEntry.Move(Asked, (Account.MemberAvailable, "alice"), (Account.Suspense, null)), Now);

    private static readonly Specification<AdjustmentCommand, AdjustmentState, AdjustmentEvent, AdjustmentRefusal> Adjustment =
        new(AdjustmentState.Initial, AdjustmentState.Evolve, AdjustmentDecider.Decide);

    [Fact]
    public void Nothing_is_known_of_one_that_nobody_asked_for()
    {
        Adjustment.Given().When(Request).Then(Requested);
        Adjustment.Given().When(Approve).ThenRefused(AdjustmentRefusal.AdjustmentIsUnknown);
        Adjustment.Given().When(Cancel).ThenRefused(AdjustmentRefusal.AdjustmentIsUnknown);
        Adjustment.Given().When(Reverse).ThenRefused(AdjustmentRefusal.AdjustmentIsUnknown);
    }

    [Fact]
    public void One_that_is_asked_for_waits_for_another_person()
    {
        AdjustmentEvent[] past = [Requested];
        Adjustment.Given(past).When(Request).ThenNothingNew();
        Adjustment.Given(past).When(Request with { By = "bob" }).ThenRefused(AdjustmentRefusal.ExistsWithOtherTerms);
        Adjustment.Given(past).When(Approve).Then(Posted);
        Adjustment.Given(past).When(Approve with { By = " ANN" }).ThenRefused(AdjustmentRefusal.ApproverIsRequester);
        Adjustment.Given(past).When(Approve with { Now = Now.AddDays(30).AddTicks(1) }).ThenRefused(AdjustmentRefusal.IsTooOld);
        Adjustment.Given(past).When(Cancel).Then(Cancelled);
        Adjustment.Given(past).When(Reverse).ThenRefused(AdjustmentRefusal.IsNotPosted);
    }

    [Fact]
    public void What_is_posted_can_only_be_asked_to_be_reversed()
    {
        foreach (var past in new AdjustmentEvent[][] { [Requested, Posted], [Requested, Posted, ReversalRequested, ReversalCancelled] })
        {
            Adjustment.Given(past).When(Request).ThenNothingNew();
            Adjustment.Given(past).When(Approve).ThenNothingNew();
            Adjustment.Given(past).When(Cancel).ThenRefused(AdjustmentRefusal.IsPosted);
            Adjustment.Given(past).When(Reverse).Then(ReversalRequested);
        }
    }

    [Fact]
    public void A_reversal_waits_for_another_person_than_the_one_who_asked_for_it()
    {
        AdjustmentEvent[] past = [Requested, Posted, ReversalRequested];
        Adjustment.Given(past).When(Request).ThenNothingNew();
        Adjustment.Given(past).When(Approve).ThenRefused(AdjustmentRefusal.ApproverIsRequester);
        Adjustment.Given(past).When(new AdjustmentCommand.Approve("ann", "so it was", Now)).Then(Reversed);
        Adjustment.Given(past)
            .When(new AdjustmentCommand.Approve("ann", "so it was", Now.AddDays(31))).ThenRefused(AdjustmentRefusal.IsTooOld);
        Adjustment.Given(past).When(Cancel).ThenOnce(AdjustmentRefusal.IsPosted, ReversalCancelled);
        Adjustment.Given(past).When(Reverse).ThenNothingNew();
    }

    [Fact]
    public void What_is_reversed_is_reversed_once_and_for_all()
    {
        AdjustmentEvent[] past = [Requested, Posted, ReversalRequested, Reversed];
        Adjustment.Given(past).When(Request).ThenNothingNew();
        Adjustment.Given(past).When(Approve).ThenNothingNew();
        Adjustment.Given(past).When(Cancel).ThenRefused(AdjustmentRefusal.IsOver);
        Adjustment.Given(past).When(Reverse).ThenRefused(AdjustmentRefusal.IsOver);
    }

    [Fact]
    public void What_is_cancelled_stays_so()
    {
        AdjustmentEvent[] past = [Requested, Cancelled];
        Adjustment.Given(past).When(Request).ThenNothingNew();
        Adjustment.Given(past).When(Approve).ThenRefused(AdjustmentRefusal.IsOver);
        Adjustment.Given(past).When(Cancel).ThenNothingNew();
        Adjustment.Given(past).When(Reverse).ThenRefused(AdjustmentRefusal.IsOver);
    }

    [Fact]
    public void Only_what_people_may_correct_is_asked_for()
    {
        foreach (var account in Enum.GetValues<Account>())
        {
            var named = new AccountName(account, Posting.BelongsToMember(account) ? "alice" : null);
            var other = named == Suspense ? Alice : Suspense;
            foreach (var request in new[] { Request with { From = named, To = other }, Request with { From = other, To = named } })
            {
                if (account is Account.MemberAvailable or Account.PlatformFees or Account.NetworkFees
                    or Account.Suspense or Account.HubCapital)
                {
                    Adjustment.Given().When(request)
                        .Then(new AdjustmentEvent.Requested(Id, request.From, request.To, Asked, "ann", "found its owner", Now));
                }
                else
                {
                    Adjustment.Given().When(request).ThenRefused(AdjustmentRefusal.AccountNotAdjustable);
                }
            }
        }
    }

    [Fact]
    public void What_cannot_be_posted_is_not_asked_for()
    {
        Adjustment.Given().When(Request with { To = Suspense }).ThenRefused(AdjustmentRefusal.MovesNothing);
        Adjustment.Given().When(Request with { Amount = Asked with { Units = 0 } }).ThenRefused(AdjustmentRefusal.AmountDoesNotFit);
        Adjustment.Given().When(Request with { Amount = Asked with { Units = Amount.UnitsMax + 1 } })
            .ThenRefused(AdjustmentRefusal.AmountDoesNotFit);
        Adjustment.Given().When(Request with { To = Alice with { Member = null } }).ThenRefused(AdjustmentRefusal.AccountNotAdjustable);
        Adjustment.Given().When(Request with { From = Suspense with { Member = "alice" } })
            .ThenRefused(AdjustmentRefusal.AccountNotAdjustable);
    }
}
