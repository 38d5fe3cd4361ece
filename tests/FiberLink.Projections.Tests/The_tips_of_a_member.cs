using FiberLink.Events.Communities;
using FiberLink.Projections.LedgerEntries;
using FiberLink.Projections.TipActivity;

namespace FiberLink.Projections.Tests;

/// <summary>What whoever is asked about a balance lists: also what nobody was credited.</summary>
public sealed class The_tips_of_a_member(ReadModelsUnderTest models) : IClassFixture<ReadModelsUnderTest>, IAsyncLifetime
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private TipsQuery Query => new(models.Database);

    public async ValueTask InitializeAsync() => await models.ResetAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Are_listed_in_every_state_with_an_invoice_or_without()
    {
        var tips = new (Tip Tip, TipStage Stage)[]
        {
            (Tipped(), TipStage.Requested), (Tipped(), TipStage.AwaitingPayment), (Tipped(), TipStage.Received),
            (Tipped(), TipStage.Settled), (Tipped(), TipStage.Expired), (Tipped(), TipStage.Cancelled), (Tipped(), TipStage.Suspended),
            (Tipped(), TipStage.Cancelled),
        };
        await models.LiveAsync(
            [
                tips[0].Tip.Happens(tips[0].Tip.Requested),
                tips[1].Tip.Happens(tips[1].Tip.Requested, tips[1].Tip.Issued),
                tips[2].Tip.Happens(tips[2].Tip.Requested, tips[2].Tip.Issued, tips[2].Tip.Received),
                tips[3].Tip.Happens(tips[3].Tip.Requested, tips[3].Tip.Issued, tips[3].Tip.Settled),
                tips[4].Tip.Happens(tips[4].Tip.Requested, tips[4].Tip.Issued, tips[4].Tip.Expired),
                tips[5].Tip.Happens(tips[5].Tip.Requested, tips[5].Tip.Refused),
                tips[6].Tip.Happens(tips[6].Tip.Requested, tips[6].Tip.Issued, tips[6].Tip.Suspended),
                tips[7].Tip.Happens(tips[7].Tip.Requested, tips[7].Tip.Issued, tips[7].Tip.Cancelled),
            ],
            Ct);

        var listed = await Query.ListAsync(new("demo", "bob", 100), Ct);
        Assert.Equal(tips.Reverse().Select(t => (t.Tip.Id, t.Stage)), listed.Select(r => (r.TipId, r.Stage)));
        Assert.Equal(
            (null, tips[0].Tip.PaymentHash, null, tips[3].Tip.Invoice, Tip.Noon.AddMinutes(3)),
            (listed[^1].Invoice, listed[^1].PaymentHash, listed[^1].SettledAt, listed[4].Invoice, listed[4].SettledAt!.Value));
        foreach (var stage in Enum.GetValues<TipStage>())
        {
            Assert.Equal(
                tips.Reverse().Where(t => t.Stage == stage).Select(t => t.Tip.Id),
                (await Query.ListAsync(new("demo", "bob", 100) { Stage = stage }, Ct)).Select(r => r.TipId));
            Assert.Equal(
                tips.Reverse().Where(t => t.Stage == stage).Select(t => t.Tip.Id),
                (await Query.ListAsync(new(null, null, 100) { Stage = stage }, Ct)).Select(r => r.TipId));
        }
    }

    [Fact]
    public async Task Are_listed_by_direction_and_page_by_page_each_of_them_once()
    {
        Tip[] tips =
        [
            new("alice", "bob", 5), new("bob", "alice", 5), new("alice", "bob", 5), new("bob", "bob", 5), new("bob", "alice", 5),
            new("alice", "carol", 5), new("alice", "bob", 5) { Tenant = "other" },
        ];
        await models.LiveAsync(tips.Select(t => t.Happens(t.Requested, t.Issued)), Ct);

        Assert.Equal(Ids(tips[3], tips[2], tips[0]), await ListAsync(new("demo", "bob", 9) { Out = false }));
        Assert.Equal(Ids(tips[4], tips[3], tips[1]), await ListAsync(new("demo", "bob", 9) { In = false }));
        Assert.Equal(Ids(tips[6], tips[3], tips[2], tips[0]), await ListAsync(new(null, "bob", 9) { Out = false }));
        Assert.Equal(Ids([.. tips.Take(6).Reverse()]), await ListAsync(new("demo", null, 9)));

        foreach (var member in new[] { "bob", null })
        {
            var paged = new List<Guid>();
            long? before = null;
            while (await Query.ListAsync(new("demo", member, 2) { Before = before }, Ct) is [.., var last] page)
            {
                Assert.InRange(page.Count, 1, 2);
                paged.AddRange(page.Select(r => r.TipId));
                before = last.Position;
            }

            Assert.Equal(await ListAsync(new("demo", member, 100)), paged);
        }
    }

    [Fact]
    public async Task Are_found_by_id_invoice_and_payment_hash()
    {
        var (here, there) = (Tipped(), Tipped() with { Tenant = "other" });
        await models.AppendAllAsync([Registered("demo"), Registered("other")], Ct);
        await models.AppendAllAsync([here.Happens(here.Requested, here.Issued), there.Happens(there.Requested)], Ct);

        Assert.Equal([("demo", here.Id)], await Query.FindAsync(null, here.Id, Ct));
        Assert.Equal([("demo", here.Id)], await Query.FindAsync("demo", here.Invoice, Ct));
        Assert.Equal([("other", there.Id)], await Query.FindAsync(null, there.PaymentHash, Ct));
        Assert.Empty(await Query.FindAsync("other", here.Id, Ct));
        Assert.Empty(await Query.FindAsync("other", here.Invoice, Ct));
        Assert.Empty(await Query.FindAsync(null, there.Invoice, Ct));
        Assert.Empty(await Query.FindAsync(null, Guid.CreateVersion7(), Ct));
    }

    [Fact]
    public async Task And_withdrawals_say_what_postings_come_from()
    {
        var (tip, withdrawal) = (new Tip("alice", "bob", 500), new Withdrawal("bob", 100));
        await models.LiveAsync([tip.Happens(tip.Requested, tip.Issued, tip.Settled)], Ct);
        await models.LiveAsync([new(withdrawal.Stream, tip.At, [withdrawal.Requested])], Ct);
        var query = new PostingOriginsQuery(models.Database);

        var found = await query.FindAsync("demo", [tip.Stream.Key, withdrawal.Stream.Key, "movement-1", "tip-no"], Ct);

        Assert.Equal(2, found.Count);
        Assert.Equal(new PostingOrigin.Tip("alice", "bob", $"post-{tip.Id:N}"), found[tip.Stream.Key]);
        Assert.Equal(new PostingOrigin.Withdrawal(withdrawal.Address), found[withdrawal.Stream.Key]);
        Assert.Empty(await query.FindAsync("other", [tip.Stream.Key, withdrawal.Stream.Key], Ct));
    }

    private static Tip Tipped() => new("alice", "bob", 5);

    private static Guid[] Ids(params Tip[] tips) => [.. tips.Select(t => t.Id)];

    private static Happening Registered(string app) =>
        new(new(app, $"community-{app}"), Tip.Noon, [new CommunityEvent.Registered(app, "A forum", Guid.CreateVersion7(), Tip.Noon)]);

    private async Task<Guid[]> ListAsync(TipFilter filter) => [.. (await Query.ListAsync(filter, Ct)).Select(r => r.TipId)];
}
