using System.Text.Json.Nodes;
using FiberLink.Testing;
using Npgsql;

namespace FiberLink.EndToEnd.Tests.Development;

/// <summary><c>members</c>, as processes, as its runbook has it.</summary>
public sealed class Answering_a_member_who_asks
{
    private const string Words = "words of seven";
    private const string SavedKeys = "create table saved_keys as select * from vault.member_keys";
    private const string RestoredKeys = "insert into vault.member_keys select * from saved_keys";

    private static readonly string[] Erase = ["members", "erase", "demo", "7", "--by", "olga", "--reason", "ticket 77"];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Gives_out_what_there_is_and_erases_what_was_written_and_nothing_else()
    {
        await using var folder = new DevFolder();
        await using var dev = await folder.StartDevAsync(Ct);
        await using var database = NpgsqlDataSource.Create((string)(await folder.DevFileAsync(Ct))["connectionString"]!);
        var invoice = await TipAsync(folder);
        string Own(string name) => Path.Combine(folder.Path, name);
        var (file, proof, key) = (Own("member.jsonl"), Own("proof"), Own("key"));
        await File.WriteAllTextAsync(key, (string)(await folder.JsonAsync(Ct, "audit", "key", "list"))[0]!["key"]!, Ct);
        await folder.DoAsync(Ct, "audit", "prove", "event", "2", "--out", proof);

        await folder.EndsAsync(1, "Nothing is on record about a member '8' of demo", "members", "export", "demo", "8");
        await folder.EndsAsync(0, "SHA-256", "members", "export", "demo", "7", "--out", file);
        Assert.Contains(Words, await File.ReadAllTextAsync(file, Ct), StringComparison.Ordinal);
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(file) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        await folder.EndsAsync(1, "is there already", "members", "export", "demo", "7", "--out", file);

        await ExecuteAsync(database, SavedKeys);
        await folder.EndsAsync(1, "Say --yes", Erase);
        await folder.EndsAsync(1, "no community 'x'", ["members", "erase", "x", "7", .. Erase[4..], "--yes"]);
        Assert.Equal(Words, await MessageAsync(folder));
        var erased = await folder.JsonAsync(Ct, [.. Erase, "--yes"]);
        Assert.Equal((true, 1L), ((bool)erased["erased"]!, (long)erased["texts"]!));
        await folder.EndsAsync(0, "It was so already", [.. Erase, "--yes"]);
        await Eventually.HoldsAsync("no dashboard shows it", async () => await MessageAsync(folder) is null, Ct);
        var lines = await folder.DoAsync(Ct, "members", "export", "demo", "7");
        Assert.Contains("\"erased\"", lines, StringComparison.Ordinal);
        Assert.DoesNotContain(Words, lines, StringComparison.Ordinal);

        // The log, its proofs, the books and what is made of them are what they were.
        await folder.DoAsync(Ct, "audit", "check", proof, "--key", key);
        await folder.DoAsync(Ct, "audit", "verify");
        await folder.DoAsync(Ct, "projections", "rebuild", "TipActivity");
        Assert.All((await folder.JsonAsync(Ct, "projections", "verify", "--all")).AsArray(), m => Assert.True((bool)m!["isSame"]!));
        Assert.Equal("SETTLED", await folder.TipStateAsync(invoice, Ct));
        await folder.EndsAsync(0, "1.5", "balance", "demo", "9");

        // A vault that was restored is told of, and erased again.
        Assert.Contains("none is in the vault again", (await folder.RunAsync(Ct, "doctor")).Output, StringComparison.Ordinal);
        await ExecuteAsync(database, RestoredKeys);
        Assert.Contains("keys again that were erased: 7 of demo", (await folder.RunAsync(Ct, "doctor")).Output, StringComparison.Ordinal);
        var again = await folder.JsonAsync(Ct, [.. Erase, "--yes"]);
        Assert.Equal(erased["keyId"]!.ToJsonString(), again["keyId"]!.ToJsonString());
        await Eventually.HoldsAsync("no dashboard shows it", async () => await MessageAsync(folder) is null, Ct);
    }

    private static async Task<string> TipAsync(DevFolder folder)
    {
        var wish = new JsonObject
        {
            ["amount"] = "1.5", ["asset"] = "CKB", ["postId"] = "1", ["fromUserId"] = "7", ["toUserId"] = "9", ["message"] = Words,
        };
        var invoice = (string)(await folder.JsonAsync(Ct, "rpc", "tip.create", wish.ToJsonString()))["result"]!["invoice"]!;
        await folder.DoAsync(Ct, "sandbox", "pay", invoice);
        await Eventually.HoldsAsync("it is settled", async () => await folder.TipStateAsync(invoice, Ct) == "SETTLED", Ct);
        await Eventually.HoldsAsync("a dashboard shows it", async () => await MessageAsync(folder) == Words, Ct);
        return invoice;
    }

    private static async Task<string?> MessageAsync(DevFolder folder)
    {
        var answer = await folder.JsonAsync(Ct, "rpc", "dashboard.summary", new JsonObject { ["userId"] = "9" }.ToJsonString());
        return answer["result"]!["tips"]!.AsArray() is [var only] ? (string?)only!["message"] : null;
    }

    private static async Task ExecuteAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Ct);
    }
}
