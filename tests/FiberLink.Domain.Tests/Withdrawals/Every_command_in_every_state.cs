using FiberLink.Domain.Withdrawals;
using FiberLink.Events.Withdrawals;
using static FiberLink.Domain.Tests.Withdrawals.WithdrawalCommands;
using static FiberLink.Domain.Tests.Withdrawals.WithdrawalExamples;
using static FiberLink.Domain.Tests.Withdrawals.WithdrawalStates;

namespace FiberLink.Domain.Tests.Withdrawals;

public sealed class Every_command_in_every_state
{
    public static TheoryData<string, string> Cells =>
        new(from state in States.Keys from command in Commands.Keys select (command, state));

    [Theory]
    [MemberData(nameof(Cells))]
    public void Is_answered_as_the_table_says(string command, string state)
    {
        var cell = Assert.Single(WithdrawalTable.Cells, c => c.Command == command && c.State == state);
        var outcome = Specification.Given(States[state]).When(Commands[command]);

        if (cell.Refusal is { } reason)
        {
            outcome.ThenRefused(reason);
        }
        else
        {
            outcome.Then(cell.Events);
        }
    }

    [Fact]
    public void Has_one_cell_in_the_table() =>
        Assert.Equal(
            States.Keys.SelectMany(s => Commands.Keys.Select(c => $"{c} | {s}")).Order(StringComparer.Ordinal),
            WithdrawalTable.Cells.Select(c => $"{c.Command} | {c.State}").Order(StringComparer.Ordinal));

    [Fact]
    public void Means_every_command_there_is() =>
        Assert.Equal(ClosedSet.CasesOf<WithdrawalCommand>(), ClosedSet.CasesIn(Commands.Values));

    [Fact]
    public void Means_every_state_there_is() =>
        Assert.Equal(ClosedSet.CasesOf<WithdrawalState>(), ClosedSet.CasesIn(States.Values.Select(Specification.StateAfter)));

    [Fact]
    public void Means_every_event_there_is() =>
        Assert.Equal(ClosedSet.CasesOf<WithdrawalEvent>(), ClosedSet.CasesIn(WithdrawalTable.Cells.SelectMany(c => c.Events)));

    [Fact]
    public void Means_every_refusal_there_is() =>
        Assert.Equal(
            Enum.GetValues<WithdrawalRefusal>(),
            WithdrawalTable.Cells.Select(c => c.Refusal).OfType<WithdrawalRefusal>().Distinct().Order());

    [Fact]
    public void Is_answered_the_same_when_it_is_asked_again_in_the_same_state()
    {
        foreach (var state in States.Values.Select(Specification.StateAfter))
        {
            foreach (var command in Commands.Values)
            {
                Assert.Equivalent(WithdrawalDecider.Decide(command, state), WithdrawalDecider.Decide(command, state), strict: true);
            }
        }
    }
}
