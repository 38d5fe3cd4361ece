using System.CommandLine;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.Projections.Withdrawals;
using FiberLink.Service;
using FiberLink.Service.Startup;
using FiberLink.Service.Withdrawals.Administration;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Cli.Commands;

/// <summary><c>withdrawals</c>: where each stands, and what operators decide about it.</summary>
internal static class WithdrawalsCommands
{

    private static readonly (string Name, WithdrawalStage Stage)[] Stages =
    [
        ("queued", WithdrawalStage.Queued), ("prepared", WithdrawalStage.Prepared), ("sent", WithdrawalStage.Sent),
        ("in-block", WithdrawalStage.InBlock), ("completed", WithdrawalStage.Completed), ("failed", WithdrawalStage.Failed),
        ("cancelled", WithdrawalStage.Cancelled), ("lost", WithdrawalStage.Lost),
        ("paid-after-failure", WithdrawalStage.PaidAfterFailure),
    ];

    private delegate Task<OperatorAnswer> Decide(
        WithdrawalAdministration administration, string? app, Guid id, string by, string reason, CancellationToken ct);

    public static Command Build(SharedOptions shared) =>
        new("withdrawals", "Where withdrawals stand, and what is decided about them.")
        {
            BuildList(shared),
            BuildShow(shared),
            Build(shared, "approve", "Agree to one that is above the threshold. Whoever asked for it cannot.", "approved",
                (admin, app, id, by, reason, ct) => admin.ApproveAsync(app, id, by, reason, ct)),
            Build(shared, "hold", "Have nothing sent for it until it is released. The money stays held; there is no deadline.", "held back",
                (admin, app, id, by, reason, ct) => admin.HoldAsync(app, id, by, reason, ct)),
            Build(shared, "release", "Let it go on at once: ends a hold, and whatever it waits for but an approval.", "released",
                (admin, app, id, by, reason, ct) => admin.ReleaseAsync(app, id, by, reason, ct)),
            Build(shared, "cancel", "Call it off, as long as nothing was sent. The member has the money again at once.", "cancelled",
                (admin, app, id, by, reason, ct) => admin.CancelAsync(app, id, by, reason, ct)),
            Build(shared, "retry", "End the pause between two attempts, and nothing else.", "retried",
                (admin, app, id, by, reason, ct) => admin.RetryAsync(app, id, by, reason, ct)),
        };

    private static Command BuildList(SharedOptions shared)
    {
        var app = new Option<string?>("--app") { Description = "Those of a community." };
        var member = new Option<string?>("--member") { Description = "Those of a member." };
        var state = new Option<string?>("--state") { Description = $"Those in a state: {string.Join(", ", Stages.Select(s => s.Name))}." };
        state.AcceptOnlyFromAmong([.. Stages.Select(s => s.Name)]);
        var needsApproval = new Option<bool>("--needs-approval") { Description = "Those that somebody must agree to." };
        var limit = new LimitOption();
        var list = new Command("list", "List withdrawals, those that changed last first.")
        {
            app, member, state, needsApproval, limit.Option,
        };
        list.SetAction((parsed, ct) => ListAsync(
            shared,
            parsed,
            new(
                parsed.GetValue(app),
                parsed.GetValue(member),
                parsed.GetValue(state) is { } name ? [Stages.Single(s => s.Name == name).Stage] : null,
                parsed.GetValue(needsApproval),
                limit.Read(parsed)),
            ct));
        return list;
    }

    private static Command BuildShow(SharedOptions shared)
    {
        var (id, app) = (Id(), App());
        var show = new Command("show", "Show what was agreed, where it stands, why it waits, what is next, and all that has happened.")
        {
            id, app,
        };
        show.SetAction(async (parsed, ct) =>
        {
            await using var tools = ServiceHost.BuildTools(shared.HomeOf(parsed).ToolSettings());
            var report = await FindAsync(tools, parsed.GetValue(app), parsed.GetValue(id), ct);
            await (parsed.GetValue(shared.Json)
                ? Printer.JsonAsync(WithdrawalsPrinter.Json(report, tools.GetRequiredService<AssetSettings>()))
                : WithdrawalsPrinter.ShowAsync(report, tools.GetRequiredService<AssetSettings>()));
            return ExitCode.Done;
        });
        return show;
    }

    private static Command Build(SharedOptions shared, string verb, string description, string done, Decide decide)
    {
        var (id, app, words) = (Id(), App(), new OperatorOptions());
        var command = new Command(verb, description + OperatorOptions.ExitCodes) { id, app };
        words.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            var (by, reason) = words.Read(parsed);
            await using var tools = ServiceHost.BuildTools(shared.HomeOf(parsed).ToolSettings());
            var isNew = OperatorOptions.IsNew(await decide(
                tools.GetRequiredService<WithdrawalAdministration>(), parsed.GetValue(app), parsed.GetValue(id), by, reason, ct));
            await SayAsync(
                await FindAsync(tools, parsed.GetValue(app), parsed.GetValue(id), ct), done, isNew, parsed.GetValue(shared.Json));
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task SayAsync(WithdrawalReport report, string done, bool isNew, bool asJson)
    {
        if (asJson)
        {
            await Printer.JsonAsync(new JsonObject
            {
                ["id"] = report.Row.WithdrawalId,
                ["appId"] = report.Row.Tenant,
                ["isNew"] = isNew,
                ["stage"] = report.Row.Stage.ToString(),
                ["waits"] = new JsonArray([.. report.Standing.Waits.Select(w => (JsonNode)w)]),
                ["next"] = report.Standing.Next,
            });
            return;
        }

        await Console.Out.WriteLineAsync(isNew ? $"{done}: {report.Row.WithdrawalId}" : "Nothing kept it so: nothing was done.");
        await WithdrawalsPrinter.StandingAsync(report.Standing);
    }

    private static async Task<int> ListAsync(SharedOptions shared, ParseResult parsed, WithdrawalFilter filter, CancellationToken ct)
    {
        await using var tools = ServiceHost.BuildTools(shared.HomeOf(parsed).ToolSettings());
        var assets = tools.GetRequiredService<AssetSettings>();
        var rows = await tools.GetRequiredService<WithdrawalsQuery>().ListAsync(filter, ct);
        await (parsed.GetValue(shared.Json)
            ? Printer.JsonAsync(new JsonArray([.. rows.Select(r => (JsonNode)WithdrawalsPrinter.Json(r, assets))]))
            : WithdrawalsPrinter.ListAsync(rows, assets, TimeProvider.System.GetUtcNow()));
        return ExitCode.Done;
    }

    private static async Task<WithdrawalReport> FindAsync(ServiceProvider tools, string? app, Guid id, CancellationToken ct) =>
        await tools.GetRequiredService<WithdrawalReports>().FindAsync(app, id, ct)
        ?? throw new CommandFailedException(ExitCode.Refused, $"There is no withdrawal {id}{(app is null ? "" : $" in {app}")}.");

    private static Argument<Guid> Id() => IdArgument.Build("withdrawal", "The withdrawal's id.");

    private static Option<string?> App() => new("--app") { Description = "Its community, to be sure of it." };
}
