using System.Text.Json.Nodes;
using FiberLink.HubNode;
using FiberLink.Sandbox;
using FiberLink.Service.Reconciliation;
using FiberLink.Service.Startup;
using FiberLink.Service.Tests.Scene;
using FiberLink.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Service.Tests.Reconciliation;

public sealed class Reconciling_with_the_node
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Finds_nothing_where_nothing_differs()
    {
        await using var service = await RunningService.StartAsync();
        var settled = await service.Client.TipAsync(TipWish.New(), Ct);
        await service.Client.TipAsync(TipWish.New(), Ct);
        var expired = await service.Client.TipAsync(TipWish.New(), Ct);
        await service.Control.PayAsync(settled, Ct);
        await service.Control.ExpireAsync(expired, Ct);
        await service.ReachesAsync(settled, "SETTLED");
        await service.ReachesAsync(expired, "FAILED");

        var (report, found) = await ReconcileAsync(service, new(null, Repair: true));

        Assert.Empty(found);
        Assert.Equal((3, 0, 0), (report.Tips, report.Differences, report.News.Count));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Finds_what_was_paid_and_not_credited_and_mends_it_once_when_told_to(bool isRepaired)
    {
        await using var service = await RunningService.StartAsync();
        var wish = TipWish.New();
        var invoice = await service.Client.TipAsync(wish, Ct);
        await service.GiveUpWatchingAsync();
        await service.Control.PayAsync(invoice, Ct);

        var (report, found) = await ReconcileAsync(service, new(RunningService.App, isRepaired));
        Assert.Equal((DifferenceKind.PaidNotCredited, true), found.Select(d => (d.Kind, d.IsRepairable)).Single());
        Assert.Equal(isRepaired ? 1 : 0, report.News.Count);

        Assert.Equal(isRepaired ? 1 : 0, await StillDifferentAsync(service, report));
        await service.RestartAsync();
        await service.FatesAsync(report.News, Patience);
        Assert.Equal(0, await StillDifferentAsync(service, report));
        Assert.Equal(isRepaired ? 1 : 0, await service.SettledAsync());
        if (isRepaired)
        {
            Assert.Equal("1", await service.Client.BalanceAsync(wish.To, Ct));
            Assert.Equal(0, (await ReconcileAsync(service, new(null, Repair: true))).Report.Differences);
            Assert.Equal(1, await service.SettledAsync());
        }
    }

    [Fact]
    public async Task Mends_an_invoice_that_was_never_recorded()
    {
        await using var service = await RunningService.StartAsync();
        var invoice = await service.LoseAnInvoiceAsync(TipWish.New());

        var (report, found) = await ReconcileAsync(service, new(null, Repair: true));
        Assert.Equal(DifferenceKind.NotRecorded, found.Single().Kind);
        await service.RestartAsync();
        Assert.Equal(1, (await service.FatesAsync(report.News, Patience)).Handled);

        Assert.Equal([invoice], await service.Database.TextsAsync("select invoice from read_models.tip_status"));
        Assert.Empty((await ReconcileAsync(service, new(null, Repair: false))).Found);
    }

    /// <summary>Nothing takes credited money back: whoever asked the wrong node would empty accounts.</summary>
    [Fact]
    public async Task Raises_an_alarm_over_what_was_credited_and_not_paid_and_leaves_it_as_it_is()
    {
        await using var service = await RunningService.StartAsync();
        var wish = TipWish.New();
        var invoice = await service.Client.TipAsync(wish, Ct);
        await service.Control.PayAsync(invoice, Ct);
        await service.ReachesAsync(invoice, "SETTLED");
        await using var liar = await LyingNode.StartAsync(
            (method, result) =>
            {
                if (method == "get_invoice")
                {
                    result["status"] = "Expired";
                }
            },
            Ct);

        var (report, found) = await ReconcileAsync(
            service, new(null, Repair: true), s => s with { NodeUrl = liar.InFrontOf(service.Node.Endpoint) });

        Assert.Equal((DifferenceKind.CreditedNotPaid, false), found.Select(d => (d.Kind, d.IsRepairable)).Single());
        Assert.Empty(report.News);
        Assert.Equal("1", await service.Client.BalanceAsync(wish.To, Ct));
    }

    [Fact]
    public async Task Misses_every_invoice_at_a_node_that_has_lost_its_data()
    {
        await using var service = await RunningService.StartAsync();
        var invoice = await service.Client.TipAsync(TipWish.New(), Ct);
        await service.Client.TipAsync(TipWish.New(), Ct);
        await service.Control.PayAsync(invoice, Ct);
        await service.ReachesAsync(invoice, "SETTLED");
        await using var empty = await SandboxNode.StartAsync(new() { Listen = new("http://127.0.0.1:0") }, service.Clock, Ct);

        var (report, found) = await ReconcileAsync(service, new(null, Repair: true), s => s with { NodeUrl = empty.Endpoint });

        Assert.Equal([DifferenceKind.InvoiceMissing, DifferenceKind.InvoiceMissing], found.Select(d => d.Kind));
        Assert.Single(found, d => d.Detail.Contains("Settled with 100000000 units of CKB", StringComparison.Ordinal));
        Assert.Empty(report.News);
    }

    [Fact]
    public async Task Names_another_amount_than_was_credited_and_mends_nothing()
    {
        await using var service = await RunningService.StartAsync();
        var invoice = await service.Client.TipAsync(TipWish.New(), Ct);
        await service.Control.PayAsync(invoice, Ct);
        await service.ReachesAsync(invoice, "SETTLED");
        await service.Control.ReportAsync(invoice, 7, null, null, Ct);

        var (report, found) = await ReconcileAsync(service, new(null, Repair: true));

        Assert.Equal((DifferenceKind.AmountDiffers, false), found.Select(d => (d.Kind, d.IsRepairable)).Single());
        Assert.Equal("the log has 100000000 units, the node 7", found.Single().Detail);
        Assert.Empty(report.News);
    }

    /// <summary>The service goes on meanwhile: what it records between two looks is no difference.</summary>
    [Fact]
    public async Task Looks_twice_at_what_may_be_on_its_way()
    {
        await using var service = await RunningService.StartAsync();
        var invoice = await service.Client.TipAsync(TipWish.New(), Ct);
        await service.GiveUpWatchingAsync();
        await service.RestartAsync();
        using var isAsked = new ManualResetEventSlim();
        using var mayAnswer = new ManualResetEventSlim();
        await using var slow = await LyingNode.StartAsync(
            (method, _) =>
            {
                if (method == "get_invoice")
                {
                    isAsked.Set();
                    mayAnswer.Wait(Ct);
                }
            },
            Ct);
        await service.Control.PayAsync(invoice, Ct);
        var running = ReconcileAsync(
            service,
            new(RunningService.App, Repair: false),
            s => s with { NodeUrl = slow.InFrontOf(service.Node.Endpoint), NodeTimeout = TimeSpan.FromMinutes(1) });

        // The first look has read the log, and has the node's word that it is paid before the service records it.
        await Eventually.HoldsAsync("the node is asked", () => isAsked.IsSet, Ct);
        await service.ReachesAsync(invoice, "SETTLED");
        mayAnswer.Set();

        Assert.Empty((await running).Found);
    }

    [Fact]
    public async Task Every_payment_is_extra_while_there_are_no_withdrawals()
    {
        await using var service = await RunningService.StartAsync();
        var pages = 0;
        await using var payer = await LyingNode.StartAsync(
            (_, _) => { }, Ct, call => IsListing(call) ? Payments(pages++ == 0 ? 100 : 3) : null);
        var address = payer.InFrontOf(service.Node.Endpoint);

        var (report, found) = await ReconcileAsync(service, new(null, Repair: true), s => s with { NodeUrl = address });
        Assert.Equal((103, 103, null), (report.Payments, report.Counts[DifferenceKind.PaymentExtra], report.PaymentsFailure));
        Assert.All(found, d => Assert.Equal((DifferenceKind.PaymentExtra, false), (d.Kind, d.IsRepairable)));

        // They are the node's and no community's.
        Assert.Equal(0, (await ReconcileAsync(service, new(RunningService.App, true), s => s with { NodeUrl = address })).Report.Payments);
    }

    [Fact]
    public async Task Payments_are_compared_with_those_that_the_log_accounts_for()
    {
        await using var service = await RunningService.StartAsync();
        await using var payer = await LyingNode.StartAsync(
            (_, _) => { }, Ct, call => IsListing(call) ? Payments(3) : Asked(call) is { } hash && hash != Hash(9) ? Payment(hash) : null);
        var logged = new Withdrawals([
            new(Hash(0), LoggedPaymentStatus.Succeeded),
            new(Hash(1), LoggedPaymentStatus.Failed),
            new(Hash(9), LoggedPaymentStatus.UnderWay),
        ]);
        await using var tools = ServiceHost.BuildNodeTools(
            service.Settings with { NodeUrl = payer.InFrontOf(service.Node.Endpoint) },
            services => services.AddSingleton<TimeProvider>(service.Clock).AddSingleton<ILoggedPayments>(logged));
        var found = new List<Difference>();
        await tools.GetRequiredService<NodeReconciliation>().RunAsync(new(null, false), Add(found), Ct);

        Assert.Equal(
            [(Hash(1), DifferenceKind.PaymentDiffers), (Hash(2), DifferenceKind.PaymentExtra)],
            found.Take(2).Select(d => (PaymentHash.Parse(d.Subject), d.Kind)));

        // A node that does not know the question, as one that does not know the payment.
        var last = found.Skip(2).Single();
        Assert.Equal(Hash(9).ToString(), last.Subject);
        Assert.True(last.Kind is DifferenceKind.NoAnswer or DifferenceKind.PaymentMissing);
    }

    [Fact]
    public async Task Says_nothing_of_an_invoice_for_which_the_node_did_not_answer()
    {
        await using var service = await RunningService.StartAsync();
        await service.Client.TipAsync(TipWish.New(), Ct);
        await service.Instance.DisposeAsync();
        await service.Control.GoAwayAsync(null, Ct);

        var (report, found) = await ReconcileAsync(service, new(null, Repair: true));

        Assert.Equal(DifferenceKind.NoAnswer, found.Single().Kind);
        Assert.NotNull(report.PaymentsFailure);
        Assert.Empty(report.News);
    }

    private static async Task<(ReconcileReport Report, List<Difference> Found)> ReconcileAsync(
        RunningService service, ReconcileWish wish, Func<ServiceSettings, ServiceSettings>? change = null)
    {
        await using var tools = service.Tools(change);
        var found = new List<Difference>();
        return (await tools.GetRequiredService<NodeReconciliation>().RunAsync(wish, Add(found), Ct), found);
    }

    private static async Task<int> StillDifferentAsync(RunningService service, ReconcileReport report)
    {
        await using var tools = service.Tools();
        return await tools.GetRequiredService<NodeReconciliation>().CountStillDifferentAsync(report, Ct);
    }

    private static Func<Difference, Task> Add(List<Difference> found) => difference =>
    {
        found.Add(difference);
        return Task.CompletedTask;
    };

    private static bool IsListing(JsonNode call) => (string?)call["method"] == "list_payments";

    private static PaymentHash? Asked(JsonNode call) =>
        (string?)call["method"] == "get_payment" ? PaymentHash.Parse((string)call["params"]![0]!["payment_hash"]!) : null;

    private static JsonObject Payments(int count) => new()
    {
        ["payments"] = new JsonArray([.. Enumerable.Range(0, count).Select(i => (JsonNode)Payment(Hash(i)))]),
    };

    private static JsonObject Payment(PaymentHash hash) => new()
    {
        ["payment_hash"] = hash.ToString(),
        ["status"] = "Success",
        ["created_at"] = "0x18c8d0a7a00",
        ["last_updated_at"] = "0x18c8d0a7a00",
        ["failed_error"] = null,
        ["fee"] = "0x1",
    };

    private static PaymentHash Hash(int number) => PaymentHash.FromBytes([.. new byte[31], (byte)number]);

    private sealed class Withdrawals(IReadOnlyList<LoggedPayment> all) : ILoggedPayments
    {
        public Task<IReadOnlyDictionary<PaymentHash, LoggedPayment>> FindAsync(
            IReadOnlyCollection<PaymentHash> hashes, CancellationToken ct) =>
            Task.FromResult<IReadOnlyDictionary<PaymentHash, LoggedPayment>>(
                all.Where(p => hashes.Contains(p.PaymentHash)).ToDictionary(p => p.PaymentHash));

        public Task<IReadOnlyList<LoggedPayment>> PageAsync(PaymentHash? after, int limit, CancellationToken ct) =>
            Task.FromResult<IReadOnlyList<LoggedPayment>>(after is null ? [.. all] : []);
    }
}
