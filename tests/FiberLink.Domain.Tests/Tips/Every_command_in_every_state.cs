using FiberLink.Domain.Tips;
using FiberLink.Events.Tips;
using static FiberLink.Domain.Tests.Tips.TipExamples;

namespace FiberLink.Domain.Tests.Tips;

public sealed class Every_command_in_every_state
{
    public static TheoryData<string, string> Cells
    {
        get
        {
            var cells = new TheoryData<string, string>();
            foreach (var state in States.Keys)
            {
                foreach (var command in Commands.Keys)
                {
                    cells.Add(command, state);
                }
            }

            return cells;
        }
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void Is_answered_as_the_table_says(string command, string state)
    {
        var cell = Assert.Single(TipTable.Cells, c => c.Command == command && c.State == state);
        var outcome = Specification.Given(States[state]).When(Commands[command]);

        if (cell.Refusal is { } reason)
        {
            outcome.ThenRefused(reason);
        }
        else if (cell.Again is { } again)
        {
            outcome.ThenOnce(again, cell.Events);
        }
        else
        {
            outcome.Then(cell.Events);
        }
    }

    [Fact]
    public void Has_one_cell_in_the_table()
    {
        var wanted = States.Keys.SelectMany(s => Commands.Keys.Select(c => $"{c} | {s}"));

        Assert.Equal(
            wanted.Order(StringComparer.Ordinal),
            TipTable.Cells.Select(c => $"{c.Command} | {c.State}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Means_every_command_there_is() =>
        Assert.Equal(ClosedSet.CasesOf<TipCommand>(), ClosedSet.CasesIn(Commands.Values));

    [Fact]
    public void Means_every_state_there_is() =>
        Assert.Equal(ClosedSet.CasesOf<TipState>(), ClosedSet.CasesIn(States.Values.Select(Specification.StateAfter)));

    [Fact]
    public void Means_every_event_there_is() =>
        Assert.Equal(
            ClosedSet.CasesOf<TipEvent>(),
            ClosedSet.CasesIn(TipTable.Cells.SelectMany(c => c.Events)));

    [Fact]
    public void Means_every_reason_to_cancel_there_is() =>
        Assert.Equal(
            Enum.GetValues<CancelReason>(),
            States.Values.Select(Specification.StateAfter).OfType<TipState.Cancelled>().Select(s => s.Reason).Distinct().Order());

    /// <summary>Walks the whole machine: from the beginning, every command in every state that is met on the way.</summary>
    [Fact]
    public void Means_every_state_that_can_be_reached()
    {
        var reached = new HashSet<TipState> { TipState.Initial };
        var open = new Queue<TipState>(reached);
        while (open.TryDequeue(out var state))
        {
            foreach (var command in Commands.Where(c => c.Key != Ask.RequestOtherwise).Select(c => c.Value))
            {
                var next = TipDecider.Decide(command, state) is Decision<TipEvent, TipRefusal>.Accepted accepted
                    ? accepted.Events.Aggregate(state, TipState.Evolve)
                    : state;
                if (reached.Add(next))
                {
                    open.Enqueue(next);
                }
            }
        }

        Assert.Equal(
            States.Values.Select(s => Specification.StateAfter(s).ToString()).Order(StringComparer.Ordinal),
            reached.Select(s => s.ToString()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Is_answered_the_same_when_it_is_asked_again_in_the_same_state()
    {
        foreach (var state in States.Values.Select(Specification.StateAfter))
        {
            foreach (var command in Commands.Values)
            {
                Assert.Equivalent(TipDecider.Decide(command, state), TipDecider.Decide(command, state), strict: true);
            }
        }
    }
}
