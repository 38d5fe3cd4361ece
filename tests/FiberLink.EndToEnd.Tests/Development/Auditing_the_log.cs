using FiberLink.Postgres;
using FiberLink.Testing;
using Npgsql;

namespace FiberLink.EndToEnd.Tests.Development;

/// <summary><c>audit …</c>, as an auditor types it, beside a service that runs.</summary>
public sealed class Auditing_the_log
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Shows_what_a_tip_was_proves_it_to_others_and_finds_what_was_changed()
    {
        await using var folder = new DevFolder();
        await using var dev = await folder.StartDevAsync(Ct);
        await using var database = NpgsqlDataSource.Create((string)(await folder.DevFileAsync(Ct))["connectionString"]!);
        var invoice = await folder.TipAsync("42", "1.5", Ct);
        await folder.DoAsync(Ct, "sandbox", "pay", invoice);
        await Eventually.HoldsAsync("it is settled", async () => await folder.TipStateAsync(invoice, Ct) == "SETTLED", Ct);
        var tip = (string)await OneAsync(database, "select tip_id::text from read_models.tip_status");
        string Own(string name) => Path.Combine(folder.Path, name);

        // A receipt is checked with a key and nothing else.
        await File.WriteAllTextAsync(Own("key"), (string)(await folder.JsonAsync(Ct, "audit", "key", "list"))[0]!["key"]!, Ct);
        await folder.DoAsync(Ct, "audit", "receipt", "tip", tip, "--out", Own("receipt"));
        await folder.FailsAsync(1, "is there already", "audit", "receipt", "tip", $"tip-{tip}", "--out", Own("receipt"));
        var asPrinted = (await folder.DoAsync(Ct, "audit", "key", "list")).Split('\n').Last(l => l.Contains('+', StringComparison.Ordinal));
        var shown = await folder.DoAsync(Ct, "audit", "check", Own("receipt"), "--key", asPrinted);
        Assert.Contains("tip.settled.v1", shown, StringComparison.Ordinal);
        await File.WriteAllTextAsync(
            Own("forged"), (await File.ReadAllTextAsync(Own("receipt"), Ct)).Replace("index ", "index 1", StringComparison.Ordinal), Ct);
        await folder.FailsAsync(1, "shows nothing", "audit", "check", Own("forged"), "--key", Own("key"));

        // A checkpoint that was kept is compared, and the log is whole.
        await File.WriteAllTextAsync(Own("kept"), await folder.DoAsync(Ct, "audit", "checkpoint"), Ct);
        await folder.DoAsync(Ct, "audit", "verify", "--key", Own("key"), "--state", Own("state"));
        var verified = await folder.JsonAsync(Ct, "audit", "verify", "--log-only");
        Assert.True((bool)verified["isWhole"]!);
        Assert.Contains("begins with these", await folder.DoAsync(Ct, "audit", "witness", Own("kept")), StringComparison.Ordinal);
        await folder.DoAsync(Ct, "audit", "prove", "event", "1", "--out", Own("proof"));
        await folder.FailsAsync(1, "moves no money", "audit", "prove", "entry", "1");
        await folder.FailsAsync(1, "There is no event", "audit", "prove", "event", Guid.Empty.ToString());

        // A key is handed over.
        await File.WriteAllTextAsync(Own("words"), "another passphrase\n", Ct);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Own("words"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        await folder.DoAsync(Ct, "audit", "key", "create", Own("next.key"), "--passphrase-file", Own("words"));
        await folder.DoAsync(Ct, "audit", "key", "rotate", Own("next.key"), "--passphrase-file", Own("words"));
        Assert.Equal(2, (await folder.JsonAsync(Ct, "audit", "key", "list")).AsArray().Count);
        await folder.DoAsync(Ct, "audit", "verify", "--log-only", "--key", Own("key"), "--state", Own("state"));

        // A balance and an event that were changed are named.
        await ChangeAsync(database, "update read_models.account_balances set units = units + 1 where member = '9'");
        await ChangeAsync(
            database, "update event_store.mt_events set data = jsonb_set(data, '{to}', '\"8\"') where type = 'tip.settled.v1'");
        var found = await folder.RunAsync(Ct, "audit", "verify", "--log-only", "--key", Own("key"));
        Assert.Equal(1, found.ExitCode);
        Assert.Contains("BalanceWrong: Balance MemberAvailable 9 of demo in CKB", found.Output, StringComparison.Ordinal);
        Assert.Matches(@"EventChanged: Position \d+: the event is not the one that was appended", found.Output);
        await folder.FailsAsync(1, "NOT WHOLE", "audit", "receipt", "tip", tip);
    }

    [Fact]
    public async Task Shows_a_member_that_he_is_counted_and_an_auditor_all_of_it()
    {
        await using var folder = new DevFolder();
        await using var dev = await folder.StartDevAsync(Ct);
        await using var database = NpgsqlDataSource.Create((string)(await folder.DevFileAsync(Ct))["connectionString"]!);
        var invoice = await folder.TipAsync("42", "1.5", Ct);
        await folder.DoAsync(Ct, "sandbox", "pay", invoice);
        await Eventually.HoldsAsync("it is settled", async () => await folder.TipStateAsync(invoice, Ct) == "SETTLED", Ct);
        string Own(string name) => Path.Combine(folder.Path, name);
        await File.WriteAllTextAsync(Own("key"), (string)(await folder.JsonAsync(Ct, "audit", "key", "list"))[0]!["key"]!, Ct);

        // Published once.
        var published = (await folder.JsonAsync(Ct, "audit", "liabilities", "publish", "--by", "olga"))[0]!;
        Assert.Equal(("demo", "1.5", true), ((string)published["appId"]!, (string)published["total"]!, (bool)published["isNew"]!));
        Assert.Contains(
            "is published already",
            await folder.DoAsync(Ct, "audit", "liabilities", "publish", "--app", "demo", "--asset", "CKB", "--by", "otto"),
            StringComparison.Ordinal);
        Assert.Contains("1.5 CKB", await folder.DoAsync(Ct, "audit", "liabilities", "list"), StringComparison.Ordinal);

        // The member's proof is checked with a key and nothing else.
        var shown = await folder.DoAsync(Ct, "audit", "liabilities", "prove", "demo", "9", "--out", Own("mine"));
        Assert.Contains("1.5 CKB of 9", shown, StringComparison.Ordinal);
        var checkedProof = await folder.DoAsync(Ct, "audit", "liabilities", "check", Own("mine"), "--key", Own("key"));
        Assert.Contains("Counted: 9 of demo with 1.5 CKB, of 1.5 CKB in all", checkedProof, StringComparison.Ordinal);
        await folder.FailsAsync(2, "'audit liabilities check' checks it", "audit", "check", Own("mine"), "--key", Own("key"));
        var proof = await File.ReadAllTextAsync(Own("mine"), Ct);
        await File.WriteAllTextAsync(Own("forged"), proof.Replace("units 1", "units 2", StringComparison.Ordinal), Ct);
        await folder.FailsAsync(1, "It shows nothing", "audit", "liabilities", "check", Own("forged"), "--key", Own("key"));
        await folder.FailsAsync(1, "had nothing in CKB", "audit", "liabilities", "prove", "demo", "nobody");

        // An entry that pays is proved by the event's id.
        var id = (string)await OneAsync(database, "select id::text from event_store.mt_events where type = 'tip.settled.v1'");
        await folder.DoAsync(Ct, "audit", "prove", "entry", id, "--out", Own("entry"));

        // An evidence pack is checked with a key and nothing else.
        Assert.Contains(
            "the pack is sound",
            await folder.DoAsync(Ct, "audit", "pack", "--app", "demo", "--out", Own("pack.zip")),
            StringComparison.Ordinal);
        var result = await folder.JsonAsync(Ct, "audit", "check-pack", Own("pack.zip"), "--key", Own("key"));
        Assert.Equal((true, 1L, 1), ((bool)result["isSound"]!, (long)result["entries"]!, (int)result["publications"]!));
        var bytes = await File.ReadAllBytesAsync(Own("pack.zip"), Ct);
        await File.WriteAllBytesAsync(Own("cut.zip"), bytes[..^30], Ct);
        await folder.FailsAsync(1, "neither a folder nor a zip file", "audit", "check-pack", Own("cut.zip"), "--key", Own("key"));
        await folder.FailsAsync(1, "there already", "audit", "pack", "--app", "demo", "--out", Own("pack.zip"));

        // A salt that was changed makes the publication worth nothing, and is found.
        await ChangeAsync(database, "update event_store.log_salts set salt = sha256(salt)");
        var found = await folder.RunAsync(Ct, "audit", "verify", "--log-only", "--key", Own("key"));
        Assert.Equal(1, found.ExitCode);
        Assert.Contains("LiabilitiesWrong: Position", found.Output, StringComparison.Ordinal);
        await folder.FailsAsync(1, "NOT WHOLE", "audit", "liabilities", "prove", "demo", "9");
    }

    private static async Task<object> OneAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.Command(sql);
        return (await command.ExecuteScalarAsync(Ct))!;
    }

    private static async Task ChangeAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.Command(sql);
        await command.ExecuteNonQueryAsync(Ct);
    }
}
