using FiberLink.LogWriter;
using FiberLink.Testing;

namespace FiberLink.EventStore.Tests.Campaigns;

/// <summary>
/// Changes of every kind by many callers at once, while readers follow: what callers were told is so, and readers see all of it.
/// </summary>
#pragma warning disable CA5394 // Chance by a seed, so that a run can be repeated.
public sealed class Writers_and_readers_at_random
{
    private const int Callers = 8;
    private const int Readers = 3;
    private const int Stops = 4;

    private static readonly int Rounds = LongRun.IsAskedFor ? 20 : 2;
    private static readonly int ChangesEach = LongRun.IsAskedFor ? 1_000 : 120;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_stores_of_one_process() =>
        await CheckAsync(async (database, ledger, seed) =>
        {
            await using var one = WriterLog.Open(database.DataSource);
            await using var other = WriterLog.Open(database.DataSource, new() { GroupChangesMax = 3, WaitingChangesMax = 6 });
            await Task.WhenAll(
                new Writer(one, ledger.Take).RunAsync(seed, Callers, ChangesEach, "note", () => false),
                new Writer(other, ledger.Take).RunAsync(seed + 1, Callers, ChangesEach, "note", () => false));
        });

    [Fact]
    public async Task Two_processes() =>
        await CheckAsync(async (database, ledger, seed) =>
        {
            await using var one = WriterProcess.Start(database.ConnectionString, seed, Callers, ChangesEach, "note", ledger);
            await using var other = WriterProcess.Start(database.ConnectionString, seed + 1, Callers, ChangesEach, "note", ledger);
            await one.EndAsync(Ct);
            await other.EndAsync(Ct);
        });

    [Fact]
    public async Task One_that_is_stopped_in_the_middle_does_not_stop_the_other_and_writes_nothing_twice()
    {
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper!.WriteLine($"Seed: {seed}");
        var random = new Random(seed);
        await using var database = await TestDatabase.CreateAsync(WriterLog.Migrations);
        var ledger = new Ledger();
        await using var one = WriterProcess.Start(database.ConnectionString, seed, Callers, int.MaxValue, "note", ledger);
        await using var other = WriterProcess.Start(database.ConnectionString, seed + 1, Callers, int.MaxValue, "note", ledger);
        for (var stop = 0; stop < Stops; stop++)
        {
            await Task.WhenAll(one.AppendsAsync(20, Ct), other.AppendsAsync(20, Ct));

            // Not a wait: the moment is what chance is asked for.
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(60)), TimeProvider.System, Ct);
            await one.SignalAsync("STOP", Ct);
            await other.AppendsAsync(20, Ct);
            await one.SignalAsync("CONT", Ct);
        }

        await one.StopAsync(Ct);
        await other.StopAsync(Ct);
        await new LogAudit(database.DataSource).CheckAsync(ledger, Ct);
    }

    private static async Task CheckAsync(Func<TestDatabase, Ledger, int, Task> write)
    {
        for (var round = 0; round < Rounds; round++)
        {
            var seed = Environment.TickCount;
            TestContext.Current.TestOutputHelper!.WriteLine($"Seed: {seed}");
            await using var database = await TestDatabase.CreateAsync(WriterLog.Migrations);
            await using var reading = WriterLog.Open(database.DataSource);
            var followers = Enumerable.Range(0, Readers).Select(r => new Follower(reading, new Random(seed + r))).ToArray();
            var ledger = new Ledger();
            var writing = write(database, ledger, seed);
            await Task.WhenAll([.. followers.Select(f => Task.Run(() => f.FollowAsync(() => writing.IsCompleted, Ct), Ct)), writing]);

            TestContext.Current.TestOutputHelper.WriteLine(ledger.Answers);
            var log = await WholeLogAsync(reading);
            Array.ForEach(followers, f => f.Check(log));
            await new LogAudit(database.DataSource).CheckAsync(ledger, Ct);

            // A caller who leaves in the moment of the commit, of a change without an id, may be told that nobody can say.
            Assert.DoesNotContain(ledger.Entries.Values, e => e.IsUnanswered);
        }
    }

    private static async Task<IReadOnlyList<RecordedEvent>> WholeLogAsync(PostgresEventStore store)
    {
        var log = new List<RecordedEvent>();
        while (await store.ReadLogAsync(log.Count, EventStoreLimits.LogPageMax, Ct) is { Count: > 0 } page)
        {
            log.AddRange(page);
        }

        return log;
    }
}
#pragma warning restore CA5394
