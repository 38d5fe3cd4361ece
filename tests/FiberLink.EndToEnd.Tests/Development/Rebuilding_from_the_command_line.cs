using FiberLink.EndToEnd.Tests.Processes;
using FiberLink.Postgres;
using FiberLink.Testing;
using Npgsql;

namespace FiberLink.EndToEnd.Tests.Development;

/// <summary><c>projections list|rebuild|verify</c>, as processes, beside a service that runs.</summary>
public sealed class Rebuilding_from_the_command_line
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Mends_what_a_comparison_finds_while_the_service_goes_on()
    {
        await using var folder = new DevFolder();
        await using var dev = await folder.StartDevAsync(Ct);
        await using var database = NpgsqlDataSource.Create((string)(await folder.DevFileAsync(Ct))["connectionString"]!);
        var invoice = await SettledAsync(folder, "before");

        var listed = (await folder.JsonAsync(Ct, "projections", "list")).AsArray();
        Assert.All(listed, m => Assert.Equal(1, (long)m!["generation"]!));
        Assert.StartsWith("NAME", await folder.DoAsync(Ct, "projections", "list"), StringComparison.Ordinal);
        Assert.All((await folder.JsonAsync(Ct, "projections", "verify", "--all")).AsArray(), m => Assert.True((bool)m!["isSame"]!));

        var files = Path.Combine(folder.Path, "replayed");
        string[] replay = ["events", "replay", "--projection", "tipstatus", "--to", "2020-01-01", "--out", files];
        Assert.Contains("tip_status.csv: 0 rows", await folder.DoAsync(Ct, replay), StringComparison.Ordinal);
        await folder.FailsAsync(3, "is there already", replay);
        var replayed = await folder.JsonAsync(Ct, "events", "replay", "--projection", "TipStatus", "--out", $"{files}2");
        Assert.Equal(1, (long)replayed["files"]![0]!["rows"]!);
        Assert.Contains(invoice, await File.ReadAllTextAsync((string)replayed["files"]![0]!["path"]!, Ct), StringComparison.Ordinal);
        await folder.FailsAsync(2, "no read model 'x'. There are", "events", "replay", "--projection", "x", "--out", files);

        await ExecuteAsync(database, "update read_models.tip_status set stage = 'Expired'");
        var differs = await folder.RunAsync(Ct, "projections", "verify", "TipStatus");
        Assert.Equal(1, differs.ExitCode);
        Assert.Matches(@"tenant_id = demo, tip_id = \S+: differs in stage", differs.Output);
        Assert.Equal("FAILED", await folder.TipStateAsync(invoice, Ct));

        Assert.Matches(
            @"TipStatus: generation \d+ is live", await folder.DoAsync(Ct, "projections", "rebuild", "tipstatus", "--parallel", "2"));
        Assert.Equal("SETTLED", await folder.TipStateAsync(invoice, Ct));
        Assert.Contains("as its log has it", await folder.DoAsync(Ct, "projections", "verify", "TipStatus"), StringComparison.Ordinal);

        var all = (await folder.JsonAsync(Ct, "projections", "rebuild", "--all", "--parallel", "2")).AsArray();
        Assert.Equal(listed.Select(m => (string)m!["name"]!), all.Select(m => (string)m!["name"]!));
        Assert.All(all, m => Assert.Equal("took over", (string?)m!["outcome"]));
        await SettledAsync(folder, "after");
        Assert.All((await folder.JsonAsync(Ct, "projections", "verify", "--all")).AsArray(), m => Assert.True((bool)m!["isSame"]!));
    }

    [Fact]
    public async Task Can_be_stopped_and_gone_on_with_and_says_what_it_cannot_do()
    {
        await using var folder = new DevFolder();
        await using var dev = await folder.StartDevAsync(Ct);
        await using var database = NpgsqlDataSource.Create((string)(await folder.DevFileAsync(Ct))["connectionString"]!);

        await using (var work = await UnitOfWork.BeginAsync(database, Ct))
        {
            await using var hold = work.Command("select from event_store.log_head for update");
            await hold.ExecuteNonQueryAsync(Ct);
            await using var rebuilding = FiberLinkProgram.Start(["projections", "rebuild", "Communities", "--home", folder.Path]);
            await rebuilding.LineAsync(l => l.Contains("gathering statistics", StringComparison.Ordinal), Ct);
            await folder.FailsAsync(1, "somebody else", "projections", "verify", "Communities");
            await folder.FailsAsync(1, "somebody else", "projections", "rebuild", "Communities");
            await rebuilding.InterruptAsync(Ct);
            Assert.Equal(1, await rebuilding.ExitCodeAsync(Ct));
            Assert.Contains("'fiberlink projections rebuild Communities' goes on from there", rebuilding.Errors, StringComparison.Ordinal);
        }

        var list = (await folder.JsonAsync(Ct, "projections", "list")).AsArray();
        Assert.Equal(2, (long?)list.Single(m => (string)m!["name"]! == "Communities")!["unfinished"]);
        Assert.Contains(
            "generation 2 is live", await folder.DoAsync(Ct, "projections", "rebuild", "Communities"), StringComparison.Ordinal);

        await folder.FailsAsync(2, "There are: Communities, AccountBalances", "projections", "rebuild", "Nothing");
        await folder.FailsAsync(2, "There are: Communities, AccountBalances", "projections", "verify");
        await folder.FailsAsync(2, "or say --all", "projections", "rebuild", "TipStatus", "--all");
        await folder.FailsAsync(2, "cannot be split", "projections", "rebuild", "TipActivity", "--parallel", "2");
        await folder.FailsAsync(2, "1 to 32", "projections", "rebuild", "TipStatus", "--parallel", "0");
    }

    private static async Task<string> SettledAsync(DevFolder folder, string post)
    {
        var invoice = await folder.TipAsync(post, "1", Ct);
        await folder.DoAsync(Ct, "sandbox", "pay", invoice);
        await Eventually.HoldsAsync("it is settled", async () => await folder.TipStateAsync(invoice, Ct) == "SETTLED", Ct);
        return invoice;
    }

    private static async Task ExecuteAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.Command(sql);
        await command.ExecuteNonQueryAsync(Ct);
    }
}
