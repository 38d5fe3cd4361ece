using FiberLink.EndToEnd.Tests.Serving;
using FiberLink.Postgres;
using FiberLink.Testing;

namespace FiberLink.EndToEnd.Tests.Crashes;

/// <summary>Two services on one database, as a company runs them.</summary>
public sealed class Two_service_nodes
{
    private static readonly long WatcherKey = AdvisoryKey.Of("settlement-watcher");

    // A lock of one 64-bit key is shown as two halves.
    private static readonly string WatcherSql =
        $"""
        select coalesce(max(pid), 0) from pg_locks
         where locktype = 'advisory' and granted and database = (select oid from pg_database where datname = current_database())
           and classid::bigint = {WatcherKey >> 32 & 0xFFFFFFFF} and objid::bigint = {WatcherKey & 0xFFFFFFFF}
        """;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Share_the_work_and_take_over_from_the_dead()
    {
        await using var scene = await ServiceScene.StartAsync(Ct);
        await using var first = await scene.StartServiceAsync(Ct);
        await Eventually.HoldsAsync("the first watches", async () => await WatcherAsync(scene) != 0, Ct);
        var watcher = await WatcherAsync(scene);

        // Whoever comes second answers as well, and what is made there is settled though the other watches.
        await using var second = await scene.StartServiceAsync(Ct);
        var early = await TipAndPayAsync(scene, second, "1");
        await UntilSettledAsync(first, early);
        await UntilSettledAsync(second, early);
        Assert.Equal(watcher, await WatcherAsync(scene));

        var late = await second.Forum.CreateTipAsync(new Wish("2", "7", "9", "1"), Ct);
        await first.Process.KillAsync();
        await scene.Node.PayAsync(late, Ct);
        await UntilSettledAsync(second, late);
        var heir = await WatcherAsync(scene);
        Assert.True(heir != 0 && heir != watcher, "The second must have taken the watch.");

        // One that comes back waits for its turn, and both go on answering.
        await using var third = await scene.StartServiceAsync(Ct);
        var last = await TipAndPayAsync(scene, third, "3");
        await UntilSettledAsync(second, last);
        await UntilSettledAsync(third, last);
        Assert.Equal(heir, await WatcherAsync(scene));

        Assert.Equal(3, await scene.Books.EventsAsync("tip.settled.v1", Ct));
        Assert.Equal(0, await scene.Books.RepeatedAsync("tip.settled.v1", Ct));
        Assert.Equal(300_000_000, await scene.Books.BalanceAsync("9", Ct));
        Assert.Equal(0, await scene.Books.TrialBalanceAsync(Ct));
    }

    [Fact]
    public async Task Grant_one_wish_once_though_it_comes_to_both()
    {
        await using var scene = await ServiceScene.StartAsync(Ct);
        await using var first = await scene.StartServiceAsync(Ct);
        await using var second = await scene.StartServiceAsync(Ct);

        var invoices = await Task.WhenAll(Enumerable.Range(0, 20)
            .Select(n => (n % 2 == 0 ? first : second).Forum.CreateTipAsync(new Wish("1", "7", "9", "1"), Ct)));

        Assert.Single(invoices.Distinct(StringComparer.Ordinal));
        Assert.Single(await scene.Node.ListAsync(Ct));
        Assert.Equal(1, await scene.Books.TipsAsync(Ct));
    }

    private static async Task<string> TipAndPayAsync(ServiceScene scene, RunningService service, string post)
    {
        var invoice = await service.Forum.CreateTipAsync(new Wish(post, "7", "9", "1"), Ct);
        await scene.Node.PayAsync(invoice, Ct);
        return invoice;
    }

    private static Task UntilSettledAsync(RunningService service, string invoice) =>
        Eventually.HoldsAsync("the tip is settled", async () => await service.Forum.TipStateAsync(invoice, Ct) == "SETTLED", Ct);

    /// <summary>The database session that holds the watch; 0 for none.</summary>
    private static Task<long> WatcherAsync(ServiceScene scene) => scene.Books.NumberAsync(WatcherSql, Ct);
}
