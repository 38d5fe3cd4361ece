using FiberLink.EndToEnd.Tests.Processes;
using FiberLink.EndToEnd.Tests.Serving;
using FiberLink.Service.CommandHandling;
using FiberLink.Testing;

using Names = FiberLink.Service.Startup.ServiceSettings.Names;

namespace FiberLink.EndToEnd.Tests.Crashes;

/// <summary>kill -9 at every step of a tip's way, and the next start puts right what was left half done.</summary>
public sealed class A_service_killed_at_a_step
{
    private const long Shannons = 150_000_000;
    private static readonly Wish Wish = new("42", "7", "9", "1.5", "well said");

    // What there is when the process dies: nothing more, nothing less. A new step needs its line here.
    private static readonly Dictionary<string, Traces> AtDeath = new()
    {
        [StopPoints.CreateBeforeIntent] = new(Tips: 0, Claims: 0, Invoices: 0, Issued: 0, Waiting: 0, Settled: 0),
        [StopPoints.CreateIntentStored] = new(Tips: 1, Claims: 1, Invoices: 0, Issued: 0, Waiting: 1, Settled: 0),
        [StopPoints.CreateNodeAnswered] = new(Tips: 1, Claims: 1, Invoices: 1, Issued: 0, Waiting: 1, Settled: 0),
        [StopPoints.CreateInvoiceStored] = new(Tips: 1, Claims: 1, Invoices: 1, Issued: 1, Waiting: 0, Settled: 0),
        [StopPoints.SettlePaidSeen] = new(Tips: 1, Claims: 1, Invoices: 1, Issued: 1, Waiting: 0, Settled: 0),
        [StopPoints.SettleReceived] = new(Tips: 1, Claims: 1, Invoices: 1, Issued: 1, Waiting: 1, Settled: 0),
        [StopPoints.SettleBeforeCommit] = new(Tips: 1, Claims: 1, Invoices: 1, Issued: 1, Waiting: 1, Settled: 0),
        [StopPoints.SettleCommitted] = new(Tips: 1, Claims: 0, Invoices: 1, Issued: 1, Waiting: 0, Settled: 1),
    };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string> Creating => [.. StopPoints.All.Where(s => s.StartsWith("create:", StringComparison.Ordinal))];

    public static TheoryData<string> Settling => [.. StopPoints.All.Where(s => s.StartsWith("settle:", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Creating))]
    public async Task Has_made_the_tip_once_after_the_next_start(string step)
    {
        await using var scene = await ServiceScene.StartAsync(Ct);
        await using (var doomed = await scene.StartServiceAsync(Ct, (Names.StopAt, step)))
        {
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => doomed.Forum.CreateTipAsync(Wish, Ct));
            Assert.Equal(RunningProcess.KilledExitCode, await doomed.Process.ExitCodeAsync(Ct));
        }

        Assert.Equal(AtDeath[step], await TracesAsync(scene));

        await using var service = await scene.StartServiceAsync(Ct);
        if (step != StopPoints.CreateBeforeIntent)
        {
            // Without the client: what is promised in the log is done by whoever comes next.
            await Eventually.HoldsAsync(
                "the invoice is on record", async () => await scene.Books.EventsAsync("tip.invoice_issued.v1", Ct) == 1, Ct);
        }

        var invoice = await service.Forum.CreateTipAsync(Wish, Ct);
        Assert.Equal(invoice, await service.Forum.CreateTipAsync(Wish, Ct));
        Assert.Equal(invoice, Assert.Single(await scene.Node.ListAsync(Ct)).Invoice);

        await scene.Node.PayAsync(invoice, Ct);
        await AssertIsSettledOnceAsync(scene, service, invoice);
    }

    [Theory]
    [MemberData(nameof(Settling))]
    public async Task Has_credited_the_payment_once_after_the_next_start(string step)
    {
        await using var scene = await ServiceScene.StartAsync(Ct);
        string invoice;
        await using (var doomed = await scene.StartServiceAsync(Ct, (Names.StopAt, step)))
        {
            invoice = await doomed.Forum.CreateTipAsync(Wish, Ct);
            await scene.Node.PayAsync(invoice, Ct);
            Assert.Equal(RunningProcess.KilledExitCode, await doomed.Process.ExitCodeAsync(Ct));
        }

        Assert.Equal(AtDeath[step], await TracesAsync(scene));

        await using var service = await scene.StartServiceAsync(Ct);
        await AssertIsSettledOnceAsync(scene, service, invoice);
    }

    [Fact]
    public void Every_step_says_what_it_leaves_behind() =>
        Assert.Equal(
            StopPoints.All.Where(s => s.Split(':')[0] is "create" or "settle").Order(), AtDeath.Keys.Order());

    private static async Task AssertIsSettledOnceAsync(ServiceScene scene, RunningService service, string invoice)
    {
        await Eventually.HoldsAsync("the tip is settled", async () => await service.Forum.TipStateAsync(invoice, Ct) == "SETTLED", Ct);
        await Eventually.HoldsAsync("nothing waits", async () => await scene.Books.WaitingAsync(Ct) == 0, Ct);

        Assert.Equal(new Traces(Tips: 1, Claims: 0, Invoices: 1, Issued: 1, Waiting: 0, Settled: 1), await TracesAsync(scene));
        Assert.Equal(Shannons, await scene.Books.BalanceAsync(Wish.To, Ct));
        Assert.Equal(0, await scene.Books.TrialBalanceAsync(Ct));
        Assert.Equal(0, await scene.Books.UnbalancedEntriesAsync(Ct));
        Assert.Equal(0, await scene.Books.DeadLettersAsync(Ct));
    }

    private static async Task<Traces> TracesAsync(ServiceScene scene) =>
        new(
            await scene.Books.TipsAsync(Ct),
            await scene.Books.ClaimsAsync(Ct),
            (await scene.Node.ListAsync(Ct)).Count,
            await scene.Books.EventsAsync("tip.invoice_issued.v1", Ct),
            await scene.Books.WaitingAsync(Ct),
            await scene.Books.EventsAsync("tip.settled.v1", Ct));

    /// <summary>What a tip has left in the log, in the queue and at the node.</summary>
    private sealed record Traces(long Tips, long Claims, long Invoices, long Issued, long Waiting, long Settled);
}
