using System.CommandLine;
using System.Globalization;
using FiberLink.EventStore.Sealing;
using FiberLink.EventStore;
using FiberLink.Events.Money;
using FiberLink.Events.Tips;
using FiberLink.Events.Withdrawals;
using FiberLink.Service.CommandHandling;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Cli.Commands;

/// <summary><c>audit prove</c> and <c>audit receipt</c>: files that show by themselves that an event is in the log.</summary>
internal static class AuditProveCommands
{
    private const string Extension = "tlog-proof";

    public static Command BuildProve(SharedOptions shared)
    {
        var kind = new Argument<string>("kind") { Description = "event, or entry: an event that moves money." };
        kind.AcceptOnlyFromAmong("event", "entry");
        var id = new Argument<string>("id") { Description = "The event's id, or its position in the log. By id it may take a while." };
        var output = Output();
        var command = new Command("prove", "Write a file that shows that an event is in the log, with all that the event says.")
        {
            kind, id, output,
        };
        command.SetAction(async (parsed, ct) =>
        {
            await using var tools = new AuditTools(shared.HomeOf(parsed).ToolSettings());
            var text = parsed.GetValue(id)!;
            var position = await PositionAsync(tools, text, ct);
            if (parsed.GetValue(kind) == "entry"
                && await EventAsync(tools, position, ct) is not { Body: IMovesMoney { Entry: not null } })
            {
                throw new CommandFailedException(ExitCode.Refused, $"The event {text} moves no money.");
            }

            return await WriteAsync(tools, position, parsed.GetValue(output), $"event-{position}", ct);
        });
        return command;
    }

    public static Command BuildReceipt(SharedOptions shared)
    {
        var kind = new Argument<string>("kind") { Description = "tip or withdrawal." };
        kind.AcceptOnlyFromAmong("tip", "withdrawal");
        var id = new Argument<string>("id") { Description = "The tip's or the withdrawal's id." };
        var app = new Option<string?>("--app") { Description = "The community, when several have one of that id." };
        var output = Output();
        var command = new Command(
            "receipt", "Write the receipt of a settled tip or a completed withdrawal: a signed proof that anybody can check.")
        {
            kind, id, app, output,
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
            return await WriteAsync(tools, PaidAt(events, what, asked), parsed.GetValue(output), name, ct);
        });
        return command;
    }

    private static long PaidAt(IReadOnlyList<RecordedEvent> events, string what, Guid id)
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

        return events.LastOrDefault(e => e.Body is TipEvent.Settled or WithdrawalEvent.Completed or WithdrawalEvent.Transferred)?.Position
            ?? throw new CommandFailedException(ExitCode.Refused, $"The {what} {id} is not paid.");
    }

    private static Option<string?> Output() =>
        new("--out") { Description = $"The file. [default: a name ending in .{Extension}; - prints it]" };

    private static async Task<long> PositionAsync(AuditTools tools, string text, CancellationToken ct)
    {
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var position))
        {
            return position;
        }

        return Guid.TryParse(text, out var id)
            ? await new SealedEvents(tools.Database).FindAsync(id, ct)
                ?? throw new CommandFailedException(ExitCode.Refused, $"There is no event {id}.")
            : throw new CommandFailedException(ExitCode.Usage, $"'{text}' is neither an id nor a position.");
    }

    private static async Task<RecordedEvent?> EventAsync(AuditTools tools, long position, CancellationToken ct) =>
        await tools.Services.GetRequiredService<IEventStore>().ReadLogAsync(Math.Max(0, position - 1), 1, ct) is [var found] ? found : null;

    private static async Task<int> WriteAsync(AuditTools tools, long position, string? output, string name, CancellationToken ct)
    {
        var proof = await tools.ProveAsync(position, ct);
        return await AuditTools.WriteAsync(
            proof.ToString(), output ?? $"{name}.{Extension}", Invariant($"position {position} of the log"), ct);
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
