using FiberLink.Domain.Withdrawals;
using FiberLink.Events.Money;
using FiberLink.Events.Withdrawals;
using static FiberLink.Domain.Tests.Withdrawals.WithdrawalExamples;

namespace FiberLink.Domain.Tests.Withdrawals;

/// <summary>What holds for a withdrawal whatever is asked and seen, in whatever order, however late and however often.</summary>
public sealed class Any_sequence_of_commands_and_sightings
{
    private static readonly Account[] HubAccounts = [Account.HubOnChain, Account.HubChannels];

    [Fact]
    public void Keeps_the_sum_of_all_postings_at_zero() =>
        Holds(run => Assert.All(
            run.Postings.GroupBy(p => p.Asset),
            asset => Assert.Equal(Int128.Zero, asset.Aggregate(Int128.Zero, (sum, p) => checked(sum + p.Units)))));

    [Fact]
    public void Holds_what_was_agreed_until_it_is_over_and_nothing_then() =>
        Holds(run => Assert.Equal(
            run.State is WithdrawalState.Known and not WithdrawalState.Over ? (Int128)run.Terms!.Hold.Units : 0,
            run.Sum(Account.MemberHeld)));

    [Fact]
    public void Never_takes_more_from_the_member_than_was_held() =>
        Holds(run =>
        {
            var taken = -run.Sum(Account.MemberAvailable) - run.Sum(Account.MemberHeld);

            var hold = (Int128)(run.Terms?.Hold.Units ?? 0);
            var least = run.State is WithdrawalState.Completed ? (Int128)run.Terms!.Pays.Units : 0;

            Assert.InRange(-run.Sum(Account.MemberAvailable), 0, hold);
            Assert.InRange(taken, least, hold);
            Assert.True(run.Was<WithdrawalEvent.Completed>() || run.Was<WithdrawalEvent.Transferred>() || taken == 0);
            Assert.All(run.Postings, p => Assert.True(p.Member is null or "alice"));
        });

    [Fact]
    public void Posts_what_left_the_hub_for_each_that_was_paid_and_for_nothing_else() =>
        Holds(run =>
        {
            foreach (var asset in run.Postings.Select(p => p.Asset).Distinct())
            {
                var left = run.Paid.Count * (Int128)(run.Terms!.Pays.Asset == asset ? run.Terms.Pays.Units : 0);
                left += run.Paid.Where(p => p.Fee.Asset == asset).Aggregate(Int128.Zero, (sum, p) => checked(sum + (Int128)p.Fee.Units));
                left += asset == Asset.Ckb
                    ? run.Paid.Aggregate(Int128.Zero, (sum, p) => sum + (Int128)(run.Attempt(p.Attempt).Transaction?.Capacity.Units ?? 0))
                    : 0;
                Assert.Equal(left, HubAccounts.Aggregate(Int128.Zero, (sum, a) => sum + run.Sum(a, asset)));
            }
        });

    [Fact]
    public void Moves_no_account_of_the_hubs_for_a_member_of_it_and_nothing_within_it_for_anybody_else() =>
        Holds(run =>
        {
            var isWithin = run.Terms?.Destination.Kind is DestinationKind.TipInvoice;
            Assert.Equal(
                run.Was<WithdrawalEvent.Transferred>() ? (Int128)run.Terms!.Pays.Units : 0, run.Sum(Account.WithinHub));
            Assert.True(isWithin || !run.Was<WithdrawalEvent.Transferred>());
            Assert.True(!isWithin || run.Postings.All(p => p.Member is not null || p.Account is Account.WithinHub));
            Assert.True(!isWithin || run.Terms!.Hold == run.Terms.Pays);
        });

