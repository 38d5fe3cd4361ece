using System.Net;
using System.Net.Sockets;
using FiberLink.EndToEnd.Tests.Processes;
using FiberLink.Service.Startup;
using FiberLink.Testing;

using Names = FiberLink.Service.Startup.ServiceSettings.Names;

namespace FiberLink.EndToEnd.Tests.Development;

/// <summary>Wrong usage and wrong settings end in 2 with a sentence that names what is wrong; help is there for everything.</summary>
public sealed class What_is_said_when_it_is_wrong
{
    private const int CommandsAtOnce = 2;
    private const string Nowhere = "/nonexistent/fiberlink";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("frobnicate", "frobnicate")]
    [InlineData("dev --port 70000", "--port")]
    [InlineData("dev --port x", "x")]
    [InlineData("rpc", "'rpc'")]
    [InlineData("rpc health.ping", "--url")]
    [InlineData("rpc health.ping --url nonsense --app a --secret b", "nonsense")]
    [InlineData("rpc health.ping --url ftp://host --app a --secret b", "ftp://host")]
    [InlineData("rpc health.ping { --url http://127.0.0.1:1 --app a --secret b", "not JSON")]
    [InlineData("sandbox list", "--node")]
    [InlineData("sandbox list --node ftp://host", "ftp://host")]
    [InlineData("sandbox slow --node http://127.0.0.1:1", "'slow'")]
    [InlineData("sandbox slow soon --node http://127.0.0.1:1", "soon")]
    [InlineData("sandbox twice maybe", "maybe")]
    [InlineData("sandbox report fibt1 --amount 1.5 --node http://127.0.0.1:1", "--amount")]
    [InlineData("sandbox report fibt1 --payment-hash 0x --node http://127.0.0.1:1", "--payment-hash")]
    [InlineData("events tail --from -1", "--from")]
    [InlineData("events tail --from x", "x")]
    [InlineData("balance demo", "'balance'")]
    [InlineData("balance demo 9", Names.Database)]
    [InlineData("db apply", Names.Database)]
    [InlineData("serve", Names.MasterKey)]
    [InlineData("node info", Names.NodeUrl)]
    [InlineData("node payments --after 12 --node http://127.0.0.1:1", "--after")]
    [InlineData("node invoice nonsense --node http://127.0.0.1:1", "no invoice")]
    public async Task Wrong_usage(string commandLine, string named)
    {
        var finished = await FiberLinkProgram.RunAsync([.. commandLine.Split(' '), "--home", Nowhere], null, Ct);

        Assert.True(finished.ExitCode == 2, $"{finished}");
        Assert.Contains(named, finished.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", finished.Errors, StringComparison.Ordinal);
        Assert.Equal("", finished.Output);
    }

    [Theory]
    [InlineData("serve", Names.Database, "nonsense")]
    [InlineData("db assert", Names.Database, "nonsense")]
    [InlineData("dev", Names.Database, "nonsense")]
    [InlineData("serve", Names.NodeUrl, "nonsense")]
    [InlineData("serve", Names.NodePubkey, "nonsense")]
    [InlineData("node channels", Names.NodeUrl, "nonsense")]
    [InlineData("node channels", Names.NodeTokenFile, "/nonexistent/token")]
    [InlineData("serve", Names.MasterKey, "c2hvcnQ=")]
    [InlineData("serve", Names.MasterKey, "")]
    [InlineData("serve", Names.Network, "moon")]
    [InlineData("serve", Names.InvoiceExpirySeconds, "1")]
    [InlineData("serve", Names.Assets, "{}")]
    public async Task Wrong_settings(string commandLine, string name, string value)
    {
        await using var folder = new DevFolder();
        var settings = new Dictionary<string, string>
        {
            [Names.Database] = "Host=/nonexistent;Username=x;Database=x",
            [Names.NodeUrl] = "http://127.0.0.1:1",
            [Names.MasterKey] = Convert.ToBase64String(new byte[32]),
            [name] = value,
        };

        var finished = await FiberLinkProgram.RunAsync([.. commandLine.Split(' '), "--home", folder.Path], settings, Ct);

        Assert.True(finished.ExitCode == 2, $"{finished}");
        Assert.Contains(name, finished.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("c2hvcnQ=", finished.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", finished.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_without_the_schema_names_the_command_that_makes_it()
    {
        await using var database = await TestDatabase.CreateAsync();
        var settings = new Dictionary<string, string>
        {
            [Names.Database] = database.ConnectionString,
            [Names.NodeUrl] = "http://127.0.0.1:1",
            [Names.MasterKey] = Convert.ToBase64String(new byte[32]),
        };

        foreach (var command in (string[])["serve", "balance demo 9", "events tail", "projections status", "communities list"])
        {
            var finished = await FiberLinkProgram.RunAsync([.. command.Split(' '), "--home", Nowhere], settings, Ct);
            Assert.True(finished.ExitCode == 1 && finished.Errors.Contains("db apply", StringComparison.Ordinal), $"{command}: {finished}");
        }

        var differs = await FiberLinkProgram.RunAsync(["db", "assert"], settings, Ct);
        Assert.Equal(1, differs.ExitCode);
        var applied = await FiberLinkProgram.RunAsync(["db", "apply"], settings, Ct);
        Assert.True(applied.ExitCode == 0 && applied.Output.Contains(Schema.Migrations[0].Id, StringComparison.Ordinal), $"{applied}");
        Assert.Equal(0, (await FiberLinkProgram.RunAsync(["db", "assert"], settings, Ct)).ExitCode);

        settings.Remove(Names.MasterKey);
        var sealing = await FiberLinkProgram.RunAsync(["communities", "create", "club", "--home", Nowhere], settings, Ct);
        Assert.True(sealing.ExitCode == 2 && sealing.Errors.Contains(Names.MasterKey, StringComparison.Ordinal), $"{sealing}");
    }

    [Fact]
    public async Task A_taken_port_ends_in_3()
    {
        await using var database = await TestDatabase.CreateAsync(Schema.Migrations);
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var settings = new Dictionary<string, string>
        {
            [Names.Database] = database.ConnectionString,
            [Names.NodeUrl] = "http://127.0.0.1:1",
            [Names.MasterKey] = Convert.ToBase64String(new byte[32]),
            [Names.Urls] = $"http://{taken.LocalEndpoint}",
        };

        var finished = await FiberLinkProgram.RunAsync(["serve"], settings, Ct);

        Assert.True(finished.ExitCode == 3 && finished.Errors.Contains("address already in use", StringComparison.Ordinal), $"{finished}");
    }

    [Fact]
    public async Task A_server_that_is_away_ends_in_3()
    {
        var settings = new Dictionary<string, string> { [Names.Database] = "Host=127.0.0.1;Port=1;Username=x;Database=x" };

        var finished = await FiberLinkProgram.RunAsync(["balance", "demo", "9", "--home", Nowhere], settings, Ct);

        Assert.True(finished.ExitCode == 3 && finished.Errors.Contains("does not answer", StringComparison.Ordinal), $"{finished}");
    }

    [Fact]
    public async Task Every_command_has_help()
    {
        IReadOnlyList<string[]> level = [[]];
        var seen = 0;
        while (level.Count > 0)
        {
            var next = new List<string[]>();
            foreach (var some in level.Chunk(CommandsAtOnce))
            {
                foreach (var found in await Task.WhenAll(some.Select(HelpAsync)))
                {
                    next.AddRange(found);
                }
            }

            seen += level.Count;
            level = next;
        }

        Assert.True(seen > 30, $"Only {seen} commands were found.");
    }

    /// <returns>The commands below.</returns>
    private static async Task<IReadOnlyList<string[]>> HelpAsync(string[] command)
    {
        var finished = await FiberLinkProgram.RunAsync([.. command, "--help"], null, Ct);
        Assert.True(finished.ExitCode == 0 && finished.Errors.Length == 0, $"{string.Join(' ', command)}: {finished}");
        var lines = finished.Output.Split('\n');
        Assert.Equal("Description:", lines[0]);
        Assert.Matches(@"^  \S", lines[1]);
        return
        [
            .. lines.SkipWhile(l => l != "Commands:").Skip(1).TakeWhile(l => l.StartsWith("  ", StringComparison.Ordinal))
                .Where(l => l.Length > 2 && l[2] != ' ').Select(l => (string[])[.. command, l.Trim().Split(' ')[0].TrimEnd(',')]),
        ];
    }
}
