using FiberLink.Domain.Treasury;
using FiberLink.Events.Treasury;

namespace FiberLink.Domain.Tests.Treasury;

public sealed class Every_command_in_every_state
{
    private static readonly Specification<MovementCommand, MovementState, MovementEvent, MovementRefusal> Movement =
        new(MovementState.Initial, MovementState.Evolve, MovementDecider.Decide);

    public static TheoryData<string, string> Cells =>
        new(from state in MovementTable.States.Keys from row in MovementTable.Rows select (row.Name, state));

    public static TheoryData<string, string> CellsOfChannels =>
        new(from state in ChannelTable.States.Keys from row in ChannelTable.Rows select (row.Name, state));

    public static TheoryData<string, string> CellsOfTokens =>
        new(from state in TokenTable.States.Keys from row in TokenTable.Rows select (row.Name, state));

    private static IEnumerable<MovementTable.Row> AllRows => [.. MovementTable.Rows, .. ChannelTable.Rows, .. TokenTable.Rows];

    private static IEnumerable<MovementEvent[]> AllStates =>
        [.. MovementTable.States.Values, .. ChannelTable.States.Values, .. TokenTable.States.Values];

    [Theory]
    [MemberData(nameof(Cells))]
    public void Is_answered_as_the_table_says(string command, string state) =>
        IsAnswered(MovementTable.Rows.Single(r => r.Name == command), state, MovementTable.States[state]);

    [Theory]
    [MemberData(nameof(CellsOfChannels))]
    public void Is_answered_as_the_table_of_channels_says(string command, string state) =>
        IsAnswered(ChannelTable.Rows.Single(r => r.Name == command), state, ChannelTable.States[state]);

    [Theory]
    [MemberData(nameof(CellsOfTokens))]
    public void Is_answered_as_the_table_of_tokens_says(string command, string state) =>
        IsAnswered(TokenTable.Rows.Single(r => r.Name == command), state, TokenTable.States[state]);

    [Fact]
    public void Means_every_command_there_is() =>
        Assert.Equal(ClosedSet.CasesOf<MovementCommand>(), ClosedSet.CasesIn(AllRows.Select(r => r.Command)));

    [Fact]
    public void Means_every_state_there_is() =>
        Assert.Equal(ClosedSet.CasesOf<MovementState>(), ClosedSet.CasesIn(AllStates.Select(Movement.StateAfter)));

    [Fact]
    public void Means_every_event_there_is() =>
        Assert.Equal(
            ClosedSet.CasesOf<MovementEvent>(),
            ClosedSet.CasesIn(AllRows.SelectMany(r => r.Answers).SelectMany(a => a.Answer.Events)));

    [Fact]
    public void Means_every_refusal_there_is() =>
        Assert.Equal(
            Enum.GetValues<MovementRefusal>(),
            AllRows.SelectMany(r => r.Answers).Select(a => a.Answer.Refusal).OfType<MovementRefusal>().Distinct().Order());

    private static void IsAnswered(MovementTable.Row row, string state, MovementEvent[] past)
    {
        var (answer, outcome) = (row.AnswerIn(state), Movement.Given(past).When(row.Command));
        if (answer.Refusal is { } reason)
        {
            outcome.ThenRefused(reason);
        }
        else
        {
            outcome.Then(answer.Events);
        }
    }
}
