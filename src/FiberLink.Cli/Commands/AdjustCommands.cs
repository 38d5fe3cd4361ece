using System.CommandLine;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.Projections.Adjustments;
using FiberLink.Service;
using FiberLink.Service.Adjustments;
using FiberLink.Service.Startup;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Cli.Commands;

/// <summary><c>adjust</c>: corrections of a community's books by hand.</summary>
internal static class AdjustCommands
{
    private delegate Task<AdjustmentAnswer> Decide(
        AdjustmentAdministration administration, Guid id, string by, string reason, CancellationToken ct);

    public static Command Build(SharedOptions shared) =>
        new("adjust", "Correct a community's books by hand: one person asks, another agrees.")
        {
            BuildList(shared),
            BuildShow(shared),
            BuildRequest(shared),
            Build(shared, "approve", "Agree to an adjustment, or to its reversal. Whoever asked for it cannot.", "approved",
                (admin, id, by, reason, ct) => admin.ApproveAsync(id, by, reason, ct)),
            Build(shared, "cancel", "Call off an adjustment, or its reversal, that nobody has agreed to.", "cancelled",
                (admin, id, by, reason, ct) => admin.CancelAsync(id, by, reason, ct)),
            Build(shared, "reverse", "Ask for what is in the books to be taken back, once. Another person must agree.", "requested",
                (admin, id, by, reason, ct) => admin.ReverseAsync(id, by, reason, ct)),
        };

    private static Command BuildList(SharedOptions shared)
    {
        var app = new Option<string?>("--app") { Description = "Only this community's." };
        var state = new Option<string?>("--state")
        {
            Description = $"Those in a state: {string.Join(", ", AdjustmentsPrinter.Stages.Select(s => s.Name))}.",
        };
        state.AcceptOnlyFromAmong([.. AdjustmentsPrinter.Stages.Select(s => s.Name)]);
        var limit = new LimitOption();
        var list = new Command("list", "List adjustments, those that changed last first.") { app, state, limit.Option };
        list.SetAction(async (parsed, ct) =>
        {
            var most = limit.Read(parsed);
            await using var tools = ServiceHost.BuildTools(shared.HomeOf(parsed).ToolSettings());
            var assets = tools.GetRequiredService<AssetSettings>();
            var rows = await tools.GetRequiredService<AdjustmentsQuery>().ListAsync(
                parsed.GetValue(app),
                parsed.GetValue(state) is { } name ? AdjustmentsPrinter.Stages.Single(s => s.Name == name).Stage : null,
                most,
                ct);
            await (parsed.GetValue(shared.Json)
                ? Printer.JsonAsync(new JsonArray([.. rows.Select(r => (JsonNode)AdjustmentsPrinter.Json(r, assets))]))
                : AdjustmentsPrinter.ListAsync(rows, assets));
            return ExitCode.Done;
        });
        return list;
    }

    private static Command BuildShow(SharedOptions shared)
    {
        var id = Id();
        var show = new Command("show", "Show what was asked for, where it stands, and all that has happened.") { id };
        show.SetAction(async (parsed, ct) =>
        {
            await using var tools = ServiceHost.BuildTools(shared.HomeOf(parsed).ToolSettings());
            var assets = tools.GetRequiredService<AssetSettings>();
            var report = await tools.GetRequiredService<AdjustmentAdministration>().FindAsync(parsed.GetValue(id), ct)
                ?? throw new CommandFailedException(ExitCode.Refused, $"There is no adjustment {parsed.GetValue(id)}.");
            await (parsed.GetValue(shared.Json)
                ? Printer.JsonAsync(AdjustmentsPrinter.Json(report, assets))
                : AdjustmentsPrinter.ShowAsync(report, assets));
            return ExitCode.Done;
        });
        return show;
    }

    private static Command BuildRequest(SharedOptions shared)
    {
        var app = new Option<string>("--app") { Description = "The community.", Required = true };
        var from = Account("--from", "Who is to have less");
        var to = Account("--to", "Who is to have more");
        var amount = new AmountOptions();
        var isNew = new Option<bool>("--new-member") { Description = "The member who is to have more may be unknown to the books." };
        var words = new OperatorOptions();
        var request = new Command(
            "request",
            "Ask for an amount to be moved from one account of a community to another. Another person must agree."
            + OperatorOptions.ExitCodes)
        {
            app, from, to, amount.Amount, amount.Asset, isNew,
        };
        words.AddTo(request);
        request.SetAction(async (parsed, ct) =>
        {
            var (by, reason) = words.Read(parsed);
            var (less, more) = (AccountNames.Read("--from", parsed.GetValue(from)!), AccountNames.Read("--to", parsed.GetValue(to)!));
            await using var tools = ServiceHost.BuildTools(shared.HomeOf(parsed).ToolSettings());
            var asked = amount.Read(parsed, tools.GetRequiredService<AssetSettings>());
            var answer = await tools.GetRequiredService<AdjustmentAdministration>().RequestAsync(
                parsed.GetValue(app)!, less, more, asked, parsed.GetValue(isNew), by, reason, ct);
            return await SayAsync(tools, answer, "requested", parsed.GetValue(shared.Json), ct);
        });
        return request;
    }

    private static Command Build(SharedOptions shared, string verb, string description, string done, Decide decide)
    {
        var (id, words) = (Id(), new OperatorOptions());
        var command = new Command(verb, description + OperatorOptions.ExitCodes) { id };
        words.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            var (by, reason) = words.Read(parsed);
            await using var tools = ServiceHost.BuildTools(shared.HomeOf(parsed).ToolSettings());
            var answer = await decide(tools.GetRequiredService<AdjustmentAdministration>(), parsed.GetValue(id), by, reason, ct);
            return await SayAsync(tools, answer, done, parsed.GetValue(shared.Json), ct);
        });
        return command;
    }

    private static async Task<int> SayAsync(
        ServiceProvider tools, AdjustmentAnswer answer, string done, bool asJson, CancellationToken ct)
    {
        if (answer is not AdjustmentAnswer.Done { AdjustmentId: var id, IsNew: var isNew })
        {
            throw new CommandFailedException(ExitCode.Refused, ((AdjustmentAnswer.Refused)answer).Why);
        }

        var row = (await tools.GetRequiredService<AdjustmentsQuery>().FindAsync(id, ct))!;
        await (asJson
            ? Printer.JsonAsync(new JsonObject { ["id"] = id, ["isNew"] = isNew, ["stage"] = row.Stage.ToString() })
            : Console.Out.WriteLineAsync(isNew ? $"{done}: {id} ({row.Stage})" : $"It was so already: {id} ({row.Stage})."));
        return ExitCode.Done;
    }

    private static Option<string> Account(string name, string what) =>
        new(name) { Description = $"{what}: {AccountNames.Choices}.", Required = true };

    private static Argument<Guid> Id() => IdArgument.Build("adjustment", "The adjustment's id.");
}
