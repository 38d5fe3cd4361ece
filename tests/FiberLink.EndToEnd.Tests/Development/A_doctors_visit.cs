using FiberLink.EndToEnd.Tests.Processes;

using Names = FiberLink.Service.Startup.ServiceSettings.Names;

namespace FiberLink.EndToEnd.Tests.Development;

/// <summary><c>doctor</c>: what is well, what is not, and what to do.</summary>
public sealed class A_doctors_visit
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Finds_nothing_bad_where_everything_runs_and_says_what_is_away_when_it_is()
    {
        await using var folder = new DevFolder();
        await using var dev = await folder.StartDevAsync(Ct);
        var findings = (await folder.JsonAsync(Ct, "doctor")).AsArray();
        Assert.Equal(
            [
                "settings", "server", "durability", "backups", "clocks", "schema", "read models", "service", "messages",
                "erased keys", "Fiber node", "chain node", "signer",
            ],
            findings.Select(f => (string?)f!["what"]));
        Assert.DoesNotContain("bad", findings.Select(f => (string?)f!["condition"]));

        var elsewhere = await FiberLinkProgram.RunAsync(
            ["doctor", "--home", folder.Path],
            new Dictionary<string, string> { [Names.NodeUrl] = "http://127.0.0.1:1", [Names.Network] = "mainnet" },
            Ct);
        Assert.Equal(1, elsewhere.ExitCode);
        Assert.Matches(@"(?m)^BAD +Fiber node +it does not answer as it should", elsewhere.Output);
        Assert.Matches(@"(?m)^good +schema", elsewhere.Output);

        var away = await FiberLinkProgram.RunAsync(
            ["doctor", "--home", folder.Path],
            new Dictionary<string, string> { [Names.Database] = "Host=127.0.0.1;Port=1;Username=x;Database=x" },
            Ct);
        Assert.Equal(1, away.ExitCode);
        Assert.Matches(@"(?m)^BAD +server +Failed to connect", away.Output);
    }

    [Fact]
    public async Task Names_each_setting_that_is_wrong()
    {
        var settings = new Dictionary<string, string> { [Names.NodeTimeoutSeconds] = "900", [Names.Network] = "moon" };

        var finished = await FiberLinkProgram.RunAsync(["doctor", "--home", "/nowhere"], settings, Ct);

        Assert.Equal(1, finished.ExitCode);
        Assert.Matches(@"(?m)^BAD +settings +FIBERLINK_NODE_TIMEOUT_SECONDS", finished.Output);
        Assert.Matches(@"(?m)^BAD +settings +FIBERLINK_NETWORK", finished.Output);
        Assert.Matches(@"(?m)^BAD +server +not looked at", finished.Output);
    }
}
