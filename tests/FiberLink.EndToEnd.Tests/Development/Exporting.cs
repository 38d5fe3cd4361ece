using System.Security.Cryptography;
using System.Text.Json.Nodes;
using FiberLink.Testing;

namespace FiberLink.EndToEnd.Tests.Development;

/// <summary><c>export</c>: files with manifests, beside a service that runs.</summary>
public sealed class Exporting
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Writes_what_there_is_and_says_what_it_wrote()
    {
        await using var folder = new DevFolder();
        await using var dev = await folder.StartDevAsync(Ct);
        var invoice = await folder.TipAsync("exported", "1.5", Ct);
        await folder.DoAsync(Ct, "sandbox", "pay", invoice);
        await Eventually.HoldsAsync("it is settled", async () => await folder.TipStateAsync(invoice, Ct) == "SETTLED", Ct);
        await Eventually.HoldsAsync(
            "the dashboards know it",
            async () => (await folder.JsonAsync(Ct, "projections", "status")).AsArray().All(p => (long)p!["position"]! >= 4),
            Ct);

        var events = await ExportAsync(folder, "events", "jsonl");
        Assert.Equal(
            ["community.registered.v1", "tip.requested.v1", "tip.invoice_issued.v1", "tip.settled.v1"],
            events.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => (string?)JsonNode.Parse(l)!["name"]));
        Assert.Contains("1.5,", await ExportAsync(folder, "ledger", "csv"), StringComparison.Ordinal);
        Assert.Contains(
            "Liabilities:Members:Available:M-9  -1.5 CKB", await ExportAsync(folder, "ledger", "beancount"), StringComparison.Ordinal);
        Assert.Contains($",Settled,{invoice},", await ExportAsync(folder, "tips", "csv"), StringComparison.Ordinal);
        Assert.Empty(await ExportAsync(folder, "withdrawals", "jsonl"));
        var none = await ExportAsync(folder, "tips", "csv", "--to", "1", "--out", "none.csv");
        Assert.StartsWith("tip_id,post_id", none, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", none.Trim(), StringComparison.Ordinal);

        string[] tips = ["export", "tips", "--app", "demo", "--format", "csv", "--out"];
        await folder.EndsAsync(1, "is there already", [.. tips, At(folder, "none.csv")]);
        await folder.EndsAsync(2, "there are csv, jsonl", "export", "tips", "--app", "demo", "--format", "beancount", "--out", "x");
        await folder.EndsAsync(2, "There is no community 'x'", "export", "tips", "--app", "x", "--format", "csv", "--out", "x");
        await folder.EndsAsync(2, "which is after --to", [.. tips, "x", "--from", "2", "--to", "1"]);
    }

    private static async Task<string> ExportAsync(DevFolder folder, string kind, string format, params string[] options)
    {
        var name = options is [.., "--out", var given] ? given : $"{kind}.{format}";
        var path = At(folder, name);
        var manifest = await folder.JsonAsync(
            Ct, ["export", kind, "--app", "demo", "--format", format, "--out", path, .. options.TakeWhile(o => o != "--out")]);
        Assert.Equal(manifest.ToJsonString(), JsonNode.Parse(await File.ReadAllTextAsync($"{path}.manifest.json", Ct))!.ToJsonString());
        Assert.Equal((string?)manifest["sha256"], Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(path, Ct))));
        Assert.Equal((kind, format, name), ((string?)manifest["kind"], (string?)manifest["format"], (string?)manifest["file"]));
        return await File.ReadAllTextAsync(path, Ct);
    }

    private static string At(DevFolder folder, string name) => Path.Combine(folder.Path, name);
}
