using FiberLink.Domain.Treasury;
using FiberLink.Events.Treasury;

namespace FiberLink.Domain.Tests.Treasury;

public sealed class Every_command_in_every_state
{
    private static readonly Specification<MovementCommand, MovementState, MovementEvent, MovementRefusal> Movement =
        new(MovementState.Initial, MovementState.Evolve, MovementDecider.Decide);

    public static TheoryData<string, string> Cells =>
        new(from state in MovementTable.States.Keys from row in MovementTable.Rows select (row.Name, state));

    [Theory]
    [MemberData(nameof(Cells))]
    public void Is_answered_as_the_table_says(string command, string state)
    {
        var row = MovementTable.Rows.Single(r => r.Name == command);
        var (answer, outcome) = (row.AnswerIn(state), Movement.Given(MovementTable.States[state]).When(row.Command));

        if (answer.Refusal is { } reason)
        {
            outcome.ThenRefused(reason);
        }
        else
        {
            outcome.Then(answer.Events);
        }
    }

    [Fact]
    public void Means_every_command_there_is() =>
        Assert.Equal(ClosedSet.CasesOf<MovementCommand>(), ClosedSet.CasesIn(MovementTable.Rows.Select(r => r.Command)));

    [Fact]
    public void Means_every_state_there_is() =>
        Assert.Equal(ClosedSet.CasesOf<MovementState>(), ClosedSet.CasesIn(MovementTable.States.Values.Select(Movement.StateAfter)));

    [Fact]
    public void Means_every_event_there_is() =>
        Assert.Equal(
            ClosedSet.CasesOf<MovementEvent>(),
            ClosedSet.CasesIn(MovementTable.Rows.SelectMany(r => r.Answers).SelectMany(a => a.Answer.Events)));

    [Fact]
    public void Means_every_refusal_there_is() =>
        Assert.Equal(
            Enum.GetValues<MovementRefusal>(),
            MovementTable.Rows.SelectMany(r => r.Answers).Select(a => a.Answer.Refusal).OfType<MovementRefusal>().Distinct().Order());
}
