using System.Globalization;
using System.Text.Json.Nodes;
using FiberLink.EndToEnd.Tests.Processes;
using FiberLink.Testing;

namespace FiberLink.EndToEnd.Tests.Development;

/// <summary>Every command, as a process, against what <c>fiberlink dev</c> runs.</summary>
public sealed class A_developers_commands(A_developers_commands.RunningDev dev) : IClassFixture<A_developers_commands.RunningDev>
{
    private readonly DevFolder _folder = dev.Folder;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Dev_says_what_runs_where_and_writes_it_down()
    {
        var file = await _folder.DevFileAsync(Ct);

        Assert.Equal(
            [
                "appId", "chainUrl", "connectionString", "database", "nodeUrl", "secret", "serviceUrl", "signerPubkey", "signerSocket",
            ],
            file.Select(p => p.Key).Order());
        Assert.All(
            (string[])["serviceUrl", "nodeUrl", "chainUrl", "database", "appId", "secret"],
            key => Assert.Contains((string)file[key]!, dev.Process.Output, StringComparison.Ordinal));
        await using var psql = RunningProcess.Start("psql", [(string)file["database"]!, "-Atc", "select 1"]);
        Assert.Equal(0, await psql.ExitCodeAsync(Ct));
        Assert.Equal("1", psql.Output);
    }

    [Fact]
    public async Task A_tip_goes_all_the_way()
    {
        Assert.Equal("ok", (string?)(await _folder.JsonAsync(Ct, "rpc", "health.ping"))["result"]!["status"]);
        var before = await BalanceAsync();
        var invoice = await _folder.TipAsync("way", "1.5", Ct);
        Assert.Equal("UNPAID", await _folder.TipStateAsync(invoice, Ct));

        Assert.EndsWith(" is Paid.", await _folder.DoAsync(Ct, "sandbox", "pay", invoice), StringComparison.Ordinal);
        await Eventually.HoldsAsync("it is settled", async () => await _folder.TipStateAsync(invoice, Ct) == "SETTLED", Ct);

        Assert.Equal(before + 150_000_000, await BalanceAsync());
        Assert.Matches(@"^ASSET +AVAILABLE +HELD\nCKB +\d+(\.\d+)? +0$", await _folder.DoAsync(Ct, "balance", "demo", "9"));
        Assert.Contains("never had", await _folder.DoAsync(Ct, "balance", "demo", "nobody"), StringComparison.Ordinal);
        Assert.Empty((await _folder.JsonAsync(Ct, "balance", "demo", "nobody"))["balances"]!.AsArray());

        var told = await _folder.DoAsync(Ct, "events", "stream", invoice, "--json");
        var events = told.Split('\n').Select(l => JsonNode.Parse(l)!).ToArray();
        Assert.Equal(["tip.requested.v1", "tip.invoice_issued.v1", "tip.settled.v1"], events.Select(e => (string)e["name"]!));
        var lines = (await _folder.DoAsync(Ct, "events", "stream", (string)events[0]["stream"]!)).Split('\n');
        Assert.Equal(3, lines.Length);
        Assert.Matches(@"^ +\d+  [-\d]{10} [:.\d]{12}  tip\.requested\.v1  post id way, from 7, to 9, amount 1\.5 CKB, ", lines[0]);
        Assert.Contains("MemberAvailable 9 +1.5 CKB, HubChannels -1.5 CKB", lines[2], StringComparison.Ordinal);

        var from = (long)events[1]["position"]!;
        var tail = await _folder.DoAsync(Ct, "events", "tail", "--from", $"{from}", "--json");
        Assert.True((long)JsonNode.Parse(tail.Split('\n')[0])!["position"]! == from + 1);
        Assert.Contains("tip.settled.v1", await _folder.DoAsync(Ct, "events", "tail", "--from", $"{from}"), StringComparison.Ordinal);

        var settled = (long)events[2]["position"]!;
        Assert.Equal(before, await BalanceAsync("--as-of", $"{settled - 1}"));
        Assert.Equal(before + 150_000_000, await BalanceAsync("--as-of", $"{settled}"));
        Assert.Equal(0, await BalanceAsync("--as-of", "2020-01-01"));
        string[] entries = ["ledger", "entries", "demo", "--member", "9", "--account", "memberAvailable", "--as-of", $"{settled}"];
        var entry = JsonNode.Parse(await _folder.DoAsync(Ct, [.. entries, "--limit", "1", "--json"]))!;
        Assert.Equal(
            ((string?)events[2]["id"], (string?)events[0]["stream"], "1.5"),
            ((string?)entry["eventId"], (string?)entry["stream"], (string?)entry["amount"]));
        var statement = await _folder.DoAsync(Ct, "ledger", "statement", "demo", "9", "--from", $"{settled - 1}", "--as-of", $"{settled}");
        Assert.Matches(
            "(?s)^Opening, after position .*tip from 7 to 9 for post .*Closing, as of position .*MemberAvailable [0-9.]+ CKB$", statement);
        Assert.Matches(@"(?m)^sum +0 +CKB$", await _folder.DoAsync(Ct, "ledger", "trial-balance", "demo", "--as-of", $"{settled}"));
    }

