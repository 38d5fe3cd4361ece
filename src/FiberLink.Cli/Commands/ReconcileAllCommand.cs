using System.CommandLine;
using FiberLink.Cli.Output;
using FiberLink.Service;
using FiberLink.Service.Reconciliation.OnChain;
using FiberLink.Service.Startup;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Cli.Commands;

/// <summary><c>reconcile all</c>: books, node and chain one after the other, and what waits.</summary>
internal static class ReconcileAllCommand
{
    public static Command Build(SharedOptions shared)
    {
        var app = new Option<string?>("--app") { Description = "Only this community." };
        var all = new Command(
            "all",
            """
            Compare the log with the books, the node and the chain, and list what waits. It only reads. With --json a line for each
            difference, and one for each part's totals. A chain that is not set up is passed over.

            Exit codes: 0 everything agrees; 1 something differs; 2 wrong usage or settings; 3 the database, the node or the chain's does
            not answer.
            """)
        {
            app,
        };
        all.SetAction(async (parsed, ct) =>
        {
            var settings = SettingsReader.ReadForDatabaseAndNode(shared.HomeOf(parsed).Variable);
            var (tenant, asJson) = (parsed.GetValue(app), parsed.GetValue(shared.Json));
            await using var tools = ServiceHost.BuildNodeTools(settings);
            if (tenant is not null)
            {
                await NodeTools.RequireAppAsync(tools, tenant, ct);
            }

            await NodeTools.RequireNodeAsync(tools, settings, ct);
            var codes = new List<(string Part, int Code)>();
            await PartAsync("books", () => ReconcileBooksCommand.RunAsync(tools, tenant, null, asJson, ct));
            await PartAsync("node", () => ReconcileCommand.RunAsync(tools, new(tenant, Repair: false), TimeSpan.Zero, asJson, ct));
            if (tools.GetRequiredService<ChainReconciliation>().IsSetUp)
            {
                await PartAsync(
                    "chain", () => ReconcileChainCommand.RunAsync(tools, tenant, ReconcileChainCommand.SinceStandard, asJson, ct));
            }

            await PartAsync("waiting", async () =>
            {
                await ReconcileAgeingCommand.SayAsync(tools, tenant, asJson, ct);
                return ExitCode.Done;
            });
            if (!asJson)
            {
                await Console.Out.WriteLineAsync();
                await Printer.TableAsync(
                    ["PART", "IS"],
                    [.. codes.Where(c => c.Part != "waiting").Select(c => (IReadOnlyList<string>)[c.Part, WordOf(c.Code)])]);
            }

            return codes.Max(c => c.Code);

            async Task PartAsync(string part, Func<Task<int>> runAsync)
            {
                if (!asJson)
                {
                    await Console.Out.WriteLineAsync($"{(codes.Count > 0 ? Environment.NewLine : "")}== {part}");
                }

                codes.Add((part, await runAsync()));
            }
        });
        return all;
    }

    private static string WordOf(int code) =>
        code switch
        {
            ExitCode.Done => "the same",
            ExitCode.Refused => "different",
            _ => "not answering",
        };
}
