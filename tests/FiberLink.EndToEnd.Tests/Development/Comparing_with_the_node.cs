using System.Text.Json.Nodes;
using FiberLink.Testing;

namespace FiberLink.EndToEnd.Tests.Development;

/// <summary><c>settlements backfill</c> and <c>reconcile node</c>, as processes, beside a service that runs.</summary>
public sealed class Comparing_with_the_node
{
    private static readonly string[] Backfill = ["settlements", "backfill", "--app", "demo", "--from", "2020-01-01"];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Counts_what_it_examines_and_names_what_differs()
    {
        await using var folder = new DevFolder();
        await using var dev = await folder.StartDevAsync(Ct);
        var settled = await folder.TipAsync("settled", "1", Ct);
        await folder.TipAsync("open", "2", Ct);
        await folder.DoAsync(Ct, "sandbox", "pay", settled);
        await Eventually.HoldsAsync("it is settled", async () => await folder.TipStateAsync(settled, Ct) == "SETTLED", Ct);

        var told = await folder.DoAsync(Ct, [.. Backfill, "--to", "2100-01-01T00:00Z"]);
        Assert.Matches(@"(?m)^examined +1$", told);
        Assert.Matches(@"(?m)^  open +1$", told);
        Assert.Matches(@"(?m)^skipped: settled already +1$", told);
        var json = await folder.JsonAsync(Ct, [.. Backfill, "--to", "2100-01-01T00:00:00+02:00"]);
        Assert.Equal((1, 1, true, 0), ((int)json["examined"]!, (int)json["open"]!, (bool)json["isWhole"]!, (int)json["news"]!["sent"]!));

        var agrees = await folder.DoAsync(Ct, "reconcile", "node", "--app", "demo");
        Assert.Contains("2 invoices and 0 payments", agrees, StringComparison.Ordinal);
        await folder.DoAsync(Ct, "sandbox", "report", settled, "--amount", "7");
        var differs = await folder.RunAsync(Ct, "reconcile", "node", "--app", "demo", "--repair", "--json");
        var lines = differs.Output.Split('\n').Select(l => JsonNode.Parse(l)!).ToArray();
        Assert.Equal((1, 2), (differs.ExitCode, lines.Length));
        Assert.Equal(("amount-differs", false), ((string?)lines[0]["kind"], (bool)lines[0]["isRepairable"]!));
        Assert.Equal((1, 1), ((int)lines[1]["differences"]!, (int)lines[1]["kinds"]!["amount-differs"]!));
        Assert.Equal(0, (int)lines[1]["news"]!["sent"]!);
        var text = await folder.RunAsync(Ct, "reconcile", "node", "--app", "demo");
        Assert.Matches(@"(?m)^amount-differs +1 +0 +\S", text.Output);
        Assert.Contains("cannot be found: a node does not list its invoices", text.Output, StringComparison.Ordinal);

        await folder.DoAsync(Ct, "sandbox", "away");
        await folder.FailsAsync(3, "node", [.. Backfill, "--to", "2100-01-01"]);
        await folder.FailsAsync(3, "node", "reconcile", "node");
    }

    [Fact]
    public async Task Says_which_option_is_wrong()
    {
        await using var folder = new DevFolder();
        await using var dev = await folder.StartDevAsync(Ct);

        await folder.FailsAsync(2, "--to", Backfill);
        await folder.FailsAsync(2, "--to: 'tomorrow' is no moment", [.. Backfill, "--to", "tomorrow"]);
        await folder.FailsAsync(2, "--to (2020-01-01", [.. Backfill, "--to", "2020-01-01"]);
        await folder.FailsAsync(
            2,
            "There is no community 'nobody'",
            "settlements", "backfill", "--app", "nobody", "--from", "2020-01-01", "--to", "2021-01-01");
        await folder.FailsAsync(2, "There is no community 'nobody'", "reconcile", "node", "--app", "nobody");
    }

    [Fact]
    public async Task Needs_a_database_and_a_node()
    {
        await using var folder = new DevFolder();
        await folder.FailsAsync(2, "FIBERLINK_DATABASE is not set", "reconcile", "node");
        await folder.FailsAsync(2, "FIBERLINK_NODE_URL is not set", [.. Backfill, "--to", "2100-01-01"]);
    }
}
