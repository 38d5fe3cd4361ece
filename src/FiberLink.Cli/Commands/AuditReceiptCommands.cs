using System.CommandLine;
using FiberLink.Cli.Output;
using FiberLink.Events.Adjustments;
using FiberLink.Events.Tips;
using FiberLink.Events.Withdrawals;
using FiberLink.EventStore;
using FiberLink.Service.CommandHandling;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Cli.Commands;

/// <summary><c>audit receipt</c>: what was wished for and what came of it, in a file that shows by itself that it was so.</summary>
internal static class AuditReceiptCommands
{
    public static Command Build(SharedOptions shared)
    {
        var kind = new Argument<string>("kind") { Description = "tip, withdrawal or adjustment." };
        kind.AcceptOnlyFromAmong("tip", "withdrawal", "adjustment");
        var id = new Argument<string>("id") { Description = "The tip's, the withdrawal's or the adjustment's id." };
        var app = new Option<string?>("--app") { Description = "The community, when several have one of that id." };
        var outcomeOnly = new Option<bool>("--outcome-only")
        {
            Description = "Leave out what was wished for: of a tip, who gave it, for which post, and the sealed text; of a withdrawal, "
                + "where it went; of an adjustment, what the one who asked for it gave as a reason.",
        };
        var output = AuditProveCommands.Output();
        var command = new Command(
            "receipt",
            """
            Write the receipt of a settled tip, a completed withdrawal or an adjustment that is in the books: signed proofs that anybody
            can check. It has the event with the wish and the event with the outcome, word for word: who, what for, how much, where to.
            What a member wrote is in it sealed, and can't be read from it, with or without the member's key being erased.
            """)
        {
            kind, id, app, outcomeOnly, output,
        };
        command.SetAction(async (parsed, ct) =>
        {
            await using var tools = new AuditTools(shared.HomeOf(parsed).ToolSettings());
            var what = parsed.GetValue(kind)!;
            var asked = Ids.Read(what, parsed.GetValue(id)!)
                ?? throw new CommandFailedException(ExitCode.Usage, $"'{parsed.GetValue(id)}' is no id of a {what}.");
            var name = $"{what}-{asked:N}";
            var stream = await StreamFinder.FindAsync(tools.Database, name, parsed.GetValue(app), ct) switch
            {
                [var one] => one,
                [] => throw new CommandFailedException(ExitCode.Refused, $"There is no {what} {asked}."),
                _ => throw new CommandFailedException(
                    ExitCode.Refused, $"Several communities have a {what} {asked}: name the community with --app."),
            };
            var events = (await tools.Services.GetRequiredService<IEventStore>().ReadStreamAsync(stream, ct)).Events;
            var outcome = Outcome(events, what, asked);
            var told = events.Where(e => outcome.Contains(e) || (!parsed.GetValue(outcomeOnly) && IsWish(e.Body)));
            var proofs = await tools.ProveAsync([.. told.Select(e => e.Position)], ct);
            return await AuditTools.WriteAsync(
                string.Concat(proofs),
                parsed.GetValue(output) ?? $"{name}.{AuditProveCommands.Extension}",
                $"the {what}, by {Points.Text([.. proofs.Select(p => p.Index + 1)])} of the log",
                ct);
        });
        return command;
    }

    private static bool IsWish(object body) => body is TipEvent.Requested or WithdrawalEvent.Requested or AdjustmentEvent.Requested;

    private static RecordedEvent[] Outcome(IReadOnlyList<RecordedEvent> events, string what, Guid id)
    {
        if (events.LastOrDefault(e => e.Body is TipEvent.Suspended) is { } suspended)
        {
            throw new CommandFailedException(
                ExitCode.Refused,
                Invariant($"The {what} {id} was paid, but not as ordered: it is in suspense. ")
                + Invariant($"'audit prove entry {suspended.Position}' shows that."));
        }

        if (events.LastOrDefault(e => e.Body is WithdrawalEvent.Lost) is { } lost)
        {
            throw new CommandFailedException(
                ExitCode.Refused,
                Invariant($"The {what} {id} was complete, and a reorganisation has taken it back for good: it is in suspense. ")
                + Invariant($"'audit prove entry {lost.Position}' shows that."));
        }

        // An adjustment that was taken back is told with that.
        if (events.Where(e => e.Body is AdjustmentEvent.Posted or AdjustmentEvent.Reversed).ToArray() is { Length: > 0 } adjusted)
        {
            return adjusted;
        }

        return events.LastOrDefault(e => e.Body is TipEvent.Settled or WithdrawalEvent.Completed or WithdrawalEvent.Transferred) is { } paid
            ? [paid]
            : throw new CommandFailedException(
                ExitCode.Refused, what == "adjustment" ? $"The {what} {id} is not in the books." : $"The {what} {id} is not paid.");
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
