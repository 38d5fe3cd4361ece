using System.Security.Cryptography;
using FiberLink.Events.Money;
using FiberLink.Events.Tips;
using FiberLink.EventStore;
using FiberLink.Projections.AccountBalances;
using FiberLink.Projections.TipActivity;

namespace FiberLink.Projections.Tests;

/// <summary>Random histories: any cut of the log gives the same rows, and they are what a plain recount gives.</summary>
public sealed class Rebuilding_gives_what_living_gave(ReadModelsUnderTest live, SecondReadModels rebuilt)
    : IClassFixture<ReadModelsUnderTest>, IClassFixture<SecondReadModels>, IAsyncLifetime
{
    private const int Rounds = 6;
    private const int Tips = 60;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await live.ResetAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public Task However_the_log_is_cut() => EachRoundAsync(async seed =>
    {
        var history = RandomHistory.Of(seed, Tips);
        foreach (var some in RandomHistory.Cut(history, seed))
        {
            await live.LiveAsync(some, Ct);
        }

        var log = await live.Store.ReadLogAsync(0, EventStoreLimits.LogPageMax, Ct);
        foreach (var cut in new[] { seed + 1, seed + 2 })
        {
            await rebuilt.ResetAsync();
            foreach (var batch in RandomHistory.Cut(log, cut))
            {
                await rebuilt.ProjectAsync(batch, Ct);
            }

            Assert.Equal(await live.RowsAsync(Ct), await rebuilt.RowsAsync(Ct));
        }

        await rebuilt.ResetAsync();
        await rebuilt.ProjectAsync(log, Ct);
        Assert.Equal(await live.RowsAsync(Ct), await rebuilt.RowsAsync(Ct));
    });

    [Fact]
    public Task As_a_recount_by_hand_does() => EachRoundAsync(async seed =>
    {
        await live.LiveAsync(RandomHistory.Of(seed, Tips), Ct);
        var log = await live.Store.ReadLogAsync(0, EventStoreLimits.LogPageMax, Ct);
        var recount = new Recount(log);

        var activity = new TipActivityQuery(live.Database);
        var balances = new AccountBalancesQuery(live.Database);
        foreach (var tenant in Recount.Tenants)
        {
            foreach (var member in Recount.Members)
            {
                Assert.Equal(recount.CountsOf(tenant, member), await activity.CountAsync(tenant, member, Ct));
                Assert.Equal(recount.TipsOf(tenant, member), await activity.OfMemberAsync(tenant, member, Tips, Ct));
                Assert.Equal(recount.BalancesOf(tenant, member), await balances.OfMemberAsync(tenant, member, Ct));
            }

            Assert.Equal(recount.CountsByStage(tenant), (await activity.CountByStageAsync(tenant, Ct)).OrderBy(c => c.Key));
            var all = await balances.OfCommunityAsync(tenant, Ct);
            Assert.All(
                all.GroupBy(b => b.Asset),
                asset => Assert.Equal(Int128.Zero, asset.Aggregate(Int128.Zero, (sum, b) => sum + b.Units)));
        }
    });

    private async Task EachRoundAsync(Func<int, Task> act)
    {
        for (var round = 0; round < Rounds; round++)
        {
            var seed = RandomNumberGenerator.GetInt32(int.MaxValue - 10);
            await live.ResetAsync();
            try
            {
                await act(seed);
            }
            catch
            {
                TestContext.Current.SendDiagnosticMessage("The seed was {0}.", seed);
                await Console.Error.WriteLineAsync($"The seed was {seed}.");
                throw;
            }
        }
    }

    /// <summary>The same answers, from the events alone and the simplest way.</summary>
    private sealed class Recount(IReadOnlyList<RecordedEvent> log)
    {
        private readonly IReadOnlyList<Row> _rows =
            [.. log.Where(e => e.Body is TipEvent).GroupBy(e => e.Stream).Select(Row.Of).Where(r => r.Invoice is not null)];

        public static IEnumerable<string> Tenants => ["demo", "other", "nobody"];

        public static IEnumerable<string> Members => ["alice", "bob", "carol", "dave", "nobody"];

        public IEnumerable<MemberTipCounts> CountsOf(string tenant, string member) =>
            from row in Mine(tenant, member)
            group row by row.Requested.Amount.Asset into g
            orderby g.Key.Code
            select new MemberTipCounts(
                g.Key,
                g.Count(IsPending),
                g.Count(r => r.Stage is TipStage.Settled),
                g.Count(r => r.Stage is TipStage.Expired or TipStage.Cancelled),
                g.Where(r => IsPending(r) && r.Requested.To == member).Aggregate(UInt128.Zero, (sum, r) => sum + r.Requested.Amount.Units));

        public IEnumerable<TipActivityRow> TipsOf(string tenant, string member) =>
            Mine(tenant, member).OrderByDescending(r => r.Position).Select(r => new TipActivityRow(
                r.Requested.TipId,
                r.Invoice!,
                r.Requested.PostId,
                r.Requested.Amount,
                r.Stage,
                r.Requested.From,
                r.Requested.To,
                r.Requested.Message,
                r.Requested.RequestedAt,
                r.SettledAt));

        public IEnumerable<KeyValuePair<TipStage, long>> CountsByStage(string tenant) =>
            _rows.Where(r => r.Tenant == tenant)
                .GroupBy(r => r.Stage)
                .OrderBy(g => g.Key)
                .Select(g => KeyValuePair.Create(g.Key, g.LongCount()));

        public IEnumerable<AccountBalance> BalancesOf(string tenant, string member) =>
            log.Where(e => e.Stream.Tenant == tenant)
                .SelectMany(e => (e.Body as IMovesMoney)?.Entry?.Postings ?? [])
                .Where(p => p.Member == member)
                .GroupBy(p => (p.Account, p.Asset))
                .OrderBy(g => $"{g.Key.Account} {g.Key.Asset}", StringComparer.Ordinal)
                .Select(g => new AccountBalance(
                    g.Key.Account, member, g.Key.Asset, g.Aggregate(Int128.Zero, (sum, p) => sum + p.Units)));

        private static bool IsPending(Row row) => row.Stage is not (TipStage.Settled or TipStage.Expired or TipStage.Cancelled);

        private IEnumerable<Row> Mine(string tenant, string member) =>
            _rows.Where(r => r.Tenant == tenant && (r.Requested.From == member || r.Requested.To == member));

        private sealed record Row(
            string Tenant, long Position, TipEvent.Requested Requested, string? Invoice, TipStage Stage, DateTimeOffset? SettledAt)
        {
            public static Row Of(IEnumerable<RecordedEvent> tip)
            {
                var events = tip.ToArray();
                return new(
                    events[0].Stream.Tenant,
                    events[0].Position,
                    (TipEvent.Requested)events[0].Body,
                    events.Select(e => e.Body).OfType<TipEvent.InvoiceIssued>().SingleOrDefault()?.Invoice,
                    TipStages.After(events[^1].Body)!.Value,
                    events.Select(e => e.Body).OfType<TipEvent.Settled>().SingleOrDefault()?.SettledAt);
            }
        }
    }
}