    [Fact]
    public async Task Points_that_the_log_does_not_have_are_refused()
    {
        await _folder.FailsAsync(2, "there is no position 99999999. The log goes from 1 to", "balance", "demo", "9", "--as-of", "99999999");
        await _folder.FailsAsync(2, "neither a position of the log nor a moment", "balance", "demo", "9", "--as-of", "yesterday");
        await _folder.FailsAsync(2, "There is no community 'nowhere'", "ledger", "trial-balance", "nowhere");
        await _folder.FailsAsync(2, "--limit takes 1 or more", "ledger", "entries", "demo", "--limit", "0");
        await _folder.FailsAsync(2, "--from takes 0 to", "ledger", "statement", "demo", "9", "--from", "5", "--as-of", "1");
        await _folder.FailsAsync(
            2, "there is no account 'Cash'; there are MemberAvailable", "ledger", "entries", "demo", "--account", "Cash");
    }

    [Fact]
    public async Task The_log_can_be_followed_until_Ctrl_C()
    {
        await using var tail = FiberLinkProgram.Start(["events", "tail", "--follow", "--json", "--home", _folder.Path]);
        await tail.LineAsync(l => l.Contains("community.registered.v1", StringComparison.Ordinal), Ct);

        var invoice = await _folder.TipAsync("followed", "1", Ct);

        await tail.LineAsync(l => l.Contains(invoice, StringComparison.Ordinal), Ct);
        await tail.InterruptAsync(Ct);
        Assert.Equal(0, await tail.ExitCodeAsync(Ct));
        Assert.Equal("", tail.Errors);
    }

    [Fact]
    public async Task Communities_are_registered_listed_and_given_new_secrets()
    {
        var secret = (string)(await _folder.JsonAsync(Ct, "communities", "create", "club", "--name", "The club"))["secret"]!;
        await _folder.DoAsync(Ct, "rpc", "health.ping", "--app", "club", "--secret", secret);
        var rotated = await _folder.DoAsync(Ct, "communities", "rotate-secret", "club", "--overlap", "1h");

        // The service looks into the vault at most once in a second, so it may not have heard yet.
        await Eventually.HoldsAsync("the new secret signs", async () => await PingAsync(rotated) == 0, Ct);
        await _folder.DoAsync(Ct, "rpc", "health.ping", "--app", "club", "--secret", secret);

        var listed = (await _folder.JsonAsync(Ct, "communities", "list")).AsArray();
        Assert.Equal(["club", "demo"], listed.Select(c => (string)c!["appId"]!).Order());
        Assert.DoesNotContain(secret, await _folder.DoAsync(Ct, "communities", "list"), StringComparison.Ordinal);

        await _folder.EndsAsync(1, "exists already", "communities", "create", "club");
        await _folder.EndsAsync(1, "no community", "communities", "rotate-secret", "nobody");
        await _folder.EndsAsync(1, "still valid", "communities", "rotate-secret", "club");
        await _folder.EndsAsync(1, "letters, digits", "communities", "create", "a b");
    }

