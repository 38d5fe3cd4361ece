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
