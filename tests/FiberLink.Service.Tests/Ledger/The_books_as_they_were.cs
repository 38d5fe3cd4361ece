using FiberLink.EventStore;
using FiberLink.Events.Money;
using FiberLink.Projections;
using FiberLink.Projections.LedgerEntries;
using FiberLink.Service.Ledger;
using FiberLink.Service.Tests.Scene;
using FiberLink.Service.Tests.Withdrawals;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Service.Tests.Ledger;

/// <summary>What the read model does not show yet is read from the log, and nobody can tell the difference.</summary>
public sealed class The_books_as_they_were
{
    private static readonly DateTimeOffset Noon = new(2026, 8, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(5)]
    [InlineData(3)]
    [InlineData(0)]
    public async Task Are_the_same_however_far_behind_the_read_model_is(long shown)
    {
        await using var service = await StoppedAsync(shown);
        var books = Books(service);

        Assert.Equal(
            [(1, 10, 10), (2, 20, 30), (3, 30, 60), (4, 40, 100), (5, 50, 150)],
            (await EntriesAsync(books, "bob", 5)).Select(e => ((int)e.Position - Given, e.Units / Ckb, e.Balance / Ckb)));
        Assert.Equal([30, 60], (await EntriesAsync(books, "bob", 3, 2)).Select(e => e.Balance / Ckb));
        Assert.Equal([100, 150], (await EntriesAsync(books, "bob", 5, 2)).Select(e => e.Balance / Ckb));
        foreach (var (at, had) in new[] { (0, 0), (1, 10), (3, 60), (4, 100), (5, 150) })
        {
            var balances = await books.BalancesAsync(RunningService.App, "bob", Given + at, Ct);
            Assert.Equal(had, balances.Sum(b => (int)(b.Units / Ckb)));
            var all = await books.BalancesAsync(RunningService.App, null, Given + at, Ct);
            Assert.Equal(Int128.Zero, all.Aggregate(Int128.Zero, (sum, b) => sum + b.Units));
        }
    }

    [Fact]
    public async Task Are_found_by_position_or_by_moment()
    {
        await using var service = await StoppedAsync(5);
        var books = Books(service);

        Assert.Equal(Given + 5, (await books.FindAsync(null, Ct)).Position);
        Assert.Equal(new(Given + 2, Noon.AddHours(2)), await books.FindAsync(new LogPoint.Position(Given + 2), Ct));
        Assert.Equal(new(0, null), await books.FindAsync(new LogPoint.Position(0), Ct));
        Assert.Equal(Given + 3, (await books.FindAsync(new LogPoint.Time(Noon.AddHours(3)), Ct)).Position);
        Assert.Equal(Given + 3, (await books.FindAsync(new LogPoint.Time(Noon.AddHours(4).AddTicks(-10)), Ct)).Position);
        Assert.Equal(Given + 5, (await books.FindAsync(new LogPoint.Time(Noon.AddYears(1)), Ct)).Position);
        Assert.Equal(new(0, null), await books.FindAsync(new LogPoint.Time(Noon.AddYears(-9)), Ct));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => books.FindAsync(new LogPoint.Position(Given + 6), Ct));
    }

    [Fact]
    public async Task Say_so_when_too_much_is_missing()
    {
        await using var service = await StoppedAsync(5);
        await service.Database.ExecuteAsync("update event_store.log_head set position = position + 200000");

        var behind = await Assert.ThrowsAsync<LedgerIsBehindException>(
            () => Books(service).BalancesAsync(RunningService.App, "bob", Given + 150_000, Ct));
        Assert.Contains("projections list", behind.Message, StringComparison.Ordinal);
    }

    private const long Ckb = 100_000_000;

    // The community itself is in the log before.
    private const int Given = 1;

    /// <summary>Five gifts to bob, an hour apart, of which the read model shows so many; nobody brings it forward.</summary>
    private static async Task<RunningService> StoppedAsync(long shown)
    {
        var clock = new TestClock();
        clock.StandAt(Noon);
        var service = await RunningService.StartAsync(new Opening { Clock = clock });
        for (var i = 1; i <= 5; i++)
        {
            clock.StandAt(Noon.AddHours(i));
            await service.GiveAsync(RunningService.App, "bob", $"{i * 10}");
        }

        await service.DashboardsAreCurrentAsync();
        await service.Instance.DisposeAsync();
        await service.Database.ExecuteAsync($"delete from read_models.ledger_entries where position > {Given + shown}");
        await service.Database.ExecuteAsync(
            $"update event_store.mt_event_progression set last_seq_id = {Given + shown} where name like 'LedgerEntries%'");
        return service;
    }

    private static LedgerBooks Books(RunningService service) =>
        new(
            new LedgerEntriesQuery(service.Database.DataSource),
            new PostgresEventStore(service.Database.DataSource, StoredEvents.Catalogue, [], []),
            new LogTimes(service.Database.DataSource));

    private static async Task<IReadOnlyList<LedgerEntry>> EntriesAsync(LedgerBooks books, string member, int upTo, int? latest = null)
    {
        var entries = new List<LedgerEntry>();
        var filter = new LedgerFilter(RunningService.App, 0, Given + upTo) { Member = member };
        await foreach (var entry in books.EntriesAsync(filter, latest, Ct))
        {
            Assert.Equal(Account.MemberAvailable, entry.Account);
            entries.Add(entry);
        }

        return entries;
    }
}
