using System.Globalization;
using System.Text;
using FiberLink.Domain.Tips;
using FiberLink.Events.Money;
using FiberLink.Events.Tips;
using static FiberLink.Domain.Tests.Tips.TipExamples;

namespace FiberLink.Domain.Tests.Tips;

public sealed class The_state_machine_as_printed
{
    [Fact]
    public void Is_the_one_that_was_approved() => Approval.Verify(Print(), "Tip_state_machine");

    private static string Print()
    {
        var page = new StringBuilder();
        page.Append("# The tip, state by state\n\nPrinted from the decider: what is asked, what follows, and where the tip stands then.\n");
        page.Append("An invoice that differs asks for 1.4 CKB instead of 1.5.\n");
        foreach (var (state, history) in States)
        {
            page.Append(CultureInfo.InvariantCulture, $"\n## {state}\n\n");
            page.Append(history.Length == 0 ? "After nothing.\n" : $"After {string.Join(", ", history.Select(Name))}.\n");
            page.Append("\n| Asked | Follows | Then |\n|---|---|---|\n");
            foreach (var (asked, command) in Commands)
            {
                var (follows, then) = Answer(command, Specification.StateAfter(history));
                page.Append(CultureInfo.InvariantCulture, $"| {asked} | {follows} | {then} |\n");
            }
        }

        return page.ToString();
    }

    private static (string Follows, string Then) Answer(TipCommand command, TipState state) =>
        TipDecider.Decide(command, state) switch
        {
            Decision<TipEvent, TipRefusal>.Refused refused => ($"**refused: {refused.Reason}**", ""),
            Decision<TipEvent, TipRefusal>.Accepted { Events: [] } => ("nothing new", ""),
            Decision<TipEvent, TipRefusal>.Accepted { Events: var events } =>
                (string.Join("<br>", events.Select(Describe)), StateName(events.Aggregate(state, TipState.Evolve))),
            var other => throw new ArgumentException($"{other}", nameof(command)),
        };

    private static string StateName(TipState state) =>
        States.FirstOrDefault(s => Specification.StateAfter(s.Value) == state).Key ?? state.GetType().Name;

    private static string Name(TipEvent @event) =>
        @event switch
        {
            TipEvent.Cancelled e => $"Cancelled ({e.Reason})",
            TipEvent.Settled { Late: true } => "Settled late",
            TipEvent.PaidTwice { Difference: { } difference } => $"PaidTwice ({difference})",
            TipEvent.Suspended e => $"Suspended ({e.Difference})",
            _ => @event.GetType().Name,
        };

    private static string Describe(TipEvent @event) =>
        @event is IMovesMoney { Entry: { } entry }
            ? $"{Name(@event)}: {string.Join(", ", entry.Postings.Select(Describe))}"
            : Name(@event);

    private static string Describe(Posting posting)
    {
        var place = posting.Member is { } member ? $"{posting.Account} of {member}" : $"{posting.Account}";
        return string.Create(CultureInfo.InvariantCulture, $"{place} {posting.Units:+0;-0} {posting.Asset}");
    }
}
