using System.Globalization;
using System.Text.Json.Nodes;
using FiberLink.Testing;

namespace FiberLink.EndToEnd.Tests.Development;

/// <summary>"My balance is wrong", down to each tip and to its proof, as the runbook has it: with nothing but the commands.</summary>
public sealed class Explaining_a_balance
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Names_what_was_credited_what_was_not_and_why()
    {
        await using var folder = new DevFolder();
        await using var dev = await folder.StartDevAsync(Ct);
        var (settled, expired, bent) = (
            await folder.TipAsync("p1", "100", Ct), await folder.TipAsync("p2", "5", Ct), await folder.TipAsync("p3", "7", Ct));
        await folder.DoAsync(Ct, "sandbox", "pay", settled);
        await folder.DoAsync(Ct, "sandbox", "expire", expired);
        await folder.DoAsync(Ct, "sandbox", "report", bent, "--amount", "699999999");
        await folder.DoAsync(Ct, "sandbox", "pay", bent);
        foreach (var (invoice, state) in new[] { (settled, "settled"), (expired, "expired"), (bent, "suspended") })
        {
            await Eventually.HoldsAsync($"it is {state}", async () => (string?)(await ShowAsync(folder, invoice))["state"] == state, Ct);
        }

        await AssertTipsAreToldAsync(folder, settled, expired, bent);
        await AssertPostingsAreExplainedAsync(folder);
        await AssertItIsProvenAsync(folder, settled, bent);
    }

    private static async Task AssertTipsAreToldAsync(DevFolder folder, string settled, string expired, string bent)
    {
        await Eventually.HoldsAsync("they are listed", async () => (await ListAsync(folder)).Count == 3, Ct);
        Assert.Equal(["suspended", "expired", "settled"], (await ListAsync(folder)).Select(t => (string?)t!["state"]));
        Assert.Equal(bent, (string?)(await ListAsync(folder, "--state", "suspended", "--direction", "in"))[0]!["invoice"]);
        Assert.Empty(await ListAsync(folder, "--direction", "out"));
        var before = (long)(await ListAsync(folder, "--limit", "2"))[1]!["position"]!;
        Assert.Equal(
            settled,
            (string?)(await ListAsync(folder, "--before", before.ToString(CultureInfo.InvariantCulture)))[0]!["invoice"]);
        await folder.EndsAsync(2, "--direction needs a --member", "tips", "list", "--direction", "in");
        await folder.EndsAsync(2, "no community 'club'", "tips", "list", "--app", "club");

        var paid = await ShowAsync(folder, settled);
        var id = (string)paid["id"]!;
        foreach (var form in new[] { id, $"tip-{Guid.Parse(id):N}", (string)paid["paymentHash"]! })
        {
            Assert.Equal(id, (string?)(await ShowAsync(folder, form))["id"]);
        }

        var shown = await folder.DoAsync(Ct, "tips", "show", id, "--app", "demo");
        Assert.Matches(@"(?m)^credited +100 CKB to 9, at position \d+$", shown);
        Assert.Contains($"fiberlink audit receipt tip {id} --app demo", shown, StringComparison.Ordinal);
        Assert.Matches(
            @"(?m)^state +expired, 20.*: its invoice could be paid until 20.*Z, and the node had no payment$",
            await folder.DoAsync(Ct, "tips", "show", expired));
        var odd = await folder.DoAsync(Ct, "tips", "show", bent);
        Assert.Contains("ordered were 7 CKB, what came are 6.99999999 CKB", odd, StringComparison.Ordinal);
        Assert.Contains("nothing: 6.99999999 CKB are in suspense", odd, StringComparison.Ordinal);
        Assert.Contains(
            "adjust request --app demo --from suspense --to member:9 --amount 6.99999999 --asset CKB", odd, StringComparison.Ordinal);
        await folder.EndsAsync(1, "There is no tip with that id", "tips", "show", Guid.NewGuid().ToString());
    }

    private static async Task AssertPostingsAreExplainedAsync(DevFolder folder)
    {
        string[] request = ["adjust", "request", "--app", "demo", "--from", "suspense", "--to", "member:9", "--amount", "6.99999999"];
        var id = (string)(await folder.JsonAsync(Ct, [.. request, "--by", "ann", "--reason", "ticket 77"]))["id"]!;
        await folder.DoAsync(Ct, "adjust", "approve", id, "--by", "bob", "--reason", "compared");
        var withdrawal = await RequestAsync(folder);
        await folder.DoAsync(Ct, "withdrawals", "cancel", withdrawal, "--by", "ann", "--reason", "a slip");

        var lines = (await folder.DoAsync(Ct, "ledger", "statement", "demo", "9", "--json"))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonNode.Parse(l)!).Where(l => l["why"] is not null).ToArray();
        Assert.Equal(
            ["tip from 7 to 9 for post p1", "adjustment: ticket 77"], lines.Take(2).Select(l => (string?)l["why"]));
        Assert.All(
            lines.Skip(2).Take(2), l => Assert.StartsWith("held for a withdrawal to fib", (string?)l["why"], StringComparison.Ordinal));
        Assert.All(lines.Skip(4), l => Assert.EndsWith("was cancelled", (string?)l["why"], StringComparison.Ordinal));
        Assert.Equal(6, lines.Length);
        Assert.Equal(("100", "0"), ((string?)lines[0]["available"], (string?)lines[0]["held"]));
        Assert.Equal(("106.99999999", "0"), ((string?)lines[^1]["available"], (string?)lines[^1]["held"]));

        // Between the two postings of a hold, each account has a figure of its own.
        Assert.NotEqual("0", (string?)lines[3]["held"]);
        Assert.NotEqual((string?)lines[3]["available"], (string?)lines[3]["held"]);
        Assert.Matches(
            @"(?m) available +100 +100 +0 +CKB +tip from 7 to 9 for post p1 +tip-",
            await folder.DoAsync(Ct, "ledger", "statement", "demo", "9"));
    }

    private static async Task AssertItIsProvenAsync(DevFolder folder, string settled, string bent)
    {
        var key = (await folder.DoAsync(Ct, "audit", "key", "list")).Trim().Split(' ')[^1];
        foreach (var (invoice, says) in new[] { (settled, "tip.settled.v1"), (bent, "tip.suspended.v1") })
        {
            var proof = ((string)(await ShowAsync(folder, invoice))["proof"]!).Split(' ')[1..];
            var file = Path.Combine(folder.Path, $"{says}.tlog-proof");
            await folder.DoAsync(Ct, [.. proof, "--out", file]);
            await folder.EndsAsync(0, says, "audit", "check", file, "--key", key);
        }
    }

    private static async Task<JsonArray> ListAsync(DevFolder folder, params string[] more) =>
        (await folder.JsonAsync(Ct, ["tips", "list", "--app", "demo", "--member", "9", .. more])).AsArray();

    private static Task<JsonNode> ShowAsync(DevFolder folder, string tip) => folder.JsonAsync(Ct, "tips", "show", tip);

    // Above the threshold, so that it waits.
    private static async Task<string> RequestAsync(DevFolder folder)
    {
        await folder.DoAsync(
            Ct,
            ["payouts", "limits", "--app", "demo", "--asset", "CKB", "--approval-above", "10", "--by", "ann", "--reason", "to try"]);
        return (await folder.WithdrawFiftyAsync(Ct)).Id;
    }
}
