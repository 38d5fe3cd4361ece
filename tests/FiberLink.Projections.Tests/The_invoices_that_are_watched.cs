using FiberLink.Projections.InvoiceWatch;
using Npgsql;

namespace FiberLink.Projections.Tests;

public sealed class The_invoices_that_are_watched(ReadModelsUnderTest models) : IClassFixture<ReadModelsUnderTest>, IAsyncLifetime
{
    private InvoiceWatchQuery Query => new(models.Database);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await models.ResetAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Are_those_that_were_issued_from_the_moment_they_were()
    {
        var tip = new Tip("alice", "bob", 5);
        await models.AppendAllAsync([tip.Happens(tip.Requested)], Ct);
        Assert.Empty(await DueAsync(tip.At.AddYears(1)));
        Assert.Equal(0, await Query.CountAsync(Ct));

        await models.AppendAllAsync([tip.Happens(tip.Issued)], Ct);

        Assert.Empty(await DueAsync(tip.At.AddSeconds(59)));
        Assert.Equal(
            [new("demo", tip.Id, tip.PaymentHash, TipStage.AwaitingPayment, tip.At.AddMinutes(1), tip.At.AddHours(1), "00-trace-01")],
            await DueAsync(tip.At.AddMinutes(1)));
        Assert.Equal(1, await Query.CountAsync(Ct));
    }

