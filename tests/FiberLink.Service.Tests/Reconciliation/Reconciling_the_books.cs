using FiberLink.Events.Money;
using FiberLink.Events.Tips;
using FiberLink.EventStore;
using FiberLink.Service.Adjustments;
using FiberLink.Service.Reconciliation;
using FiberLink.Service.Reconciliation.Books;
using FiberLink.Service.Tests.Scene;
using FiberLink.Service.Tests.Withdrawals;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Service.Tests.Reconciliation;

/// <summary>What a superuser changes behind the service's back is found, each kind by its name.</summary>
public sealed class Reconciling_the_books(OneService one) : IClassFixture<OneService>
{
    private const string Copied =
        """
        insert into read_models.ledger_entries
            (tenant_id, position, posting, account, member, asset, units, balance, event_id, event, stream, at)
        select tenant_id, position, posting + 50, account, member, asset, units, balance, event_id, event,
        """;

    private const string Of = " at from read_models.ledger_entries where tenant_id = $1 and account like 'Member%' and event = ";

    // What follows from a posting that is not there, or is there once too often.
    private static readonly DifferenceKind[] Following = [DifferenceKind.RunningBalanceDiffers, DifferenceKind.BalanceDiffers];

    private readonly RunningService _service = one.Running;

    [Theory]
    [InlineData("SettledTipWithoutCredit",
        "delete from read_models.ledger_entries where tenant_id = $1 and event = 'tip.settled.v1' and account = 'MemberAvailable'")]
    [InlineData("CreditAccountDiffers",
        "update read_models.ledger_entries set member = 'm' where tenant_id = $1 and event = 'tip.settled.v1' and member = 'alice'")]
    [InlineData("CreditAmountDiffers",
        "update read_models.ledger_entries set units = units + 1 where tenant_id = $1 and event = 'tip.settled.v1' and member = 'alice'")]
    [InlineData("EntrySourceDiffers",
        "update read_models.ledger_entries set event_id = gen_random_uuid() where tenant_id = $1 and event = 'tip.settled.v1'")]
    [InlineData("CreditedTwice", Copied + " stream," + Of + "'tip.settled.v1'")]
    [InlineData("OrphanCredit", Copied + " 'tip-gone'," + Of + "'tip.settled.v1'")]
    [InlineData("CreditOfUnsettledTip",
        Copied + " (select 'tip-' || replace(tip_id::text, '-', '') from read_models.tip_status "
        + "where tenant_id = $1 and stage <> 'Settled')," + Of + "'tip.settled.v1'")]
    [InlineData("CompletedWithoutDebit",
        "delete from read_models.ledger_entries where tenant_id = $1 and event = 'withdrawal.completed.v1' and account = 'MemberHeld'")]
    [InlineData("DebitAccountDiffers",
        "update read_models.ledger_entries set member = 'm' "
        + "where tenant_id = $1 and event = 'withdrawal.completed.v1' and account = 'MemberHeld'")]
    [InlineData("DebitAmountDiffers",
        "update read_models.ledger_entries set units = units - 1 "
        + "where tenant_id = $1 and event = 'withdrawal.completed.v1' and account = 'MemberHeld'")]
    [InlineData("DebitedTwice", Copied + " stream," + Of + "'withdrawal.completed.v1'")]
    [InlineData("OrphanDebit", Copied + " 'withdrawal-gone'," + Of + "'withdrawal.completed.v1'")]
    [InlineData("DebitOfUncompletedWithdrawal",
        Copied + " (select 'withdrawal-' || replace(withdrawal_id::text, '-', '') from read_models.withdrawals "
        + "where tenant_id = $1 and stage = 'Failed')," + Of + "'withdrawal.completed.v1'")]
    [InlineData("EntryMissing", "delete from read_models.ledger_entries where tenant_id = $1 and event = 'withdrawal.requested.v1'")]
    [InlineData("EntryDiffers",
        "update read_models.ledger_entries set units = units * 2 where tenant_id = $1 and event = 'withdrawal.requested.v1'")]
    [InlineData("RunningBalanceDiffers",
        "update read_models.ledger_entries set balance = balance + 1 where tenant_id = $1 and posting = 0")]
    [InlineData("BalanceDiffers",
        "update read_models.account_balances set units = units + 1 where tenant_id = $1 and account = 'MemberAvailable'")]
    [InlineData("BalanceDiffers", "delete from read_models.account_balances where tenant_id = $1 and account = 'MemberAvailable'")]
    [InlineData("HeldDiffers", "update read_models.account_balances set units = units + 1 where tenant_id = $1 and account = 'MemberHeld'")]
    [InlineData("SettledTipWithoutTime", "update read_models.tip_activity set settled_at = null where tenant_id = $1")]
    [InlineData("RowDiffers", "update read_models.tip_activity set units = units + 1 where tenant_id = $1 and stage = 'Settled'")]
    [InlineData("RowMissing", "delete from read_models.tip_activity where tenant_id = $1")]
    [InlineData("RowMissing", "delete from read_models.tip_status where tenant_id = $1 and stage = 'Settled'")]
    [InlineData("RowExtra",
        "insert into read_models.tip_status (tenant_id, tip_id, payment_hash, asset, stage) "
        + "values ($1, gen_random_uuid(), $1, 'CKB', 'Settled')")]
    [InlineData("RowDiffers", "update read_models.tip_status set stage = 'Cancelled' where tenant_id = $1 and stage = 'Settled'")]
    [InlineData("RowDiffers", "update read_models.withdrawals set stage = 'Completed' where tenant_id = $1 and stage = 'Failed'")]
    [InlineData("RowDiffers", "update read_models.withdrawals set evidence = '0x00' where tenant_id = $1 and stage = 'Completed'")]
    [InlineData("RowDiffers", "update read_models.withdrawals set pays = pays + 1 where tenant_id = $1")]
    [InlineData("CompletedWithoutEvidence", "update read_models.withdrawals set evidence = null where tenant_id = $1")]
    public async Task Finds_what_a_superuser_has_changed(string kind, string sql)
    {
        var app = await BusyCommunityAsync();
        Assert.Empty((await FindAsync(app)).Found);

        await _service.Database.ExecuteAsync(sql, app);

        var (report, found) = await FindAsync(app);
        Assert.Contains(found, d => d.Kind.ToString() == kind);
        Assert.All(found, d => Assert.True(d.Kind.ToString() == kind || Following.Contains(d.Kind), $"{d}"));
        Assert.All(found, d => Assert.Equal((app, true), (d.Tenant, d.ReadModel is not null)));
        Assert.Equal(found.Count, report.Differences);
        Assert.Equal(found.Count, report.Ages.Values.Sum(a => a.Count));
        Assert.Empty(report.Corrections);
    }

