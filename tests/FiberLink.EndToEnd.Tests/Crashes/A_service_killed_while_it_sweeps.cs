using FiberLink.Chain.Transactions;
using FiberLink.EndToEnd.Tests.Processes;
using FiberLink.EndToEnd.Tests.Serving;
using FiberLink.Service.CommandHandling;

using Names = FiberLink.Service.Startup.ServiceSettings.Names;

namespace FiberLink.EndToEnd.Tests.Crashes;

/// <summary>kill -9 at every step of a sweep's way: the next start goes on from what is stored; the cold address gets it once.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class A_service_killed_while_it_sweeps
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string> Steps => [.. StopPoints.All.Where(s => s.StartsWith("sweep:", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task Has_swept_once_after_the_next_start(string step)
    {
        await using var scene = await ServiceScene.StartAsync(Ct);
        await using var chain = await ChainScene.StartAsync(Ct);
        (string, string)[] settings = [.. chain.Settings, (Names.TreasuryCold, chain.Address), (Names.TreasuryDayMax, "CKB:500")];
        await using (var doomed = await scene.StartServiceAsync(Ct, [.. settings, (Names.StopAt, step)]))
        {
            await SweepAsync(scene, chain, settings);
            await chain.DiesAsync(doomed, Ct);
        }

        await using var service = await scene.StartServiceAsync(Ct, settings);
        await chain.MinedUntilAsync(
            "the sweep is complete", async () => await scene.Books.EventsAsync("movement.completed.v1", Ct) == 1, Ct);
        Assert.Equal(500 * (UInt128)CellOutput.ShannonPerByte, await chain.PaidAsync(Ct));
        Assert.Equal(1, await scene.Books.EventsAsync("movement.prepared.v1", Ct));
        Assert.Equal(0, await scene.Books.TrialBalanceAsync(Ct));
        Assert.Equal(0, await scene.Books.UnbalancedEntriesAsync(Ct));
        Assert.Equal(0, await scene.Books.DeadLettersAsync(Ct));
        Assert.Equal(
            0, await scene.Books.NumberAsync("select sum(units) from read_models.account_balances where account = 'InFlight'", Ct));
    }

    private static async Task SweepAsync(ServiceScene scene, ChainScene chain, (string Name, string Value)[] settings)
    {
        var shell = scene.Settings;
        foreach (var (name, value) in settings)
        {
            shell[name] = value;
        }

        async Task<string> DoAsync(params string[] arguments)
        {
            var finished = await FiberLinkProgram.RunAsync([.. arguments, "--reason", "a test", "--json"], shell, Ct);
            Assert.True(finished.ExitCode == 0, $"{finished}");
            return (string)System.Text.Json.Nodes.JsonNode.Parse(finished.Output)!["id"]!;
        }

        var id = await DoAsync("treasury", "sweep", "--to", chain.Address, "--amount", "500", "--by", "ann");
        await DoAsync("treasury", "approve", id, "--by", "bob");
    }
}
