using System.CommandLine;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.Projections.TipActivity;
using FiberLink.Service;
using FiberLink.Service.Startup;
using FiberLink.Service.Tips.Administration;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Cli.Commands;

/// <summary><c>tips</c>: who tipped whom, and what became of it.</summary>
internal static class TipsCommands
{
    public static Command Build(SharedOptions shared) =>
        new("tips", "Who tipped whom, and what became of it. What members wrote is not shown.")
        {
            BuildList(shared), BuildShow(shared),
        };

    private static Command BuildList(SharedOptions shared)
    {
        var app = new Option<string?>("--app") { Description = "Those of a community." };
        var member = new Option<string?>("--member") { Description = "Those from and to a member." };
        var direction = new Option<string?>("--direction") { Description = "With --member: in for those to him, out for those from him." };
        direction.AcceptOnlyFromAmong("in", "out");
        var state = new Option<string?>("--state")
        {
            Description = $"Those in a state: {string.Join(", ", TipsPrinter.Stages.Select(s => s.Name))}.",
        };
        state.AcceptOnlyFromAmong([.. TipsPrinter.Stages.Select(s => s.Name)]);
        var before = new Option<long?>("--before") { Description = "Go on before this POSITION, the last of the list before." };
        var limit = new LimitOption();
        var list = new Command("list", "List tips, with an invoice or without, those that were asked for last first.")
        {
            app, member, direction, state, before, limit.Option,
        };
        list.SetAction(async (parsed, ct) =>
        {
            if (parsed.GetValue(direction) is not null && parsed.GetValue(member) is null)
            {
                throw new CommandFailedException(ExitCode.Usage, "--direction needs a --member.");
            }

            var filter = new TipFilter(parsed.GetValue(app), parsed.GetValue(member), limit.Read(parsed))
            {
                In = parsed.GetValue(direction) is not "out",
                Out = parsed.GetValue(direction) is not "in",
                Stage = parsed.GetValue(state) is { } name ? TipsPrinter.Stages.Single(s => s.Name == name).Stage : null,
                Before = parsed.GetValue(before),
            };
            await using var tools = ServiceHost.BuildTools(shared.HomeOf(parsed).ToolSettings());
            if (filter.Tenant is { } tenant)
            {
                await NodeTools.RequireAppAsync(tools, tenant, ct);
            }

            var assets = tools.GetRequiredService<AssetSettings>();
            var rows = await tools.GetRequiredService<TipsQuery>().ListAsync(filter, ct);
            await (parsed.GetValue(shared.Json)
                ? Printer.JsonAsync(new JsonArray([.. rows.Select(r => (JsonNode)TipsPrinter.Json(r, assets))]))
                : TipsPrinter.ListAsync(rows, assets));
            return ExitCode.Done;
        });
        return list;
    }

    private static Command BuildShow(SharedOptions shared)
    {
        var id = new Argument<string>("id") { Description = "The tip's id (also as tip-…), its invoice, or its payment hash." };
        var app = new Option<string?>("--app") { Description = "Its community, when several have one of that id." };
        var show = new Command(
            "show", "Show what was agreed, what was credited or why nothing was, what is next, what proves it, and all that has happened.")
        {
            id, app,
        };
        show.SetAction(async (parsed, ct) =>
        {
            await using var tools = ServiceHost.BuildTools(shared.HomeOf(parsed).ToolSettings());
            var (text, tenant) = (parsed.GetValue(id)!, parsed.GetValue(app));
            var reports = tools.GetRequiredService<TipReports>();
            var (found, tip) = await reports.FindAsync(tenant, text, ct) switch
            {
                [var one] => one,
                [] => throw new CommandFailedException(
                    ExitCode.Refused,
                    $"There is no tip with that id, invoice or payment hash{(tenant is null ? "" : $" in {tenant}")}: {text}"),
                var many => throw new CommandFailedException(
                    ExitCode.Refused,
                    $"Several communities have that tip: name one with --app ({string.Join(", ", many.Select(m => m.Tenant))})."),
            };
            var (report, assets) = (await reports.ReadAsync(found, tip, ct), tools.GetRequiredService<AssetSettings>());
            await (parsed.GetValue(shared.Json)
                ? Printer.JsonAsync(TipsPrinter.Json(report, assets))
                : TipsPrinter.ShowAsync(report, assets));
            return ExitCode.Done;
        });
        return show;
    }
}
