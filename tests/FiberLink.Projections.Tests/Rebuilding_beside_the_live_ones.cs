using System.Security.Cryptography;
using FiberLink.Events.Tips;
using FiberLink.EventStore.Projections;
using FiberLink.EventStore.Rebuilding;
using FiberLink.Postgres;

namespace FiberLink.Projections.Tests;

/// <summary>Every read model of the product, rebuilt from random histories while the service lives.</summary>
public sealed class Rebuilding_beside_the_live_ones(ReadModelsUnderTest live) : IClassFixture<ReadModelsUnderTest>, IAsyncLifetime
{
    private const int Tips = 400;

    private readonly int _seed = RandomNumberGenerator.GetInt32(int.MaxValue - 10);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string> Names => [.. ReadModels.All.Select(m => m.Projection.Name)];

    public async ValueTask InitializeAsync() => await live.ResetAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Gives_the_same_rows_and_goes_on_living(string name)
    {
        var model = ReadModels.All.Single(m => m.Projection.Name == name);
        var history = RandomHistory.Of(_seed, Tips);
        await live.LiveAsync(history.Take(history.Count / 2), Ct);
        await PutOffAsync();
        var before = await live.RowsAsync(Ct);
        await BreakAsync(model);

        var done = await new ProjectionRebuild(live.Database, live.Store, TimeProvider.System)
            .RunAsync(model, new() { Parallel = model.Projection.IsByStream ? 2 : 1 }, null, Ct);

        Assert.IsType<RebuildOutcome.TookOver>(done);
        AssertSame(before, await live.RowsAsync(Ct));

        await live.LiveAsync(history.Skip(history.Count / 2), Ct);
        foreach (var each in ReadModels.All)
        {
            var compared = Assert.IsType<VerifyOutcome.Compared>(
                await new ProjectionVerification(live.Database, live.Store, TimeProvider.System).RunAsync(each, new(), null, Ct));
            Assert.True(compared.IsSame, $"{each.Projection.Name} differs; the seed was {_seed}: {string.Join("; ", compared.Tables)}");
        }
    }

    [Fact]
    public async Task Never_shows_balances_that_do_not_sum_to_zero_while_money_moves()
    {
        using var enough = new CancellationTokenSource();
        var model = ReadModels.All.Single(m => m.Projection.Name == "AccountBalances");
        var writing = WriteAsync();
        var reading = ReadAsync();
        try
        {
            for (var i = 0; i < 4; i++)
            {
                var done = await new ProjectionRebuild(live.Database, live.Store, TimeProvider.System).RunAsync(model, new(), null, Ct);
                Assert.IsType<RebuildOutcome.TookOver>(done);
            }
        }
        finally
        {
            await enough.CancelAsync();
            await Task.WhenAll(writing, reading);
        }

        async Task WriteAsync()
        {
            for (var round = 0; !enough.IsCancellationRequested; round++)
            {
                await live.AppendAllAsync(RandomHistory.Of(_seed + round, 20).Where(h => h.Events[0] is TipEvent), Ct);
            }
        }

        async Task ReadAsync()
        {
            var most = 0L;
            while (!enough.IsCancellationRequested)
            {
                var seen = await live.TextsAsync(
                    """
                    select concat_ws(' ', coalesce((select max(abs(sum)) from (select sum(units) from read_models.account_balances
                                                     group by tenant_id, asset) as sums), 0),
                                     coalesce((select max(last_position) from read_models.account_balances), 0))
                    """,
                    Ct);
                var parts = seen.Single().Split(' ');
                var last = long.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture);
                Assert.True(parts[0] == "0" && last >= most, $"{most} then {seen.Single()}; the seed was {_seed}");
                most = last;
            }
        }
    }

    /// <summary>The watcher has looked at some invoices, and will never again look at others.</summary>
    private Task PutOffAsync() => RunAsync(
        """
        update read_models.invoice_watch
           set next_poll_at = case when tip_id::text < '8' then null else next_poll_at + interval '1 hour' end
        """);

    /// <summary>Something went wrong with the live rows: but for what only they know, a rebuild mends it.</summary>
    private async Task BreakAsync(ReadModel model)
    {
        foreach (var table in model.Tables!.Names.Where(_ => model.Tables.NotFromEvents.Count == 0))
        {
            await RunAsync($"delete from read_models.{table} where ctid in (select ctid from read_models.{table} limit 3)");
        }
    }

    private async Task RunAsync(string sql)
    {
        await using var command = live.Database.Command(sql);
        await command.ExecuteNonQueryAsync(Ct);
    }

    private void AssertSame(IReadOnlyList<string> before, IReadOnlyList<string> after) =>
        Assert.True(before.SequenceEqual(after), $"The rows differ; the seed was {_seed}.");
}
