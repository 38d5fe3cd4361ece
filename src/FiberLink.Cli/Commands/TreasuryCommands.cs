using System.CommandLine;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.Events.Treasury;
using FiberLink.Projections.Treasury;
using FiberLink.Service;
using FiberLink.Service.Startup;
using FiberLink.Service.Treasury.Administration;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Cli.Commands;

/// <summary><c>treasury</c>: what the hub itself has and needs, and the movements of it.</summary>
internal static class TreasuryCommands
{
    private static readonly (string Name, MovementStage Stage)[] Stages =
    [
        ("requested", MovementStage.Requested), ("approved", MovementStage.Approved), ("prepared", MovementStage.Prepared),
        ("sent", MovementStage.Sent), ("in-block", MovementStage.InBlock), ("completed", MovementStage.Completed),
        ("booked", MovementStage.Booked), ("failed", MovementStage.Failed), ("cancelled", MovementStage.Cancelled),
        ("lost", MovementStage.Lost), ("arrived-after-loss", MovementStage.ArrivedAfterLoss),
    ];

    private static readonly (string Name, HubPlace Place)[] Places =
    [
        ("on-chain", HubPlace.OnChain), ("channels", HubPlace.Channels), ("cold", HubPlace.Cold), ("kept-back", HubPlace.KeptBack),
    ];

    private delegate Task<TreasuryAnswer> Decide(
        TreasuryAdministration administration, Guid id, string by, string reason, CancellationToken ct);

    public static Command Build(SharedOptions shared) =>
        new("treasury", "What the hub itself has, what it needs, and the movements of it.")
        {
            BuildStatus(shared),
            BuildList(shared),
            BuildShow(shared),
            BuildSweep(shared),
            TreasuryChannelCommands.BuildToChannel(shared),
            TreasuryChannelCommands.BuildToChain(shared),
            BuildBook(shared),
            Build(shared, "approve", "Agree to a movement. Whoever asked for it cannot.", "approved",
                (admin, id, by, reason, ct) => admin.ApproveAsync(id, by, reason, ct)),
            Build(shared, "cancel", "Call a movement off, as long as nothing was sent.", "cancelled",
                (admin, id, by, reason, ct) => admin.CancelAsync(id, by, reason, ct)),
        };

    private static Command BuildStatus(SharedOptions shared)
    {
        var status = new Command(
            "status",
            """
            Show, for each asset, what the books say, what was seen of it and when, what waits to be paid, and what is wrong.

            Exit codes: 0 nothing is wrong; 1 there are alarms; 2 wrong usage; 3 the database does not answer.
            """);
        status.SetAction(async (parsed, ct) =>
        {
            await using var tools = ServiceHost.BuildTools(shared.HomeOf(parsed).ToolSettings());
            var assets = tools.GetRequiredService<AssetSettings>();
            var report = await tools.GetRequiredService<TreasuryReports>().StatusAsync(ct);
            await (parsed.GetValue(shared.Json)
                ? Printer.JsonAsync(TreasuryStatusPrinter.Json(report, assets))
                : TreasuryStatusPrinter.ShowAsync(report, assets));
            return report.Alarms.Any(a => a.IsTold) ? ExitCode.Refused : ExitCode.Done;
        });
        return status;
    }

    private static Command BuildList(SharedOptions shared)
    {
        var state = new Option<string?>("--state") { Description = $"Those in a state: {string.Join(", ", Stages.Select(s => s.Name))}." };
        state.AcceptOnlyFromAmong([.. Stages.Select(s => s.Name)]);
        var limit = new LimitOption();
        var list = new Command("list", "List movements, those that changed last first.") { state, limit.Option };
        list.SetAction(async (parsed, ct) =>
        {
            var most = limit.Read(parsed);
            await using var tools = ServiceHost.BuildTools(shared.HomeOf(parsed).ToolSettings());
            var assets = tools.GetRequiredService<AssetSettings>();
            var rows = await tools.GetRequiredService<MovementsQuery>().ListAsync(
                parsed.GetValue(state) is { } name ? Stages.Single(s => s.Name == name).Stage : null, most, ct);
            await (parsed.GetValue(shared.Json)
                ? Printer.JsonAsync(new JsonArray([.. rows.Select(r => (JsonNode)MovementsPrinter.Json(r, assets))]))
                : MovementsPrinter.ListAsync(rows, assets));
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
            var report = await tools.GetRequiredService<TreasuryReports>().FindAsync(parsed.GetValue(id), ct)
                ?? throw new CommandFailedException(ExitCode.Refused, $"There is no movement {parsed.GetValue(id)}.");
            await (parsed.GetValue(shared.Json)
                ? Printer.JsonAsync(MovementsPrinter.Json(report, assets))
                : MovementsPrinter.ShowAsync(report, assets));
            return ExitCode.Done;
        });
        return show;
    }