    [Fact]
    public async Task Finds_that_communities_do_not_owe_each_other_what_they_are_owed()
    {
        var client = await _service.NewCommunityAsync();
        await _service.Database.ExecuteAsync(
            "insert into read_models.account_balances values ($1, 'WithinHub', '', 'CKB', 1, 0)", client.App);

        Assert.Contains((await FindAsync(null)).Found, d => d.Kind is DifferenceKind.WithinHubDiffers && d.Tenant is null);
        await _service.Database.ExecuteAsync("delete from read_models.account_balances where tenant_id = $1", client.App);
    }

    /// <summary>The books end before the balances: what was posted since is added from the log, and is no difference.</summary>
    [Fact]
    public async Task Adds_what_the_books_do_not_have_yet_from_the_log()
    {
        await using var service = await RunningService.StartAsync();
        await service.GiveAsync(RunningService.App, "alice", "5");
        await service.DashboardsAreCurrentAsync();
        await service.Instance.DisposeAsync();
        await using var tools = service.Tools();
        var store = tools.GetRequiredService<IEventStore>();
        var amount = new Amount(Asset.Ckb, 7);
        var again = new TipEvent.Settled(
            Guid.CreateVersion7(), "alice", amount, false,
            JournalEntry.Move(amount, (Account.HubChannels, null), (Account.MemberAvailable, "alice")), service.Clock.GetUtcNow());
        Assert.IsType<AppendResult.Appended>(await store.AppendAsync(
            new Change(
                [new(new StreamId(RunningService.App, "given-more"), ExpectedVersion.Any, [new(Guid.CreateVersion7(), again)])],
                EventMetadata.None,
                service.Clock.GetUtcNow()),
            Ct));

        var (report, found) = await FindAsync(tools, null);
        Assert.Empty(found);
        Assert.True(report.Position < report.Head);

        await service.Database.ExecuteAsync("update read_models.account_balances set units = units + 1 where member = 'alice'");
        Assert.Equal([DifferenceKind.BalanceDiffers], (await FindAsync(tools, null)).Found.Select(d => d.Kind));
    }

    /// <summary>The rows are those of before the settlement, and the stream that is read has it: both are read again.</summary>
    [Fact]
    public async Task Looks_again_at_what_moves_while_it_is_looked_at()
    {
        await using var service = await RunningService.StartAsync();
        var invoice = await service.Client.TipAsync(TipWish.New(), Ct);
        await service.DashboardsAreCurrentAsync();
        await using var tools = service.Tools();
        var moving = new MovingRows(tools.GetRequiredService<TipRows>(), async () =>
        {
            await service.Control.PayAsync(invoice, Ct);
            await service.ReachesAsync(invoice, "SETTLED");
        });
        var report = new BooksReport { At = service.Clock.GetUtcNow(), Position = 0, Head = 0 };
        var found = new List<Difference>();

        Assert.Equal(1, await tools.GetRequiredService<RowReconciliation>().RunAsync(moving, null, report, Add(found), Ct));
        Assert.Empty(found);
        Assert.Equal((4, 0), (moving.Reads, report.Moving));
    }

