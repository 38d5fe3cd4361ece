namespace FiberLink.Domain.Tests;

/// <summary>Given these events, when this command, then these events or this refusal: the whole vocabulary of a decider test.</summary>
public sealed class Specification<TCommand, TState, TEvent, TRefusal>(
    TState initial,
    Func<TState, TEvent, TState> evolve,
    Func<TCommand, TState, Decision<TEvent, TRefusal>> decide)
    where TRefusal : struct, Enum
{
    public Past Given(params IEnumerable<TEvent> events) => new(this, [.. events]);

    /// <summary>The state that these events lead to.</summary>
    public TState StateAfter(IEnumerable<TEvent> history) => history.Aggregate(initial, evolve);

    public sealed class Past(Specification<TCommand, TState, TEvent, TRefusal> spec, TEvent[] past)
    {
        public Outcome When(TCommand command) => new(spec, past, command);
    }

    public sealed class Outcome(Specification<TCommand, TState, TEvent, TRefusal> spec, TEvent[] past, TCommand command)
    {
        public void Then(params IEnumerable<TEvent> expected)
        {
            TEvent[] events = [.. expected];
            Assert.Equal(events, Accepted(past));

            // Every accepted command may arrive again. The second time must be silent.
            Assert.Empty(Accepted([.. past, .. events]));
        }

        /// <summary>For what only one can have: whoever asks second, be it the same one, must hear that it is gone.</summary>
        public void ThenOnce(TRefusal again, params IEnumerable<TEvent> expected)
        {
            TEvent[] events = [.. expected];
            Assert.Equal(events, Accepted(past));
            Assert.Equal(new Decision<TEvent, TRefusal>.Refused(again), spec.Decide(command, [.. past, .. events]));
        }

        public void ThenNothingNew() => Assert.Empty(Accepted(past));

        public void ThenRefused(TRefusal reason) =>
            Assert.Equal(new Decision<TEvent, TRefusal>.Refused(reason), spec.Decide(command, past));

        private IReadOnlyList<TEvent> Accepted(IEnumerable<TEvent> history) =>
            Assert.IsType<Decision<TEvent, TRefusal>.Accepted>(spec.Decide(command, history)).Events;
    }

    private Decision<TEvent, TRefusal> Decide(TCommand command, IEnumerable<TEvent> history) => decide(command, StateAfter(history));
}