    [Fact]
    public async Task Stay_watched_when_they_were_given_up_because_they_may_be_paid_all_the_same()
    {
        Tip expired = new("a", "b", 5), cancelled = new("a", "b", 6), refused = new("a", "b", 7);
        await models.AppendAllAsync(
            [
                expired.Happens(expired.Requested, expired.Issued, expired.Expired),
                cancelled.Happens(cancelled.Requested, cancelled.Issued, cancelled.Cancelled),
                refused.Happens(refused.Requested, refused.Refused),
            ],
            Ct);

        var due = await DueAsync(Tip.Noon.AddDays(1));
        Assert.Equal(
            [(expired.Id, TipStage.Expired), (cancelled.Id, TipStage.Cancelled), (refused.Id, TipStage.Cancelled)],
            due.Select(i => (i.TipId, i.Stage)).OrderBy(i => i.TipId == expired.Id ? 1 : i.TipId == cancelled.Id ? 2 : 3));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Are_not_those_whose_money_is_placed(bool atOnce)
    {
        Tip settled = new("a", "b", 5), suspended = new("a", "b", 6);
        Happening[] whole =
        [
            settled.Happens(settled.Requested, settled.Issued, settled.Received, settled.Settled),
            suspended.Happens(suspended.Requested, suspended.Suspended),
        ];
        await models.AppendAllAsync(atOnce ? whole : whole.SelectMany(h => h.Events.Select(e => h with { Events = [e] })), Ct);

        Assert.Equal(0, await Query.CountAsync(Ct));
        Assert.Empty(await models.TextsAsync("select t::text from read_models.invoice_watch as t", Ct));
    }

    [Fact]
    public async Task Are_asked_about_the_longest_due_first_and_again_when_they_were_put_off_to()
    {
        int[] minutes = [3, 1, 2, 4];
        var tips = minutes.Select(minute => new Tip("a", "b", 5) { At = Tip.Noon.AddMinutes(minute) }).ToArray();
        await models.AppendAllAsync(tips.Select(t => t.Happens(t.Requested, t.Issued)), Ct);

        var due = await Query.DueAsync(isSlow: false, Tip.Noon.AddMinutes(4), 2, Ct);
        Assert.Equal([tips[1].Id, tips[2].Id], due.Select(i => i.TipId));
        await Query.PutOffAsync([(due[0], At(Tip.Noon.AddHours(1))), (due[1], At(null))], Ct);

        Assert.Equal([tips[0].Id], (await DueAsync(Tip.Noon.AddMinutes(4))).Select(i => i.TipId));
        Assert.Equal([tips[0].Id, tips[3].Id, tips[1].Id], (await DueAsync(Tip.Noon.AddHours(1))).Select(i => i.TipId));
        Assert.Equal(3, await Query.CountAsync(Ct));
    }

    [Fact]
    public async Task Keep_their_turn_when_something_else_happens_to_the_tip()
    {
        var tip = new Tip("a", "b", 5);
        await models.AppendAllAsync([tip.Happens(tip.Requested, tip.Issued)], Ct);
        await Query.PutOffAsync([((await DueAsync(Tip.Noon.AddDays(1)))[0], At(Tip.Noon.AddDays(2)))], Ct);

        await models.AppendAllAsync([tip.Happens(tip.Received)], Ct);

        Assert.Empty(await DueAsync(Tip.Noon.AddDays(1)));
        Assert.Equal(TipStage.Received, Assert.Single(await DueAsync(Tip.Noon.AddDays(2))).Stage);
    }

    [Fact]
    public async Task Are_asked_about_at_once_when_somebody_waits_or_the_node_speaks_unless_they_are_settled()
    {
        var waitedFor = new Tip("a", "b", 5);
        var told = new Tip("a", "b", 6);
        var requested = new Tip("a", "b", 7);
        var over = new Tip("a", "c", 5);
        await models.AppendAllAsync(
            [
                waitedFor.Happens(waitedFor.Requested, waitedFor.Issued),
                told.Happens(told.Requested, told.Issued),
                requested.Happens(requested.Requested),
                over.Happens(over.Requested, over.Issued, over.Settled),
            ],
            Ct);

        // Also when nothing was expected to come any more.
        await Query.PutOffAsync([.. (await DueAsync(Tip.Noon.AddDays(1))).Select(i => (i, At(null)))], Ct);

        var tips = new[] { waitedFor, requested, over }.Select(t => (t.Tenant, t.Id)).ToArray();
        var wanted = await Query.WantedAsync(tips, [told.PaymentHash, over.PaymentHash, requested.PaymentHash, "0xnobody"], Ct);

        Assert.Equal(new[] { waitedFor.Id, told.Id }.Order(), wanted.Select(i => i.TipId).Order());
    }

    [Fact]
    public async Task Wait_in_two_lanes()
    {
        Tip fresh = new("a", "b", 5), old = new("a", "b", 6);
        await models.AppendAllAsync([fresh.Happens(fresh.Requested, fresh.Issued), old.Happens(old.Requested, old.Issued)], Ct);
        var moved = (await DueAsync(Tip.Noon.AddDays(1))).Single(i => i.TipId == old.Id);

        await Query.PutOffAsync([(moved, new(Tip.Noon, IsSlow: true))], Ct);

        Assert.Equal([fresh.Id], (await DueAsync(Tip.Noon.AddDays(1))).Select(i => i.TipId));
        Assert.Equal([old.Id], (await Query.DueAsync(isSlow: true, Tip.Noon, 10, Ct)).Select(i => i.TipId));
    }

    [Fact]
    public async Task Take_turns_by_community_when_there_are_too_many()
    {
        await models.TextsAsync(
            """
            insert into read_models.invoice_watch (tenant_id, tip_id, payment_hash, stage, issued_at, expires_at, next_poll_at)
            select t.tenant, gen_random_uuid(), t.tenant || n, 'AwaitingPayment', now(), now(), now() - make_interval(secs => t.secs - n)
              from (values ('crowd', 500, 9000), ('late', 3, 0), ('one', 1, 10), ('two', 2, 20)) as t (tenant, many, secs)
             cross join lateral generate_series(1, t.many) as n
            """,
            Ct);
        var now = DateTimeOffset.UtcNow;

        var (first, after) = await Query.DueOfEachAsync(isSlow: false, now, 8, "", Ct);
        var (few, middle) = await Query.DueOfEachAsync(isSlow: false, now, 2, "", Ct);
        var (rest, end) = await Query.DueOfEachAsync(isSlow: false, now, 2, middle, Ct);

        Assert.Equal(["crowd 2", "one 1", "two 2"], ByTenant(first));
        Assert.Equal("", after);
        Assert.Equal(["crowd 1"], ByTenant(few));
        Assert.Equal(["one 1", "two 1"], ByTenant(rest));
        Assert.Equal(("late", "two"), (middle, end));
    }

    /// <summary>A commit takes its rows in the log's order, whoever puts off in his own: neither may wait for the other.</summary>
    [Fact]
    public async Task Are_not_waited_for_while_somebody_writes_to_them()
    {
        Tip busy = new("a", "b", 5), free = new("a", "b", 6);
        await models.AppendAllAsync(
            [busy.Happens(busy.Requested, busy.Issued), free.Happens(free.Requested, free.Issued)], Ct);
        var due = await DueAsync(Tip.Noon.AddDays(1));
        await using var writing = await models.Database.OpenConnectionAsync(Ct);
        await using var transaction = await writing.BeginTransactionAsync(Ct);
        await using var write = new NpgsqlCommand("update read_models.invoice_watch set stage = stage where tip_id = $1", writing);
        write.Parameters.Add(new() { Value = busy.Id });
        await write.ExecuteNonQueryAsync(Ct);

        await Query.PutOffAsync([.. due.Select(i => (i, At(Tip.Noon.AddDays(2))))], Ct);

        await transaction.CommitAsync(Ct);
        Assert.Equal([busy.Id], (await DueAsync(Tip.Noon.AddDays(1))).Select(i => i.TipId));
    }

    private static IEnumerable<string> ByTenant(IEnumerable<WatchedInvoice> invoices) =>
        invoices.GroupBy(i => i.Tenant, StringComparer.Ordinal)
            .OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => $"{g.Key} {g.Count()}");

    private static NextPoll At(DateTimeOffset? at) => new(at, IsSlow: false);

    private Task<IReadOnlyList<WatchedInvoice>> DueAsync(DateTimeOffset now) => Query.DueAsync(isSlow: false, now, 100, Ct);
}