    [Fact]
    public async Task The_node_says_what_it_is_and_has_in_our_words()
    {
        var info = await _folder.JsonAsync(Ct, "node", "info");
        Assert.Equal(("testnet", true), ((string?)info["network"], (bool)info["isOurNetwork"]!));
        Assert.Contains($"public key  {info["pubkey"]}", await _folder.DoAsync(Ct, "node", "info"), StringComparison.Ordinal);

        var text = await _folder.TipAsync("shown", "1.5", Ct);
        var hash = (await _folder.JsonAsync(Ct, "sandbox", "list")).AsArray().Single(i => (string?)i!["invoice"] == text)!["paymentHash"]!;
        var invoice = await _folder.JsonAsync(Ct, "node", "invoice", (string)hash!);
        Assert.Equal(("1.5", "CKB", "Open", text), ((string?)invoice["amount"], (string?)invoice["asset"], (string?)invoice["status"],
            (string?)invoice["invoice"]));
        await _folder.DoAsync(Ct, "sandbox", "pay", text);
        Assert.Contains("status    paid", await _folder.DoAsync(Ct, "node", "invoice", (string)hash!), StringComparison.Ordinal);

        var channel = (await _folder.JsonAsync(Ct, "node", "channels")).AsArray()[0]!;
        Assert.Equal(("CKB", "Ready"), ((string?)channel["asset"], (string?)channel["stage"]));
        Assert.Contains("can be sent", await _folder.DoAsync(Ct, "node", "channels"), StringComparison.Ordinal);

        await _folder.EndsAsync(1, "no such invoice", "node", "invoice", $"0x{new string('1', 64)}");
    }

