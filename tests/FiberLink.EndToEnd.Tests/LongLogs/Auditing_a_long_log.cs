using System.Globalization;
using System.Text.Json.Nodes;
using FiberLink.EndToEnd.Tests.Processes;

namespace FiberLink.EndToEnd.Tests.LongLogs;

/// <summary>A long log is verified; and whatever somebody changes in it who owns the database is found.</summary>
public sealed class Auditing_a_long_log
{
    private const long MebibytesMax = 512;

    // Of an event in the middle, an entry that pays.
    private static readonly string Middle =
        $"(select min(seq_id) from event_store.mt_events where type = 'tip.settled.v1' and seq_id > {SeededLog.EventsWanted / 2})";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Takes_no_more_memory_than_a_short_one_and_finds_what_was_changed()
    {
        await using var log = await SeededLog.MakeAsync(Ct);
        var folder = Directory.CreateTempSubdirectory("fiberlink-long-log-");
        try
        {
            var seen = Path.Combine(folder.FullName, "seen");
            await log.SignAsync(folder.FullName, Ct);
            Assert.Empty((await VerifyAsync(log.ConnectionString, seen)).Findings);

            (string What, string Sql, string Finds)[] ways =
            [
                (
                    "changed event",
                    $"update event_store.mt_events set data = data || '{{\"to\": \"thief\"}}' where seq_id = {Middle}",
                    "EventChanged"),
                ("removed event", $"delete from event_store.mt_events where seq_id = {Middle}", "EventMissing"),
                (
                    "swapped order",
                    $"""
                    update event_store.mt_events set seq_id = -1 where seq_id = {SeededLog.EventsWanted / 2};
                    update event_store.mt_events set seq_id = {SeededLog.EventsWanted / 2} where seq_id = {SeededLog.EventsWanted / 2 + 1};
                    update event_store.mt_events set seq_id = {SeededLog.EventsWanted / 2 + 1} where seq_id = -1
                    """,
                    "EventChanged"),
                (
                    "changed balance",
                    """
                    update read_models.account_balances set units = units + 1
                     where (tenant_id, member) in (
                         select tenant_id, member from read_models.account_balances where account = 'MemberAvailable' limit 1)
                    """,
                    "BalanceWrong"),
                (
                    "cut-off end",
                    $"""
                    delete from event_store.mt_events where seq_id > {SeededLog.EventsWanted - 100};
                    update event_store.log_head set position = {SeededLog.EventsWanted - 100};
                    delete from event_store.log_tiles; delete from event_store.log_tree; delete from event_store.log_checkpoints
                    """,
                    "LogCutOff"),
            ];
            foreach (var (what, sql, finds) in ways)
            {
                var copy = await log.CopyAsync("spoiled", Ct);
                await SeededLog.TamperAsync(copy, sql, Ct);
                var findings = (await VerifyAsync(copy, seen)).Findings;
                Assert.True(findings.Any(f => (string)f!["kind"]! == finds), $"{what}: {findings.ToJsonString()}");
                SeededLog.Tell($"{what}: found, {findings.Count} findings, {(string)findings[0]!["text"]!}");
                await log.DropAsync("spoiled", Ct);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<(JsonArray Findings, long Mebibytes)> VerifyAsync(string database, string seen)
    {
        await using var verifying = SeededLog.Start(database, "audit", "verify", "--log-only", "--state", seen, "--json");
        var mebibytes = 0L;
        await SeededLog.UntilAsync(
            () =>
            {
                mebibytes = Math.Max(mebibytes, MostMebibytes(verifying));
                return Task.FromResult(verifying.HasExited);
            },
            Ct);
        var code = await verifying.EndAsync(Ct);
        Assert.True(code is 0 or 1, verifying.Story);
        var verified = JsonNode.Parse(verifying.Output)!;
        var (events, seconds) = ((long)verified["events"]!, (double)verified["seconds"]!);
        SeededLog.Tell($"verify: {events} events in {seconds:0.0} s, {events / seconds:0} a second, {mebibytes} MiB at most");
        Assert.True(mebibytes < MebibytesMax, $"It took {mebibytes} MiB.");
        return (verified["findings"]!.AsArray(), mebibytes);
    }

    // The most it ever had, as Linux counts; nothing where it has ended, or elsewhere.
    private static long MostMebibytes(RunningProcess running)
    {
        try
        {
            var line = File.ReadLines($"/proc/{running.Id}/status").FirstOrDefault(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
            var kibibytes = line?.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[^2];
            return kibibytes is null ? 0 : long.Parse(kibibytes, CultureInfo.InvariantCulture) / 1024;
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
