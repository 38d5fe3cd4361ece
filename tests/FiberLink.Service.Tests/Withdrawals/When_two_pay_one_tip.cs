using FiberLink.Service.CommandHandling;
using FiberLink.Service.Tests.Scene;
using FiberLink.Testing;

namespace FiberLink.Service.Tests.Withdrawals;

/// <summary>
/// A tip is paid within the hub, and by somebody else in the same moment. The log's order decides who paid it. A payment at the node that
/// comes second is money that came in: the recipient's.
/// </summary>
public sealed class When_two_pay_one_tip
{
    private const long Ckb = 100_000_000;

    /// <summary>The second payer is refused, though both had decided before either was granted it.</summary>
    [Fact]
    public async Task Is_done_by_one_of_two_who_want_to_in_the_same_moment()
    {
        await using var service = await RunningService.StartAsync(new Opening { CountsSteps = true });
        var others = await service.NewCommunityAsync();
        await service.GiveAsync(RunningService.App, "alice", "100");
        await service.GiveAsync(others.App, "carol", "100");
        var invoice = await service.Client.TipToAsync("bob", "40");

        var held = service.Steps!.Hold(StopPoints.PayoutDecided);
        Task<RpcReply>[] asked =
            [service.Client.WithdrawAsync("alice", "40", invoice, Ct), others.WithdrawAsync("carol", "40", invoice, Ct)];
        await Eventually.HoldsAsync(
            "both have decided", () => Task.FromResult(service.Steps.Of(StopPoints.PayoutDecided) == 2), Ct);
        held.Dispose();
        var replies = await Task.WhenAll(asked);

        var granted = Assert.Single(replies, r => r.ErrorCode is null);
        await service.StageIsAsync(granted.Result.GetProperty("id").GetString()!, "Completed");
        Assert.Equal(40 * Ckb, await service.UnitsAsync("MemberAvailable", "bob"));
        Assert.Equal(
            160 * Ckb, await service.UnitsAsync("MemberAvailable", "alice") + await service.UnitsAsync("MemberAvailable", "carol"));
        await service.BooksAreEvenAsync();
    }

    [Fact]
    public async Task Fails_when_somebody_outside_was_faster_and_gives_back_what_was_held()
    {
        await using var service = await RunningService.StartAsync(new Opening { CountsSteps = true });
        await service.GiveAsync(RunningService.App, "alice", "100");
        var invoice = await service.Client.TipToAsync("bob", "40");
        var id = await DecideAsync(service, invoice, "40", async _ =>
        {
            await service.Control.PayAsync(invoice, Ct);
            await service.ReachesAsync(invoice, "SETTLED");
        });

        await service.StageIsAsync(id, "Failed");
        Assert.Equal(1, service.Steps!.Of(StopPoints.TransferDecided));
        await service.HaveAsync(alice: 100, bob: 40);
        Assert.Equal(
            ["It is paid already, or a payment of it is under way."],
            await service.Database.TextsAsync("select last_error from read_models.withdrawals"));
        await service.BooksAreEvenAsync();
    }

    /// <summary>The transfer is in the log's queue when the payment at the node is told, and comes before it.</summary>
    [Fact]
    public async Task Leaves_what_somebody_outside_pays_too_to_the_recipient()
    {
        await using var service = await RunningService.StartAsync(new Opening { CountsSteps = true });
        await service.GiveAsync(RunningService.App, "alice", "100");
        var invoice = await service.Client.TipToAsync("bob", "40");
        var id = await DecideAsync(service, invoice, "40", async decided =>
        {
            await using var head = await HeldHead.OfAsync(service.Database);
            decided.Dispose();
            await Eventually.HoldsAsync("the transfer waits for the head", async () => await WaitersAsync(service) == 1, Ct);
            await PaidOutsideAsync(service, invoice);
        });

        await service.StageIsAsync(id, "Completed");
        await service.IsPaidTwiceAsync(invoice);
    }

    /// <summary>Where both wait for the log in the same moment either may be first; nobody loses anything by it.</summary>
    [Fact]
    public async Task Moves_each_payment_once_whichever_of_two_is_first()
    {
        await using var service = await RunningService.StartAsync(new Opening { CountsSteps = true });
        await service.GiveAsync(RunningService.App, "alice", "100");
        for (var round = 1; round <= 5; round++)
        {
            var (member, invoice) = ($"bob-{round}", await service.Client.TipToAsync($"bob-{round}", "10"));
            var id = await DecideAsync(service, invoice, "10", async decided =>
            {
                await using var head = await HeldHead.OfAsync(service.Database);
                await PaidOutsideAsync(service, invoice);
                decided.Dispose();
            });

            await Eventually.HoldsAsync(
                "it is over",
                async () => await service.Database.CountAsync("select count(*) from messaging.waiting") == 0
                    && await service.StageOfAsync(id) is "Completed" or "Failed",
                Ct);
            var isTransferred = await service.StageOfAsync(id) == "Completed";
            Assert.Equal((isTransferred ? 20 : 10) * Ckb, await service.UnitsAsync("MemberAvailable", member));
            await service.BooksAreEvenAsync();
        }

        Assert.Equal(
            (100 - (10 * await service.EventsAsync("withdrawal.transferred.v1"))) * Ckb,
            await service.UnitsAsync("MemberAvailable", "alice"));
    }

    [Fact]
    public async Task Keeps_watching_the_invoice_and_credits_what_comes_late()
    {
        await using var service = await RunningService.StartAsync();
        await service.GiveAsync(RunningService.App, "alice", "100");
        var invoice = await service.Client.TipToAsync("bob", "40");
        await service.StageIsAsync(await service.Client.PayTipAsync("alice", "40", invoice), "Completed");
        await service.IsCancelledAtTheNodeAsync(invoice);
        Assert.Empty(await service.DifferencesAsync());

        // A payment that was under way completes at a real node though the invoice is cancelled.
        await service.Control.PayAsync(invoice, after: null, force: true, Ct);
        service.Clock.Move(TimeSpan.FromDays(3));

        await service.IsPaidTwiceAsync(invoice);
        Assert.Empty(await service.DifferencesAsync());
        Assert.Equal(0, await service.Database.CountAsync("select count(*) from read_models.invoice_watch"));
    }

    /// <summary>alice pays, and what is to be done happens when the transfer is decided and not yet written.</summary>
    private static async Task<string> DecideAsync(RunningService service, string invoice, string amount, Func<IDisposable, Task> meanwhile)
    {
        var before = service.Steps!.Of(StopPoints.TransferDecided);
        using var decided = service.Steps.Hold(StopPoints.TransferDecided);
        var id = await service.Client.PayTipAsync("alice", amount, invoice);
        await Eventually.HoldsAsync(
            "it is decided", () => Task.FromResult(service.Steps.Of(StopPoints.TransferDecided) > before), Ct);
        await meanwhile(decided);
        return id;
    }

    private static async Task PaidOutsideAsync(RunningService service, string invoice)
    {
        var before = service.Steps!.Of(StopPoints.SettleBeforeCommit);
        await service.Control.PayAsync(invoice, Ct);
        await Eventually.HoldsAsync(
            "the payment is seen", () => Task.FromResult(service.Steps.Of(StopPoints.SettleBeforeCommit) > before), Ct);
    }

    private static Task<long> WaitersAsync(RunningService service) => service.Database.CountAsync(
        "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'");
}
