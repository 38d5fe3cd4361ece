using System.Text.Json.Nodes;
using FiberLink.Postgres;
using FiberLink.Testing;
using Npgsql;

namespace FiberLink.EndToEnd.Tests.Development;

/// <summary><c>projections pause|resume|skip|reset-shard</c> and <c>status</c>, as processes, beside a service that runs.</summary>
public sealed class Deciding_about_projections
{
    private static readonly string[] Said = ["--by", "olga", "--reason", "a test"];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stops_one_lets_it_go_on_and_has_it_leave_out_what_it_cannot_show()
    {
        await using var folder = new DevFolder();
        await using var dev = await folder.StartDevAsync(Ct);
        await using var database = NpgsqlDataSource.Create((string)(await folder.DevFileAsync(Ct))["connectionString"]!);
        await StandsAtTheEndAsync(folder);

        await SaysAsync(folder, "paused.", ["projections", "pause", "tipactivity", .. Said]);
        await SaysAsync(folder, "It was so", ["projections", "pause", "TipActivity", .. Said]);
        await folder.TipAsync("while it is paused", "1", Ct);
        var paused = await TipActivityAsync(folder);
        Assert.Equal(
            ("paused", "olga", "a test"),
            ((string?)paused["state"], (string?)paused["pause"]!["by"], (string?)paused["pause"]!["reason"]));
        Assert.True((long)paused["lag"]! > 0);
        var status = await folder.RunAsync(Ct, "status");
        Assert.Equal(1, status.ExitCode);
        Assert.Matches("look +read model +TipActivity is paused", status.Output);
        await SaysAsync(folder, "TipActivity is paused", ["doctor"]);

        await SaysAsync(folder, "resumed.", ["projections", "resume", "TipActivity", "--by", "olga"]);
        await StandsAtTheEndAsync(folder);

        await using (var forbid = database.Command(
            "alter table read_models.tip_activity add constraint not_this_one check (post_id <> 'poison')"))
        {
            await forbid.ExecuteNonQueryAsync(Ct);
        }

        await folder.TipAsync("poison", "1", Ct);
        await Eventually.HoldsAsync("it stands", async () => (string?)(await TipActivityAsync(folder))["state"] == "failing", Ct);
        var failing = await TipActivityAsync(folder);
        var at = ((long)failing["failedPosition"]!).ToString(System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(1, (await folder.RunAsync(Ct, "status")).ExitCode);
        await folder.FailsAsync(1, $"position {at}", ["projections", "skip", "1", "--projection", "TipActivity", .. Said]);
        await SaysAsync(folder, "skipped.", ["projections", "skip", at, "--projection", "TipActivity", .. Said]);
        await SaysAsync(folder, "It was so", ["projections", "skip", at, "--projection", "TipActivity", .. Said]);
        await Eventually.HoldsAsync("it goes on", async () => (await folder.RunAsync(Ct, "projections", "list")).ExitCode == 0, Ct);
        await StandsAtTheEndAsync(folder);

        await SaysAsync(folder, $"TipActivity leaves out the event at position {at}", ["projections", "list"]);
        await SaysAsync(folder, $"leaves out the event at position {at}", ["projections", "verify", "TipActivity"]);
        await SaysAsync(folder, "projection.event_skipped.v1", ["events", "tail"]);
        var audited = await folder.RunAsync(Ct, "audit", "verify");
        Assert.True(audited.ExitCode == 0, audited.ToString());
        await SaysAsync(folder, "is live", ["projections", "rebuild", "TipActivity", "--max-rate", "1000"]);

        await folder.FailsAsync(1, "always at the log's end", ["projections", "pause", "TipStatus", .. Said]);
        await folder.FailsAsync(1, "There are: TipActivity", ["projections", "pause", "Nothing", .. Said]);
        await folder.FailsAsync(1, "rebuild", ["projections", "reset-shard", "TipActivity", "All", "--to", "0", .. Said]);
        await folder.FailsAsync(1, "cannot begin in the middle", ["projections", "rebuild", "TipActivity", "--from", "3"]);
        await folder.FailsAsync(2, "1 to 10000000", ["projections", "rebuild", "TipActivity", "--max-rate", "0"]);
    }

    [Fact]
    public async Task One_screen_says_how_things_are()
    {
        await using var folder = new DevFolder();
        await using var dev = await folder.StartDevAsync(Ct);
        await folder.TipAsync("a post", "1", Ct);
        var status = await StatusAsync(folder);
        Assert.Equal(
            ["service", "log", "checkpoint", "read models", "messages", "tips", "withdrawals", "treasury"],
            status["findings"]!.AsArray().Select(f => (string)f!["what"]!).Distinct());
        Assert.Single(status["nodes"]!.AsArray());
        Assert.True((long)status["position"]! > 0);
        Assert.Matches(@"(?m)^good +tips +today \d+ requested, 0 settled, \d+ open", (await folder.RunAsync(Ct, "status")).Output);

        // Paid, and not as ordered: somebody has to decide.
        var bent = await folder.TipAsync("another post", "2", Ct);
        await folder.DoAsync(Ct, "sandbox", "report", bent, "--amount", "150000000");
        await folder.DoAsync(Ct, "sandbox", "pay", bent);
        await Eventually.HoldsAsync(
            "it is in suspense",
            async () => (await StatusAsync(folder))["suspense"]!.AsArray() is [{ } s] && (string)s["amount"]! == "1.5",
            Ct);
        Assert.Matches(@"(?m)^look +suspense +1.5 CKB of demo", (await folder.RunAsync(Ct, "status")).Output);
        var tip = (string)(await folder.JsonAsync(Ct, "ledger", "entries", "demo", "--account", "Suspense"))["stream"]!;
        await folder.FailsAsync(1, "it is in suspense. 'audit prove entry", "audit", "receipt", "tip", tip);
    }

    private static async Task<JsonNode> StatusAsync(DevFolder folder) =>
        JsonNode.Parse((await folder.RunAsync(Ct, "status", "--json")).Output)!;

    private static async Task<JsonNode> TipActivityAsync(DevFolder folder)
    {
        var listed = await folder.RunAsync(Ct, "projections", "list", "--json");
        return JsonNode.Parse(listed.Output)!.AsArray().Single(m => (string)m!["name"]! == "TipActivity")!;
    }

    private static Task StandsAtTheEndAsync(DevFolder folder) =>
        Eventually.HoldsAsync("it shows all there is", async () => (long)(await TipActivityAsync(folder))["lag"]! == 0, Ct);

    private static async Task SaysAsync(DevFolder folder, string what, string[] arguments) =>
        Assert.Contains(what, await folder.DoAsync(Ct, arguments), StringComparison.Ordinal);
}
