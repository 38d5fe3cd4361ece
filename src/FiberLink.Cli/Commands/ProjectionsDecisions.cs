using System.CommandLine;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.Service;
using FiberLink.Service.Operations;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Cli.Commands;

/// <summary><c>projections pause|resume|skip|reset-shard</c>: each is an event in the log, with who and why.</summary>
internal static class ProjectionsDecisions
{
    public static Command BuildPause(SharedOptions shared)
    {
        var name = Name();
        var words = new OperatorOptions();
        var pause = new Command(
            "pause",
            """
            Have an async read model or a subscription stand still, on all nodes and until it is resumed: once this is answered, nothing of
            it is written. The log goes on, and so does everything else; it only falls behind. An inline read model cannot be paused. It
            can be rebuilt meanwhile: its rows are then those of the log's end at the take-over, and it goes on standing there.
            """ + OperatorOptions.ExitCodes) { name };
        words.AddTo(pause);
        SetAction(shared, pause, "paused", (projections, p, ct) =>
        {
            var (by, reason) = words.Read(p);
            return projections.PauseAsync(p.GetValue(name)!, by, reason, ct);
        });
        return pause;
    }

    public static Command BuildResume(SharedOptions shared)
    {
        var name = Name();
        var by = new Option<string>("--by") { Description = "Who decides it; it is kept.", Required = true };
        var resume = new Command("resume", "Have it go on from where it stands." + OperatorOptions.ExitCodes) { name, by };
        SetAction(shared, resume, "resumed", (projections, p, ct) =>
            projections.ResumeAsync(p.GetValue(name)!, OperatorOptions.ReadBy(p, by), ct));
        return resume;
    }

    public static Command BuildSkip(SharedOptions shared)
    {
        var which = new Argument<string>("event") { Description = "The event: its position in the log, or its id." };
        var projection = new Option<string>("--projection") { Description = "Which one leaves it out.", Required = true };
        var words = new OperatorOptions();
        var skip = new Command(
            "skip",
            """
            Have an async read model or a subscription leave out the event that it stands before and cannot show, for good: live, in every
            rebuild, comparison and replay. What the event says is then missing from its rows, so mend the cause instead where that
            can be done. Only the event that it stands before now can be left out ('projections list' says which). It goes on within half
            a minute.
            """ + OperatorOptions.ExitCodes) { which, projection };
        words.AddTo(skip);
        SetAction(shared, skip, "skipped", (projections, p, ct) =>
        {
            var (by, reason) = words.Read(p);
            return projections.SkipAsync(p.GetValue(projection)!, p.GetValue(which)!, by, reason, ct);
        });
        return skip;
    }

    public static Command BuildResetShard(SharedOptions shared)
    {
        var name = Name();
        var shard = new Argument<string>("shard") { Description = "All, or 2of4 of one that is split." };
        var to = new Option<long>("--to")
        {
            Description = "The position that it is to stand at: before where it stands now.",
            Required = true,
        };
        var words = new OperatorOptions();
        var reset = new Command(
            "reset-shard",
            """
            Set a subscription back, so that it is given again what comes after a position: it may be given any event twice, and does no
            harm by it. A read model is refused: its rows show those events already, and would count them twice; rebuild it. Nothing is
            ever set forward: what lies between would be left out in silence.
            """ + OperatorOptions.ExitCodes) { name, shard, to };
        words.AddTo(reset);
        SetAction(shared, reset, "reset", (projections, p, ct) =>
        {
            var (by, reason) = words.Read(p);
            return p.GetValue(to) >= 0
                ? projections.ResetShardAsync(p.GetValue(name)!, p.GetValue(shard)!, p.GetValue(to), by, reason, ct)
                : throw new CommandFailedException(ExitCode.Usage, "--to takes 0 or more.");
        });
        return reset;
    }

    private static Argument<string> Name() =>
        new("name") { Description = "An async read model or a subscription; 'projections list' has them." };

    private static void SetAction(
        SharedOptions shared,
        Command command,
        string done,
        Func<ProjectionAdministration, ParseResult, CancellationToken, Task<ProjectionAnswer>> decide) =>
        command.SetAction(async (parsed, ct) =>
        {
            await using var tools = ServiceHost.BuildTools(shared.HomeOf(parsed).ToolSettings());
            var isNew = await decide(tools.GetRequiredService<ProjectionAdministration>(), parsed, ct) switch
            {
                ProjectionAnswer.Done answer => answer.IsNew,
                ProjectionAnswer.Refused refused => throw new CommandFailedException(ExitCode.Refused, refused.Why),
                _ => throw new System.Diagnostics.UnreachableException(),
            };
            await (parsed.GetValue(shared.Json)
                ? Printer.JsonAsync(new JsonObject { [done] = isNew })
                : Console.Out.WriteLineAsync(isNew ? $"{done}." : "It was so already: nothing was done."));
            return ExitCode.Done;
        });
}