    [Fact]
    public void Completes_once_at_most_and_tells_what_was_paid_beside_it() =>
        Holds(run =>
        {
            int[] paid = [.. run.Paid.Select(p => p.Attempt)];

            Assert.InRange(
                run.Events.Count(e => e is WithdrawalEvent.Failed or WithdrawalEvent.Cancelled
                    or WithdrawalEvent.Completed or WithdrawalEvent.Transferred),
                0,
                1);
            foreach (var (one, other) in paid.SelectMany((one, i) => paid.Skip(i + 1).Select(other => (one, other))))
            {
                // Each has cells of its own; they were declared dead, and were not.
                Assert.Empty(run.Attempt(one).Transaction!.Inputs.Intersect(run.Attempt(other).Transaction!.Inputs));
            }
        });

    /// <summary>Not the hub's, which has not paid, and not the member's, who has been told that he was paid: somebody decides.</summary>
    [Fact]
    public void Leaves_exactly_what_the_member_gave_in_suspense_when_it_is_lost() =>
        Holds(any =>
        {
            var run = Lost(any);
            if (run.State is not WithdrawalState.Lost)
            {
                return;
            }

            Assert.Equal(-run.Sum(Account.MemberAvailable), run.Sum(Account.Suspense));
            foreach (var asset in run.Postings.Select(p => p.Asset).Distinct())
            {
                Assert.All([.. HubAccounts, Account.NetworkFees], account => Assert.Equal(Int128.Zero, run.Sum(account, asset)));
            }
        });

    /// <summary>Nothing that was paid is passed over: it is told, or it spends a cell of one that is.</summary>
    [Fact]
    public void Tells_everything_that_was_paid() =>
        Holds(run =>
        {
            var (state, told) = (WithdrawalState.Initial, new List<PayoutAttempt>());
            foreach (var command in run.Asked)
            {
                var attempts = (state as WithdrawalState.Known)?.Attempts.Length ?? 0;
                state = WithdrawalRun.After(command, state, out var events);
                told.AddRange(events.OfType<WithdrawalEvent.Completed>().Select(e => run.Attempt(e.Attempt)));
                told.AddRange(events.OfType<WithdrawalEvent.PaidAfterFailure>().Select(e => run.Attempt(e.Attempt)));
                if (command is WithdrawalCommand.ReportPaid paid && paid.Attempt >= 1 && paid.Attempt <= attempts)
                {
                    var attempt = run.Attempt(paid.Attempt);
                    Assert.Contains(
                        told,
                        t => t.Evidence == attempt.Evidence || t.Transaction?.Inputs.Intersect(attempt.Transaction!.Inputs).Any() == true);
                }
            }
        });

    /// <summary>Of what may still be paid, each later one spends all that the earlier ones spend.</summary>
    [Fact]
    public void Has_one_live_attempt_at_most_or_several_of_which_one_can_be_paid() =>
        Holds(run =>
        {
            var live = new List<PayoutAttempt>();
            foreach (var @event in run.Events)
            {
                switch (@event)
                {
                    case WithdrawalEvent.TransactionPrepared e:
                        Assert.All(live, a => Assert.Empty(a.Transaction!.Inputs.Except(e.Transaction.Inputs)));
                        live.Add(run.Attempt(e.Attempt));
                        break;
                    case WithdrawalEvent.PaymentPrepared e:
                        Assert.Empty(live);
                        live.Add(run.Attempt(e.Attempt));
                        break;
                    case WithdrawalEvent.AttemptFailed:
                        live.Clear();
                        break;
                    default:
                        break;
                }
            }
        });

    [Fact]
    public void Never_lets_a_payment_cost_more_than_was_held_for_it() =>
        Holds(run => Assert.All(
            run.Events.OfType<WithdrawalEvent.PaymentPrepared>(),
            e => Assert.True(e.FeeMax.Asset == run.Terms!.Hold.Asset && e.FeeMax.Units + run.Terms.Pays.Units <= run.Terms.Hold.Units)));