    private static Command BuildSweep(SharedOptions shared)
    {
        var to = new Option<string>("--to") { Description = "A cold address; it has to be on the list.", Required = true };
        var (amount, words) = (new AmountOptions(), new OperatorOptions());
        var sweep = new Command(
            "sweep",
            "Ask for CKB or a token to be moved from the hot wallet to a cold address. Another person must agree."
            + OperatorOptions.ExitCodes)
        {
            to, amount.Asset, amount.Amount,
        };
        words.AddTo(sweep);
        sweep.SetAction(async (parsed, ct) =>
        {
            var (by, reason) = words.Read(parsed);
            await using var tools = ServiceHost.BuildTools(shared.HomeOf(parsed).ToolSettings());
            var asked = amount.Read(parsed, tools.GetRequiredService<AssetSettings>());
            return await SayAsync(
                tools,
                await tools.GetRequiredService<TreasuryAdministration>()
                    .RequestSweepAsync(parsed.GetValue(to)!, asked, by, reason, ct),
                "requested",
                parsed.GetValue(shared.Json),
                ct);
        });
        return sweep;
    }

    private static Command BuildBook(SharedOptions shared)
    {
        var place = new Option<string>("--place")
        {
            Description = $"Where: {string.Join(", ", Places.Select(p => p.Name))}.",
            Required = true,
        };
        place.AcceptOnlyFromAmong([.. Places.Select(p => p.Name)]);
        var takenOut = new Option<bool>("--taken-out") { Description = "It was taken out, and not put in." };
        var (amount, words) = (new AmountOptions(), new OperatorOptions());
        var book = new Command(
            "book",
            "Tell the books of capital that was put in or taken out past this service. Another person must agree."
            + OperatorOptions.ExitCodes)
        {
            place, amount.Asset, amount.Amount, takenOut,
        };
        words.AddTo(book);
        book.SetAction(async (parsed, ct) =>
        {
            var (by, reason) = words.Read(parsed);
            await using var tools = ServiceHost.BuildTools(shared.HomeOf(parsed).ToolSettings());
            var asked = amount.Read(parsed, tools.GetRequiredService<AssetSettings>());
            return await SayAsync(
                tools,
                await tools.GetRequiredService<TreasuryAdministration>().RequestBookingAsync(
                    Places.Single(p => p.Name == parsed.GetValue(place)).Place,
                    parsed.GetValue(takenOut) ? BookingWay.TakenOut : BookingWay.PutIn,
                    asked,
                    by,
                    reason,
                    ct),
                "requested",
                parsed.GetValue(shared.Json),
                ct);
        });
        return book;
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
            return await SayAsync(
                tools,
                await decide(tools.GetRequiredService<TreasuryAdministration>(), parsed.GetValue(id), by, reason, ct),
                done,
                parsed.GetValue(shared.Json),
                ct);
        });
        return command;
    }

    internal static async Task<int> SayAsync(ServiceProvider tools, TreasuryAnswer answer, string done, bool asJson, CancellationToken ct)
    {
        if (answer is not TreasuryAnswer.Done { MovementId: var id, IsNew: var isNew })
        {
            throw new CommandFailedException(ExitCode.Refused, ((TreasuryAnswer.Refused)answer).Why);
        }

        var row = (await tools.GetRequiredService<MovementsQuery>().FindAsync(id, ct))!;
        await (asJson
            ? Printer.JsonAsync(new JsonObject { ["id"] = id, ["isNew"] = isNew, ["stage"] = row.Stage.ToString() })
            : Console.Out.WriteLineAsync(isNew ? $"{done}: {id} ({row.Stage})" : $"It was so already: {id} ({row.Stage})."));
        return ExitCode.Done;
    }

    private static Argument<Guid> Id() => IdArgument.Build("movement", "The movement's id.");
}