    [Fact]
    public async Task What_is_wrong_in_the_log_itself_is_corrected_by_two_persons_and_asked_for_once()
    {
        var client = await _service.NewCommunityAsync();
        var invoice = await client.TipAsync(TipWish.New() with { To = "alice", Amount = "3" }, Ct);
        var tip = Guid.Parse((await _service.Database.TextsAsync(
            "select tip_id from read_models.tip_status where tenant_id = $1", client.App)).Single());
        var amount = new Amount(Asset.Ckb, 3_00000000);
        await _service.AppendAsync(
            new StreamId(client.App, $"tip-{tip:N}"),
            new TipEvent.Settled(
                tip, "mallory", amount, false,
                JournalEntry.Move(amount, (Account.HubChannels, null), (Account.MemberAvailable, "mallory")), _service.Clock.GetUtcNow()));
        await _service.DashboardsAreCurrentAsync();

        var found = (await FindAsync(client.App)).Found.Single();
        Assert.Equal(DifferenceKind.CreditAccountDiffers, found.Kind);
        var correction = found.Correction!;
        Assert.Equal(("mallory", "alice", amount), (correction.From.Member, correction.To.Member, correction.Amount));
        Assert.Equal(correction, (await FindAsync(client.App)).Found.Single().Correction);

        await using var tools = _service.Tools();
        var admin = tools.GetRequiredService<AdjustmentAdministration>();
        Task<AdjustmentAnswer> AskAsync() => admin.RequestAsync(
            correction.Id, client.App, correction.From, correction.To, correction.Amount, true, "ann", "reconciled", Ct);
        Assert.True(Assert.IsType<AdjustmentAnswer.Done>(await AskAsync()).IsNew);
        Assert.False(Assert.IsType<AdjustmentAnswer.Done>(await AskAsync()).IsNew);
        Assert.Single((await FindAsync(client.App)).Found);

        Assert.IsType<AdjustmentAnswer.Done>(await admin.ApproveAsync(correction.Id, "bob", "so it is", Ct));
        await _service.DashboardsAreCurrentAsync();
        var (report, left) = await FindAsync(client.App);
        Assert.Empty(left);
        Assert.Equal(1, report.Corrected);
        Assert.NotNull(invoice);
    }

    /// <summary>A settled tip, one that waits, a withdrawal that was paid and one that has failed.</summary>
    private async Task<string> BusyCommunityAsync()
    {
        var client = await _service.NewCommunityAsync();
        await _service.EarnAsync(client, "alice", "100");
        await client.TipAsync(TipWish.New(), Ct);
        foreach (var stage in (string[])["Completed", "Failed"])
        {
            var invoice = await _service.Control.Payments.IssueAsync(new(20_00000000), Ct);
            if (stage == "Failed")
            {
                await _service.Control.Payments.DecideAsync(invoice, Sandbox.Payments.PaymentEnding.Fails, "InvoiceCancelled", Ct);
            }

            var id = (await client.WithdrawAsync("alice", "20", invoice, Ct)).Result.GetProperty("id").GetString()!;
            await _service.StageIsAsync(id, stage);
        }

        await _service.DashboardsAreCurrentAsync();
        return client.App;
    }

    private Task<(BooksReport Report, List<Difference> Found)> FindAsync(string? app) => FindAsync(_service, app);

    private static async Task<(BooksReport Report, List<Difference> Found)> FindAsync(RunningService service, string? app)
    {
        await using var tools = service.Tools();
        return await FindAsync(tools, app);
    }

    private static async Task<(BooksReport Report, List<Difference> Found)> FindAsync(ServiceProvider tools, string? app)
    {
        var found = new List<Difference>();
        return (await tools.GetRequiredService<BooksReconciliation>().RunAsync(app, Add(found), Ct), found);
    }

    private static Func<Difference, Task> Add(List<Difference> found) => difference =>
    {
        found.Add(difference);
        return Task.CompletedTask;
    };

    /// <summary>Lets something happen once the rows were read for the first time.</summary>
    private sealed class MovingRows(TipRows rows, Func<Task> happensAsync) : IShownRows<TipRow>
    {
        public int Reads { get; private set; }

        public string FirstEvent => rows.FirstEvent;

        public string ReadModel => rows.ReadModel;

        public Guid IdOf(RecordedEvent first) => rows.IdOf(first);

        public StreamId StreamOf(string tenant, Guid id) => rows.StreamOf(tenant, id);

        public async Task<IReadOnlyDictionary<(string Tenant, Guid Id), TipRow>> ReadAsync(
            IReadOnlyCollection<(string Tenant, Guid Id)> keys, CancellationToken ct)
        {
            var read = await rows.ReadAsync(keys, ct);
            if (++Reads == 1)
            {
                await happensAsync();
            }

            return read;
        }

        public IEnumerable<Difference> Compare(EventStream stream, TipRow row) => rows.Compare(stream, row);

        public Task<long> CountAsync(string? tenant, CancellationToken ct) => rows.CountAsync(tenant, ct);

        public Task<IReadOnlyList<(string Tenant, Guid Id)>> PageAsync(
            string? tenant, (string Tenant, Guid Id)? after, int limit, CancellationToken ct) => rows.PageAsync(tenant, after, limit, ct);
    }
}
