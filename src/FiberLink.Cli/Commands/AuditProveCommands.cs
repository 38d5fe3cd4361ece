using System.CommandLine;
using System.Globalization;
using FiberLink.Events.Money;
using FiberLink.EventStore;
using FiberLink.EventStore.Sealing;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Cli.Commands;

/// <summary><c>audit prove</c>: files that show something of the log by themselves.</summary>
internal static class AuditProveCommands
{
    /// <summary>What names of such files end in.</summary>
    public const string Extension = "tlog-proof";

    public static Command BuildProve(SharedOptions shared) => new("prove", "Write a file that shows something of the log by itself.")
    {
        BuildProveEvent(shared, "event", "an event is in the log, with all that it says", _ => true),
        BuildProveEvent(
            shared,
            "entry",
            "an event that moves money is in the log, with all that it says",
            body => body is IMovesMoney { Entry: not null }),
        AuditConsistencyCommands.BuildProve(shared),
    };

    private static Command BuildProveEvent(SharedOptions shared, string name, string shows, Func<object?, bool> fits)
    {
        var id = new Argument<string>("id") { Description = "The event's id, or its position in the log. By id it may take a while." };
        var output = Output();
        var command = new Command(name, $"Write a file that shows that {shows}.") { id, output };
        command.SetAction(async (parsed, ct) =>
        {
            await using var tools = new AuditTools(shared.HomeOf(parsed).ToolSettings());
            var text = parsed.GetValue(id)!;
            var position = await PositionAsync(tools, text, ct);
            return fits((await EventAsync(tools, position, ct))?.Body)
                ? await WriteAsync(tools, position, parsed.GetValue(output), $"event-{position}", ct)
                : throw new CommandFailedException(ExitCode.Refused, $"The event {text} moves no money.");
        });
        return command;
    }

    /// <summary>The file that a proof is written into.</summary>
    public static Option<string?> Output() =>
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
