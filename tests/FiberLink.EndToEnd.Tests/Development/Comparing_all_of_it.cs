using System.Text.Json.Nodes;
using FiberLink.Testing;

namespace FiberLink.EndToEnd.Tests.Development;

/// <summary><c>reconcile all</c>, <c>books</c>, <c>chain</c> and <c>ageing</c>, as processes, beside a service that runs.</summary>
public sealed class Comparing_all_of_it
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Says_that_everything_agrees_and_what_waits()
    {
        await using var folder = new DevFolder();
        await using var dev = await folder.StartDevAsync(Ct);
        var settled = await folder.TipAsync("settled", "1", Ct);
        await folder.DoAsync(Ct, "sandbox", "pay", settled);
        await Eventually.HoldsAsync("it is settled", async () => await folder.TipStateAsync(settled, Ct) == "SETTLED", Ct);

        var books = await folder.DoAsync(Ct, "reconcile", "books");
        Assert.Contains("1 tips and 0 withdrawals compared", books, StringComparison.Ordinal);
        Assert.Contains("no difference.", books, StringComparison.Ordinal);
        Assert.Equal((0, 1), await CountsAsync(folder, "reconcile", "books", "--app", "demo", "--json"));

        var all = await folder.DoAsync(Ct, "reconcile", "all");
        Assert.Matches("(?m)^books +the same$", all);
        Assert.Matches("(?m)^node +the same$", all);
        Assert.Matches("(?m)^chain +the same$", all);
        Assert.Contains("Nothing waits.", all, StringComparison.Ordinal);
        Assert.Contains("Nothing waits.", await folder.DoAsync(Ct, "reconcile", "ageing", "--app", "demo"), StringComparison.Ordinal);

        await folder.DoAsync(Ct, "sandbox", "report", settled, "--amount", "7");
        var differs = await folder.RunAsync(Ct, "reconcile", "all");
        Assert.Equal(1, differs.ExitCode);
        Assert.Matches("(?m)^node +different$", differs.Output);
        Assert.Matches(@"(?m)^< 1 h +1 +1 CKB$", differs.Output);
    }

    [Fact]
    public async Task Says_which_option_is_wrong()
    {
        await using var folder = new DevFolder();
        await using var dev = await folder.StartDevAsync(Ct);

        await folder.FailsAsync(2, "--repair needs --by and --reason", "reconcile", "books", "--repair", "--by", "ann");
        await folder.FailsAsync(2, "There is no community 'nobody'", "reconcile", "books", "--app", "nobody");
        await folder.FailsAsync(2, "There is no community 'nobody'", "reconcile", "ageing", "--app", "nobody");
    }

    private static async Task<(long Differences, long Tips)> CountsAsync(DevFolder folder, params string[] command)
    {
        var totals = JsonNode.Parse(await folder.DoAsync(Ct, command))!;
        return ((long)totals["differences"]!, (long)totals["tips"]!);
    }
}