    [Fact]
    public void Sends_nothing_before_somebody_has_agreed_where_somebody_must() =>
        Holds(run => Assert.True(
            run.Events.All(e => e is not WithdrawalEvent.Requested { NeedsApproval: true })
            || run.Events.TakeWhile(e => e is not WithdrawalEvent.Approved)
                .All(e => e is not (WithdrawalEvent.TransactionPrepared or WithdrawalEvent.PaymentPrepared
                    or WithdrawalEvent.Transferred))));

    [Fact]
    public void Is_silent_when_each_comes_twice() =>
        Holds(run =>
        {
            var twice = WithdrawalState.Initial;
            foreach (var command in run.Asked)
            {
                twice = WithdrawalRun.After(command, twice, out _);
                twice = WithdrawalRun.After(command, twice, out var again);
                Assert.Empty(again);
            }

            Assert.Equal(StateText.Of(run.State), StateText.Of(twice));
        });

    /// <summary>Neither by being paid nor by failing does it depend on somebody who must do something.</summary>
    [Fact]
    public void Leads_to_an_end_by_what_is_seen_and_by_a_deadline() =>
        Holds(run =>
        {
            AssertEnds(run.State, isPaid: true);
            AssertEnds(run.State, isPaid: false);
        });

    [Fact]
    public void Leads_to_an_end_from_every_state_of_the_table()
    {
        foreach (var state in WithdrawalStates.States.Values.Select(Specification.StateAfter))
        {
            AssertEnds(state, isPaid: true);
            AssertEnds(state, isPaid: false);
        }
    }

    private static void Holds(Action<WithdrawalRun> check) =>
        Property.Holds(WithdrawalStep.Sequences, steps => check(WithdrawalRun.Of(steps)));

    /// <summary>What is under way is paid, and what was paid is taken back and lost, wherever a sequence has led.</summary>
    private static WithdrawalRun Lost(WithdrawalRun run)
    {
        var (state, events) = (run.State, run.Events);
        void Follow(WithdrawalCommand command)
        {
            state = WithdrawalRun.After(command, state, out var follows);
            events = [.. events, .. follows];
        }

        if (state is WithdrawalState.UnderWay { Last: { } last })
        {
            Follow(new WithdrawalCommand.ReportPaid(last.Number, null, null, Now));
        }

        if (state is WithdrawalState.Completed { BlockHash: { } block } paid)
        {
            Follow(new WithdrawalCommand.ReportTakenBack(paid.Attempt, block, Now));
        }

        if (state is WithdrawalState.Completed back)
        {
            Follow(new WithdrawalCommand.ReportLost(Math.Max(back.Attempt, 1), "gone", Now));
        }

        return new(state, events, run.Asked);
    }

    private static void AssertEnds(WithdrawalState from, bool isPaid)
    {
        var (open, seen) = (new Queue<WithdrawalState>([from]), new HashSet<string>());
        while (open.TryDequeue(out var state))
        {
            if (state is WithdrawalState.Over or WithdrawalState.Unknown)
            {
                return;
            }

            foreach (var next in Ways((WithdrawalState.Known)state, isPaid).Select(c => WithdrawalRun.After(c, state, out _)))
            {
                if (seen.Add(StateText.Of(next)))
                {
                    open.Enqueue(next);
                }
            }
        }

        Assert.Fail($"No way leads out of {StateText.Of(from)}.");
    }

    private static IEnumerable<WithdrawalCommand> Ways(WithdrawalState.Known state, bool isPaid)
    {
        if (isPaid && state.Last is not null)
        {
            return state.Attempts.Select(a => new WithdrawalCommand.ReportPaid(a.Number, null, null, Now));
        }

        return
        [
            new WithdrawalCommand.GiveUp(WithdrawalFailure.CannotBePaid, "deadline", Now),
            new WithdrawalCommand.ReportFailed(state.Attempts.Length, "dead", RetryAt, null, Now),
            .. state is WithdrawalState.InBlock s
                ? [new WithdrawalCommand.ReportTakenBack(s.Attempt, s.BlockHash, Now)]
                : (WithdrawalCommand[])[],
        ];
    }
}
