using FiberLink.Domain.Withdrawals;
using FiberLink.Events.Money;
using FiberLink.Events.Withdrawals;

namespace FiberLink.Domain.Tests.Withdrawals;

/// <summary>What came of a sequence. It folds as it goes: an event that the state cannot repeat throws.</summary>
internal sealed record WithdrawalRun(
    WithdrawalState State, IReadOnlyList<WithdrawalEvent> Events, IReadOnlyList<WithdrawalCommand> Asked)
{
    public WithdrawalTerms? Terms => (State as WithdrawalState.Known)?.Terms;

    public IEnumerable<Posting> Postings => Events.OfType<IMovesMoney>().SelectMany(e => e.Entry?.Postings ?? []);

    /// <summary>What has left the hub by the end, each with the attempt that it left by and what that cost.</summary>
    public IReadOnlyList<(int Attempt, Amount Fee)> Paid
    {
        get
        {
            var paid = new List<(int Attempt, Amount Fee)>();
            foreach (var @event in Events)
            {
                switch (@event)
                {
                    case WithdrawalEvent.Completed e:
                        paid.Add((e.Attempt, e.Fee));
                        break;
                    case WithdrawalEvent.PaidAfterFailure e:
                        paid.Add((e.Attempt, e.Fee));
                        break;
                    case WithdrawalEvent.Lost e:
                        paid.RemoveAll(p => p.Attempt == e.Attempt);
                        break;
                    default:
                        break;
                }
            }

            return paid;
        }
    }

    public static WithdrawalRun Of(IEnumerable<WithdrawalStep> steps)
    {
        var (state, events, asked) = (WithdrawalState.Initial, new List<WithdrawalEvent>(), new List<WithdrawalCommand>());
        foreach (var step in steps)
        {
            if (step.Command(state, asked) is { } command)
            {
                asked.Add(command);
                state = After(command, state, out var follows);
                events.AddRange(follows);
            }
        }

        return new(state, events, asked);
    }

    public static WithdrawalState After(WithdrawalCommand command, WithdrawalState state, out IReadOnlyList<WithdrawalEvent> events)
    {
        events = WithdrawalDecider.Decide(command, state) is Decision<WithdrawalEvent, WithdrawalRefusal>.Accepted accepted
            ? accepted.Events
            : [];
        return events.Aggregate(state, WithdrawalState.Evolve);
    }

    public bool Was<T>()
        where T : WithdrawalEvent => Events.Any(e => e is T);

    public PayoutAttempt Attempt(int number) => ((WithdrawalState.Known)State).Attempts[number - 1];

    /// <summary>Of the withdrawal's own asset.</summary>
    public Int128 Sum(Account account) => Terms is null ? 0 : Sum(account, Terms.Hold.Asset);

    public Int128 Sum(Account account, Asset asset) =>
        Postings.Where(p => p.Account == account && p.Asset == asset).Aggregate(Int128.Zero, (sum, p) => checked(sum + p.Units));
}
