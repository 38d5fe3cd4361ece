using System.Globalization;
using System.Text;
using FiberLink.Domain.Withdrawals;
using FiberLink.Events.Money;
using FiberLink.Events.Withdrawals;
using static FiberLink.Domain.Tests.Withdrawals.WithdrawalCommands;
using static FiberLink.Domain.Tests.Withdrawals.WithdrawalExamples;
using static FiberLink.Domain.Tests.Withdrawals.WithdrawalStates;

namespace FiberLink.Domain.Tests.Withdrawals;

public sealed class The_state_machine_as_printed
{
    [Fact]
    public void Is_the_one_that_was_approved() => Approval.Verify(Print(), "Withdrawal_state_machine");

    private static string Print()
    {
        var page = new StringBuilder();
        page.Append("# The withdrawal, state by state\n\n");
        page.Append("Printed from the decider: what is asked, what follows, and where the withdrawal stands then. What is not listed\n");
        page.Append("gives nothing new. 100 CKB go to an address for 1,000 shannon, or to an invoice for at most 0.5 CKB.\n");
        foreach (var (state, history) in States)
        {
            page.Append(CultureInfo.InvariantCulture, $"\n## {state}\n\n");
            page.Append(history.Length == 0 ? "After nothing.\n" : $"After {string.Join(", ", history.Select(Name))}.\n");
            page.Append("\n| Asked | Follows | Then |\n|---|---|---|\n");
            foreach (var (asked, command) in Commands)
            {
                if (Answer(command, Specification.StateAfter(history)) is var (follows, then))
                {
                    page.Append(CultureInfo.InvariantCulture, $"| {asked} | {follows} | {then} |\n");
                }
            }
        }

        return page.ToString();
    }

    private static (string Follows, string Then)? Answer(WithdrawalCommand command, WithdrawalState state) =>
        WithdrawalDecider.Decide(command, state) switch
        {
            Decision<WithdrawalEvent, WithdrawalRefusal>.Refused refused => ($"**refused: {refused.Reason}**", ""),
            Decision<WithdrawalEvent, WithdrawalRefusal>.Accepted { Events: [] } => null,
            Decision<WithdrawalEvent, WithdrawalRefusal>.Accepted { Events: var events } =>
                (string.Join("<br>", events.Select(Describe)), StateName(events.Aggregate(state, WithdrawalState.Evolve))),
            var other => throw new ArgumentException($"{other}", nameof(command)),
        };

    private static string StateName(WithdrawalState state) =>
        States.FirstOrDefault(s => StateText.Of(Specification.StateAfter(s.Value)) == StateText.Of(state)).Key ?? state.GetType().Name;

    private static string Name(WithdrawalEvent @event) =>
        @event switch
        {
            WithdrawalEvent.Requested { NeedsApproval: true } => "Requested (needs approval)",
            WithdrawalEvent.Requested { NotBefore: not null } => "Requested (cooling off)",
            WithdrawalEvent.TransactionPrepared e => $"TransactionPrepared {e.Attempt}",
            WithdrawalEvent.PaymentPrepared e => $"PaymentPrepared {e.Attempt}",
            WithdrawalEvent.Sent e => $"Sent {e.Attempt}",
            WithdrawalEvent.IncludedInBlock e => $"IncludedInBlock {e.Attempt}",
            WithdrawalEvent.TakenBack e => $"TakenBack {e.Attempt}",
            WithdrawalEvent.AttemptFailed e => $"AttemptFailed {e.Attempt}",
            WithdrawalEvent.Completed e => $"Completed by {e.Attempt}",
            WithdrawalEvent.Lost e => $"Lost {e.Attempt}",
            WithdrawalEvent.Failed e => $"Failed ({e.Reason})",
            WithdrawalEvent.PaidAfterFailure e => $"PaidAfterFailure {e.Attempt}",
            _ => @event.GetType().Name,
        };

    private static string Describe(WithdrawalEvent @event) =>
        @event is IMovesMoney { Entry: { } entry }
            ? $"{Name(@event)}: {string.Join(", ", entry.Postings.Select(Describe))}"
            : Name(@event);

    private static string Describe(Posting posting)
    {
        var place = posting.Member is { } member ? $"{posting.Account} of {member}" : $"{posting.Account}";
        return string.Create(CultureInfo.InvariantCulture, $"{place} {posting.Units:+0;-0} {posting.Asset}");
    }
}
