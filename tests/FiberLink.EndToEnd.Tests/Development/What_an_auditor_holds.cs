using System.Text.Encodings.Web;
using System.Text.Json.Nodes;
using FiberLink.EndToEnd.Tests.Processes;
using FiberLink.Postgres;
using FiberLink.Testing;
using Npgsql;

namespace FiberLink.EndToEnd.Tests.Development;

/// <summary>Files that are checked without the hub: packs, proofs between checkpoints, receipts.</summary>
public sealed class What_an_auditor_holds
{
    // Whoever asked for a database or a service here would be refused.
    private static readonly Dictionary<string, string> Nowhere = new()
    {
        ["FIBERLINK_DATABASE"] = "Host=127.0.0.1;Port=1;Username=nobody;Database=none",
        ["FIBERLINK_URLS"] = "http://127.0.0.1:1",
    };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_pack_gives_balances_statements_and_one_member_s_events()
    {
        await using var folder = new DevFolder();
        await using var dev = await folder.StartDevAsync(Ct);
        string Own(string name) => Path.Combine(folder.Path, name);
        await SettleAsync(folder, "42", "1.5");
        await SettleAsync(folder, "43", "2");
        await KeyAsync(folder, Own("key"));
        string[] key = ["--key", Own("key")];

        // The books of all, by the pack alone.
        await folder.DoAsync(Ct, "audit", "pack", "--app", "demo", "--out", Own("pack.zip"));
        var told = await OfflineAsync(0, ["audit", "check-pack", Own("pack.zip"), .. key]);
        Assert.Matches(@"MemberAvailable +1 +3\.5 +CKB\nHubChannels +- +-3\.5 +CKB\nsum +0 +CKB", told);
        Assert.DoesNotContain("Statement", told, StringComparison.Ordinal);
        var ledger = await folder.JsonAsync(Ct, "ledger", "trial-balance", "demo");
        var packed = JsonNode.Parse(await OfflineAsync(0, ["audit", "check-pack", Own("pack.zip"), .. key, "--member", "9", "--json"]))!;
        Assert.Equal(ledger["accounts"]!.ToJsonString(), packed["trialBalance"]!["accounts"]!.ToJsonString());
        Assert.Equal("3.5", (string)packed["statement"]!["closing"]![0]!["amount"]!);
        Assert.Equal(
            (await folder.DoAsync(Ct, "ledger", "statement", "demo", "9", "--json")).Split('\n')[1],
            packed["statement"]!["entries"]![0]!.ToJsonString(new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
        told = await OfflineAsync(0, ["audit", "check-pack", Own("pack.zip"), .. key, "--member", "9"]);
        Assert.Matches(@"available +2 +3\.5 +0 +CKB +tip from 7 to 9 for post 43", told);
        told = await OfflineAsync(0, ["audit", "check-pack", Own("pack.zip"), .. key, "--member", "nobody"]);
        Assert.Contains("Statement of nobody", told, StringComparison.Ordinal);

        // One member's.
        told = await folder.DoAsync(Ct, "audit", "pack", "--app", "demo", "--member", "9", "--out", Own("nine"));
        Assert.Contains("can't show that nothing about 9 was left out", told, StringComparison.Ordinal);
        told = await OfflineAsync(0, ["audit", "check-pack", Own("nine"), .. key]);
        Assert.Contains("Closing, at position", told, StringComparison.Ordinal);
        Assert.Contains("what was erased stays erased", told, StringComparison.Ordinal);
        Assert.DoesNotContain("Trial balance", told, StringComparison.Ordinal);
        told = await OfflineAsync(2, ["audit", "check-pack", Own("nine"), .. key, "--member", "7"]);
        Assert.Contains("a pack of 9 alone", told, StringComparison.Ordinal);
        string[] other = ["audit", "pack", "--app", "demo", "--out", Own("other"), "--member"];
        await folder.FailsAsync(2, "--from does not go with --member", [.. other, "9", "--from", "1"]);
        await folder.FailsAsync(1, "Nothing is on record", [.. other, "nobody"]);
        var events = await File.ReadAllTextAsync(Path.Combine(Own("nine"), "events"), Ct);
        await File.WriteAllTextAsync(Path.Combine(Own("nine"), "events"), events.Replace("\"7\"", "\"8\"", StringComparison.Ordinal), Ct);
        Assert.Contains("NOT SOUND", await OfflineAsync(1, ["audit", "check-pack", Own("nine"), .. key]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_checkpoints_are_compared_without_the_log_and_another_log_is_found()
    {
        await using var folder = new DevFolder();
        await using var dev = await folder.StartDevAsync(Ct);
        string Own(string name) => Path.Combine(folder.Path, name);
        await SettleAsync(folder, "42", "1.5");
        await KeyAsync(folder, Own("key"));
        await File.WriteAllTextAsync(Own("first"), await folder.DoAsync(Ct, "audit", "checkpoint"), Ct);
        await SettleAsync(folder, "43", "2");
        await File.WriteAllTextAsync(Own("second"), await folder.DoAsync(Ct, "audit", "checkpoint"), Ct);
        await SettleAsync(folder, "44", "3");
        await File.WriteAllTextAsync(Own("third"), await folder.DoAsync(Ct, "audit", "checkpoint"), Ct);

        await folder.DoAsync(Ct, "audit", "prove", "consistency", Own("first"), "--out", Own("to-now"));
        await folder.DoAsync(Ct, "audit", "prove", "consistency", Own("first"), Own("second"), "--out", Own("to-second"));
        string[] check = ["audit", "check", Own("to-second"), "--key", Own("key")];
        Assert.Contains("begins with all of its first", await OfflineAsync(0, check), StringComparison.Ordinal);
        Assert.True((bool)JsonNode.Parse(await OfflineAsync(0, [.. check, "--kept", Own("first"), "--json"]))!["isOfKept"]!);
        Assert.Contains("is neither of the two", await OfflineAsync(1, [.. check, "--kept", Own("third")]), StringComparison.Ordinal);
        await OfflineAsync(0, ["audit", "check", Own("to-now"), "--key", Own("key"), "--kept", Own("first")]);
        await folder.FailsAsync(2, "swap them", "audit", "prove", "consistency", Own("second"), Own("first"));

        // The hashes of one proof do not lead anywhere else.
        var (proof, now) = (await File.ReadAllTextAsync(Own("to-second"), Ct), await File.ReadAllTextAsync(Own("third"), Ct));
        var at = proof.IndexOf("the newer checkpoint\n", StringComparison.Ordinal) + "the newer checkpoint\n".Length;
        await File.WriteAllTextAsync(Own("forged"), proof[..at] + now.TrimEnd('\n') + "\n", Ct);
        var refused = await OfflineAsync(1, ["audit", "check", Own("forged"), "--key", Own("key")]);
        Assert.Contains("DO NOT FOLLOW ON EACH OTHER", refused, StringComparison.Ordinal);

        // What nobody has signed speaks neither for the log nor against it.
        var lines = (await File.ReadAllTextAsync(Own("first"), Ct)).Split('\n');
        await File.WriteAllTextAsync(Own("longer"), string.Join('\n', [lines[0], "999999", .. lines[2..]]), Ct);
        await folder.FailsAsync(1, "No key of this log has signed", "audit", "prove", "consistency", Own("longer"));
        await folder.FailsAsync(1, "No key of this log has signed", "audit", "witness", Own("longer"));

        // A log that is another than what was seen of it, and one that is shorter.
        await using var database = NpgsqlDataSource.Create((string)(await folder.DevFileAsync(Ct))["connectionString"]!);
        await DoAsync(
            database,
            "update event_store.log_tiles set hashes = overlay(hashes placing sha256('x') from 1 for 32) where level = 0 and index = 0");
        await folder.FailsAsync(1, "REWRITTEN OR FORKED", "audit", "prove", "consistency", Own("first"), Own("second"));
        await DoAsync(database, "update event_store.log_tree set size = 1");
        await folder.FailsAsync(1, "THE LOG WAS CUT OFF", "audit", "prove", "consistency", Own("first"), Own("second"));
    }

    [Fact]
    public async Task A_receipt_says_in_words_what_was_wished_for_and_what_came_of_it()
    {
        await using var folder = new DevFolder();
        await using var dev = await folder.StartDevAsync(Ct);
        string Own(string name) => Path.Combine(folder.Path, name);
        await KeyAsync(folder, Own("key"));
        await SettleAsync(folder, "42", "100");
        await using var database = NpgsqlDataSource.Create((string)(await folder.DevFileAsync(Ct))["connectionString"]!);
        await using var command = database.Command("select tip_id::text from read_models.tip_status");
        var tip = (string)(await command.ExecuteScalarAsync(Ct))!;
        async Task<string> ReceiptAsync(string kind, string id, params string[] options)
        {
            var file = Own(Guid.NewGuid().ToString("N"));
            await folder.DoAsync(Ct, ["audit", "receipt", kind, id, "--out", file, .. options]);
            return file;
        }

        Task<string> CheckAsync(string file, int exitCode = 0) => OfflineAsync(exitCode, ["audit", "check", file, "--key", Own("key")]);

        var ofTip = await ReceiptAsync("tip", tip);
        var told = await CheckAsync(ofTip);
        Assert.Contains("Tip: 7 gave 9 of demo 100 CKB for post 42.", told, StringComparison.Ordinal);
        Assert.Contains("9 was credited 100 CKB, received by the hub's node", told, StringComparison.Ordinal);
        var json = JsonNode.Parse(await OfflineAsync(0, ["audit", "check", ofTip, "--key", Own("key"), "--json"]))!;
        Assert.Equal(["tip.requested.v1", "tip.settled.v1"], json["events"]!.AsArray().Select(e => (string?)e!["event"]!["type"]));
        var bare = await ReceiptAsync("tip", tip, "--outcome-only");
        Assert.DoesNotContain("tip.requested.v1", await CheckAsync(bare), StringComparison.Ordinal);
        Assert.Contains("By whom and what for is not in this file", await CheckAsync(bare), StringComparison.Ordinal);

        string[] ann = ["--by", "ann", "--reason", "ticket 77"];
        var adjustment = (string)(await folder.JsonAsync(
            Ct, ["adjust", "request", "--app", "demo", "--from", "capital", "--to", "member:9", "--amount", "2", .. ann]))["id"]!;
        await folder.FailsAsync(1, "is not in the books", "audit", "receipt", "adjustment", adjustment);
        await folder.DoAsync(Ct, "adjust", "approve", adjustment, "--by", "bob", "--reason", "compared");
        var ofAdjustment = await ReceiptAsync("adjustment", adjustment);
        told = await CheckAsync(ofAdjustment);
        Assert.Contains("Adjustment of the books of demo by hand: 2 CKB from capital to member:9.", told, StringComparison.Ordinal);
        Assert.Matches("wished .*by ann: ticket 77", told);
        Assert.Matches("agreed .*by bob: compared", told);

        var (withdrawal, invoice) = await folder.WithdrawFiftyAsync(Ct);
        await Eventually.HoldsAsync(
            "it is paid",
            async () => (string?)(await folder.JsonAsync(Ct, "withdrawals", "show", withdrawal))["stage"] == "Completed",
            Ct);
        told = await CheckAsync(await ReceiptAsync("withdrawal", withdrawal));
        Assert.Matches(@"Withdrawal: 9 of demo had [\d.]+ CKB paid out\.", told);
        Assert.Contains($"to          the Fiber invoice {invoice}", told, StringComparison.Ordinal);
        Assert.Matches("evidence    0x[0-9a-f]{64}", told);
        Assert.Matches(@"fee         [\d.]+ CKB was what the way cost", told);

        // Parts of two receipts do not make a third.
        var mixed = Own("mixed");
        var parts = (await File.ReadAllTextAsync(ofTip, Ct)).Split("c2sp.org/tlog-proof@v1\n");
        await File.WriteAllTextAsync(mixed, $"c2sp.org/tlog-proof@v1\n{parts[1]}{await File.ReadAllTextAsync(bare, Ct)}", Ct);
        Assert.Contains("Tip: 7 gave 9", await CheckAsync(mixed), StringComparison.Ordinal);
        await File.WriteAllTextAsync(mixed, $"c2sp.org/tlog-proof@v1\n{parts[2]}c2sp.org/tlog-proof@v1\n{parts[1]}", Ct);
        Assert.Contains("are not of one stream", await CheckAsync(mixed, 1), StringComparison.Ordinal);
        await File.WriteAllTextAsync(mixed, await File.ReadAllTextAsync(bare, Ct) + await File.ReadAllTextAsync(ofAdjustment, Ct), Ct);
        Assert.Contains("It shows nothing", await CheckAsync(mixed, 1), StringComparison.Ordinal);
    }

    private static async Task DoAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.Command(sql);
        await command.ExecuteNonQueryAsync(Ct);
    }

    // The log has a key as soon as something was signed.
    private static async Task KeyAsync(DevFolder folder, string file)
    {
        await folder.DoAsync(Ct, "audit", "checkpoint");
        await File.WriteAllTextAsync(file, (string)(await folder.JsonAsync(Ct, "audit", "key", "list"))[0]!["key"]!, Ct);
    }

    private static async Task SettleAsync(DevFolder folder, string post, string amount)
    {
        var invoice = await folder.TipAsync(post, amount, Ct);
        await folder.DoAsync(Ct, "sandbox", "pay", invoice);
        await Eventually.HoldsAsync("it is settled", async () => await folder.TipStateAsync(invoice, Ct) == "SETTLED", Ct);
    }

    private static async Task<string> OfflineAsync(int exitCode, string[] arguments)
    {
        var finished = await FiberLinkProgram.RunAsync(arguments, Nowhere, Ct);
        Assert.True(finished.ExitCode == exitCode, $"{string.Join(' ', arguments)}: {finished}");
        return finished.Output + finished.Errors;
    }
}