    [Fact]
    public async Task The_sandbox_does_what_it_is_told()
    {
        var held = await _folder.TipAsync("held", "1", Ct);
        Assert.Equal("Received", (string?)(await _folder.JsonAsync(Ct, "sandbox", "hold", held))["status"]);
        Assert.Equal("Paid", (string?)(await _folder.JsonAsync(Ct, "sandbox", "settle", held))["status"]);
        await Eventually.HoldsAsync("it is settled", async () => await _folder.TipStateAsync(held, Ct) == "SETTLED", Ct);

        var over = await _folder.TipAsync("cancelled", "1", Ct);
        Assert.Equal("Cancelled", (string?)(await _folder.JsonAsync(Ct, "sandbox", "cancel", over))["status"]);
        await _folder.EndsAsync(1, "", "sandbox", "pay", over);
        var expired = await _folder.TipAsync("expired", "1", Ct);
        Assert.Equal("Expired", (string?)(await _folder.JsonAsync(Ct, "sandbox", "expire", expired))["status"]);
        await Eventually.HoldsAsync("it failed", async () => await _folder.TipStateAsync(expired, Ct) == "FAILED", Ct);

        var bent = await _folder.TipAsync("bent", "1", Ct);
        await _folder.DoAsync(Ct, "sandbox", "report", bent, "--amount", "99999999");
        await _folder.DoAsync(Ct, "sandbox", "pay", bent, "--after", "1ms");
        await Eventually.HoldsAsync(
            "it is in suspense",
            async () => (await _folder.DoAsync(Ct, "events", "stream", bent)).Contains("tip.suspended.v1", StringComparison.Ordinal),
            Ct);

        var listed = (await _folder.JsonAsync(Ct, "sandbox", "list")).AsArray()
            .ToDictionary(i => (string)i!["invoice"]!, i => (string)i!["status"]!);
        Assert.Equal(["Paid", "Cancelled", "Expired"], ((string[])[held, over, expired]).Select(i => listed[i]));
        Assert.StartsWith("STATUS", await _folder.DoAsync(Ct, "sandbox", "list"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_sandbox_has_every_fault_and_comes_back()
    {
        var lost = await _folder.TipAsync("before the faults", "1", Ct);
        try
        {
            await GoThroughFaultsAsync();
        }
        finally
        {
            await _folder.DoAsync(Ct, "sandbox", "reset");
        }

        await _folder.TipAsync("refused", "1", Ct);
        Assert.Equal("UNPAID", await _folder.TipStateAsync(lost, Ct));
        await _folder.EndsAsync(1, "payment hash", "sandbox", "pay", "0x12");
    }

    private async Task GoThroughFaultsAsync()
    {
        Assert.NotNull(await _folder.JsonAsync(Ct, "sandbox", "away"));
        await _folder.EndsAsync(1, "service unavailable", "rpc", "tip.create", Wish("away"));
        await _folder.DoAsync(Ct, "sandbox", "back");

        // The service may have given the node a pause by now, and asks it again when that is over.
        await Eventually.HoldsAsync(
            "the tip has its invoice",
            async () => (await _folder.RunAsync(Ct, "rpc", "tip.create", Wish("away"))).ExitCode == 0,
            Ct);

        await _folder.DoAsync(Ct, "sandbox", "lose-answers", "1");
        await _folder.DoAsync(Ct, "sandbox", "slow", "1ms");
        await _folder.DoAsync(Ct, "sandbox", "slow", "0s");
        await _folder.DoAsync(Ct, "sandbox", "twice", "on");
        await _folder.TipAsync("twice", "1", Ct);
        await _folder.DoAsync(Ct, "sandbox", "twice", "off");
        await _folder.DoAsync(Ct, "sandbox", "refuse", "new_invoice", "--message", "not today");
        await _folder.EndsAsync(1, "refuses", "rpc", "tip.create", Wish("refused"));
        Assert.True((long)(await _folder.JsonAsync(Ct, "sandbox", "calls"))["new_invoice"]! > 0);
    }

    [Fact]
    public async Task The_schema_and_the_read_models_say_how_they_are()
    {
        Assert.Contains("up to date", await _folder.DoAsync(Ct, "db", "apply"), StringComparison.Ordinal);
        Assert.Contains("as expected", await _folder.DoAsync(Ct, "db", "assert"), StringComparison.Ordinal);
        Assert.Empty((await _folder.JsonAsync(Ct, "db", "apply"))["applied"]!.AsArray());
        Assert.True((bool)(await _folder.JsonAsync(Ct, "db", "assert"))["isCurrent"]!);

        var models = (await _folder.JsonAsync(Ct, "projections", "status")).AsArray();
        Assert.Contains("TipStatus", models.Select(m => (string)m!["name"]!));
        Assert.All(models, m => Assert.Equal("running", (string?)m!["state"]));
        Assert.StartsWith("NAME", await _folder.DoAsync(Ct, "projections", "status"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_refused_ends_in_1_and_what_is_not_there_in_3()
    {
        await _folder.EndsAsync(1, "Method not found", "rpc", "no.such.method");
        await _folder.EndsAsync(1, "Unauthorized", "rpc", "health.ping", "--secret", "another one");
        await _folder.EndsAsync(1, "no stream, tip or invoice", "events", "stream", "nothing");

        foreach (var command in (string[][])[["rpc", "health.ping", "--url"], ["sandbox", "list", "--node"]])
        {
            var away = await _folder.RunAsync(Ct, [.. command, "http://127.0.0.1:1"]);
            Assert.Equal((3, ""), (away.ExitCode, away.Output));
            Assert.Contains("Connection refused", away.Errors, StringComparison.Ordinal);
        }

        // Something answers, but not what was asked for.
        var file = await _folder.DevFileAsync(Ct);
        var wrongNode = await _folder.RunAsync(Ct, "sandbox", "list", "--node", (string)file["serviceUrl"]!);
        var wrongService = await _folder.RunAsync(Ct, "rpc", "health.ping", "--url", $"{file["serviceUrl"]}/elsewhere");
        Assert.All(
            [wrongNode, wrongService], f => Assert.True(f.ExitCode == 3 && !f.Errors.Contains("   at ", StringComparison.Ordinal), $"{f}"));
    }

    private async Task<int> PingAsync(string secret) =>
        (await _folder.RunAsync(Ct, "rpc", "health.ping", "--app", "club", "--secret", secret)).ExitCode;

    private static string Wish(string post) =>
        $$"""{"amount":"1","asset":"CKB","postId":"{{post}}","fromUserId":"7","toUserId":"9"}""";

    private async Task<long> BalanceAsync(params string[] options)
    {
        var balances = (await _folder.JsonAsync(Ct, ["balance", "demo", "9", .. options]))["balances"]!.AsArray();
        return long.Parse((string?)balances.SingleOrDefault()?["availableUnits"] ?? "0", CultureInfo.InvariantCulture);
    }

    /// <summary>One <c>dev</c> for all of these tests.</summary>
    public sealed class RunningDev : IAsyncLifetime
    {
        private RunningProcess? _process;

        internal DevFolder Folder { get; } = new();

        internal RunningProcess Process => _process!;

        public async ValueTask InitializeAsync() => _process = await Folder.StartDevAsync(CancellationToken.None);

        public async ValueTask DisposeAsync()
        {
            await Process.DisposeAsync();
            await Folder.DisposeAsync();
        }
    }
}
