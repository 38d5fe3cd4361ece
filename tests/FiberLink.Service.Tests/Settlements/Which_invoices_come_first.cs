using FiberLink.Projections.InvoiceWatch;
using FiberLink.Service.Settlements;
using FiberLink.Service.Startup;
using FiberLink.Service.Tests.Scene;
using FiberLink.Testing;

namespace FiberLink.Service.Tests.Settlements;

public sealed class Which_invoices_come_first : IAsyncLifetime
{
    private const string Watched =
        """
        insert into read_models.invoice_watch
            (tenant_id, tip_id, payment_hash, stage, issued_at, expires_at, next_poll_at, is_slow)
        select $1, gen_random_uuid(), $1 || n, 'AwaitingPayment', now(), now(), $2::timestamptz + make_interval(secs => n), $3
          from generate_series(1, $4) as n
        """;

    private readonly ManualTime _time = new(DateTimeOffset.UtcNow);
    private TestDatabase? _database;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private TestDatabase Database => _database!;

    private DueInvoices Due => new(new InvoiceWatchQuery(Database.DataSource), _time);

    public async ValueTask InitializeAsync() => _database = await TestDatabase.CreateAsync([.. Schema.Migrations]);

    public ValueTask DisposeAsync() => Database.DisposeAsync();

    [Fact]
    public async Task Old_ones_get_a_quarter_however_much_is_fresh_and_however_much_is_old()
    {
        await WatchAsync("fresh", 500);
        await WatchAsync("old", 500, isSlow: true);

        Assert.Equal([("fresh", 75), ("old", 25)], Counted(await Due.TakeAsync(100, Ct)));
    }

    [Fact]
    public async Task Fresh_ones_get_what_nobody_else_wants()
    {
        await WatchAsync("fresh", 500);

        Assert.Equal([("fresh", 100)], Counted(await Due.TakeAsync(100, Ct)));
    }

    [Fact]
    public async Task A_community_with_few_is_not_held_up_by_one_with_many()
    {
        await WatchAsync("crowd", 5_000);
        await WatchAsync("small", 2, due: _time.GetUtcNow().AddMinutes(-1));
        var due = Due;

        // The first look finds out that there are too many; from the second on they take turns.
        Assert.Equal([("crowd", 100)], Counted(await due.TakeAsync(100, Ct)));
        Assert.Equal([("crowd", 50), ("small", 2)], Counted(await due.TakeAsync(100, Ct)));
    }

    [Fact]
    public async Task Every_community_gets_its_turn_when_there_are_more_than_room()
    {
        for (var i = 0; i < 7; i++)
        {
            await WatchAsync($"community-{i}", 100);
        }

        var due = Due;
        await due.TakeAsync(4, Ct);

        var turns = new List<WatchedInvoice>();
        for (var i = 0; i < 4; i++)
        {
            turns.AddRange(await due.TakeAsync(4, Ct));
        }

        Assert.Equal(7, turns.Select(t => t.Tenant).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task The_usual_order_comes_back_when_the_crowd_is_gone()
    {
        await WatchAsync("crowd", 20);
        var due = Due;
        await due.TakeAsync(10, Ct);
        await Database.ExecuteAsync("delete from read_models.invoice_watch");
        await WatchAsync("a", 2, due: _time.GetUtcNow().AddHours(-1));
        await due.TakeAsync(10, Ct);
        await WatchAsync("b", 1);

        Assert.Equal(["b1", "a1", "a2"], (await due.TakeAsync(10, Ct)).Select(i => i.PaymentHash));
    }

    private Task WatchAsync(string tenant, int count, bool isSlow = false, DateTimeOffset? due = null) =>
        Database.ExecuteAsync(Watched, tenant, (due ?? _time.GetUtcNow().AddHours(-2)).UtcDateTime, isSlow, count);

    private static IEnumerable<(string Tenant, int Count)> Counted(IEnumerable<WatchedInvoice> invoices) =>
        invoices.GroupBy(i => i.Tenant, StringComparer.Ordinal).Select(g => (g.Key, g.Count())).Order();
}
