using System.Security.Cryptography;
using FiberLink.Events.Money;
using FiberLink.EventStore;
using FiberLink.Projections.AccountBalances;
using FiberLink.Projections.LedgerEntries;

namespace FiberLink.Projections.Tests;

/// <summary>What the books say of any point of the log is what adding up the events until there gives.</summary>
public sealed class The_books_of_a_community(ReadModelsUnderTest models) : IClassFixture<ReadModelsUnderTest>, IAsyncLifetime
{
    private const int Tips = 300;
    private const int Questions = 10_000;

    private LedgerEntriesQuery Query => new(models.Database);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await models.ResetAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Say_what_anybody_had_at_any_position()
    {
        var seed = RandomNumberGenerator.GetInt32(int.MaxValue);
        TestContext.Current.SendDiagnosticMessage("The seed is {0}.", seed);
        await models.LiveAsync(RandomHistory.Of(seed, Tips), Ct);
        var log = await LogAsync();
        var postings = log.SelectMany(e => LedgerEntry.Of(e).Select(p => (e.Stream.Tenant, Entry: p))).ToArray();
        var owners = postings.Select(p => (p.Tenant, p.Entry.Member)).Append(("demo", "nobody")).Distinct().ToArray();

#pragma warning disable CA5394 // A seed that is printed is worth more here than one that nobody can guess.
        var random = new Random(seed);
        for (var i = 0; i < Questions; i++)
        {
            var (tenant, member) = owners[random.Next(owners.Length)];
            var position = random.Next(log.Count + 1);
            var naive = postings
                .Where(p => p.Tenant == tenant && p.Entry.Member == member && p.Entry.Position <= position)
                .GroupBy(p => (p.Entry.Account, p.Entry.Asset))
                .Select(g => new AccountBalance(
                    g.Key.Account, member, g.Key.Asset, g.Aggregate(Int128.Zero, (sum, p) => sum + p.Entry.Units)))
                .OrderBy(b => $"{b.Account} {b.Asset}", StringComparer.Ordinal);

            var told = await Query.BalancesAsync(tenant, member ?? "", position, Ct);
            Assert.True(naive.SequenceEqual(told), $"Seed {seed}: {member} of {tenant} at {position}.");
        }
    }

    [Fact]
    public async Task Have_every_posting_once_in_order_with_what_its_account_stood_at()
    {
        var seed = RandomNumberGenerator.GetInt32(int.MaxValue);
        TestContext.Current.SendDiagnosticMessage("The seed is {0}.", seed);
        await models.LiveAsync(RandomHistory.Of(seed, Tips), Ct);
        var log = await LogAsync();
        Assert.Equal(log.Count, await Query.ReadPositionAsync(Ct));

        foreach (var tenant in new[] { "demo", "other" })
        {
            var balances = new Dictionary<(Account, string?, Asset), Int128>();
            var expected = new List<LedgerEntry>();
            foreach (var entry in log.Where(e => e.Stream.Tenant == tenant).SelectMany(LedgerEntry.Of))
            {
                var key = (entry.Account, entry.Member, entry.Asset);
                balances[key] = balances.GetValueOrDefault(key) + entry.Units;
                expected.Add(entry with { Balance = balances[key] });
            }

            var all = new LedgerFilter(tenant, 0, log.Count);
            Assert.Equal(expected, await ReadAsync(all));
            Assert.Equal(expected[^7..], await ReadAsync(all, 7));

            var some = all with { After = log.Count / 4, UpTo = log.Count / 2, Member = "bob", Asset = Asset.Ckb };
            Assert.Equal(expected.Where(some.Has), await ReadAsync(some));
            var held = all with { Account = Account.MemberHeld };
            Assert.Equal(expected.Where(held.Has), await ReadAsync(held));

            var now = await Query.BalancesAsync(tenant, null, log.Count, Ct);
            Assert.Equal(await new AccountBalancesQuery(models.Database).OfCommunityAsync(tenant, Ct), now);
        }
    }

    [Fact]
    public async Task Are_empty_before_anything_was_posted()
    {
        Assert.Equal(0, await Query.ReadPositionAsync(Ct));
        Assert.Empty(await Query.BalancesAsync("demo", null, 0, Ct));
        Assert.Empty(await ReadAsync(new("demo", 0, 100)));
    }

    private async Task<IReadOnlyList<LedgerEntry>> ReadAsync(LedgerFilter filter, int? latest = null)
    {
        var entries = new List<LedgerEntry>();
        await foreach (var entry in Query.ReadAsync(filter, latest, Ct))
        {
            entries.Add(entry);
        }

        return entries;
    }

    private Task<IReadOnlyList<RecordedEvent>> LogAsync() => models.Store.ReadLogAsync(0, EventStoreLimits.LogPageMax, Ct);
}
