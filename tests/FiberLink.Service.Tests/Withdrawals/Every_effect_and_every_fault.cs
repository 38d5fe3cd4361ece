using FiberLink.HubNode;
using FiberLink.HubNode.Invoices;
using FiberLink.Sandbox.Control;
using FiberLink.Sandbox.Payments;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Tests.Scene;
using FiberLink.Testing;

namespace FiberLink.Service.Tests.Withdrawals;

/// <summary>
/// Money bugs 4 to 10, W-06, W-07, W-14: whatever goes wrong on either side of an effect, the recipient is paid once, what is held ends,
/// and the books are even. What ends at a step ends as in a process that dies there; the message comes to another.
/// </summary>
public sealed class Every_effect_and_every_fault
{
    private const int LostAnswers = 3;

    public static TheoryData<string> Deaths =>
    [
        StopPoints.PayoutSigned, StopPoints.PayoutPrepared, StopPoints.PayoutSent, StopPoints.PayoutSeen, StopPoints.PayoutCompleted,
    ];

    private static readonly string[] ChainFaults =
        ["lost", "away", "slow", "cut", "refused", "full", "known", "forgotten", "behind"];

    private static readonly string[] OnChain = ["CKB", TokenScene.Code];

    public static MatrixTheoryData<string, string> DeathsOnChain => new(Deaths.Select(d => d.Data), OnChain);

    public static MatrixTheoryData<string, string> FaultsOnChain => new(ChainFaults, OnChain);

    public static TheoryData<string> NodeFaults => ["lost", "away", "slow", "cut", "refused", "twice", "held", "fails once", "unknown"];

    [Theory]
    [MemberData(nameof(DeathsOnChain))]
    public async Task On_chain_a_death_at_a_step_pays_once(string step, string asset)
    {
        await using var service = await TokenScene.StartAsync(countsSteps: true);
        service.Steps!.DieAt(step, 1);

        await PaysOnceOnChainAsync(service, asset, () => Task.CompletedTask);

        Assert.InRange(service.Steps.Of(step), 1, int.MaxValue);
    }

    [Theory]
    [MemberData(nameof(Deaths))]
    public async Task Over_fiber_a_death_at_a_step_pays_once(string step)
    {
        if (step == StopPoints.PayoutSigned)
        {
            return;
        }

        await using var service = await RunningService.StartAsync(new Opening { CountsSteps = true });
        service.Steps!.DieAt(step, 1);

        await PaysOnceOverFiberAsync(service, _ => Task.CompletedTask);

        Assert.InRange(service.Steps.Of(step), 1, int.MaxValue);
    }

    [Theory]
    [MemberData(nameof(FaultsOnChain))]
    public async Task On_chain_a_fault_of_the_chain_node_pays_once(string fault, string asset)
    {
        await using var service = await TokenScene.StartAsync();
        var control = service.OnChain!.Control;

        await PaysOnceOnChainAsync(service, asset, () => fault switch
        {
            "lost" => control.LoseAnswersAsync(LostAnswers, Ct),
            "away" => control.GoAwayAsync(TimeSpan.FromSeconds(2), Ct),
            "slow" => control.AnswerSlowlyAsync(TimeSpan.FromMilliseconds(300), Ct),
            "cut" => control.CutByChanceAsync(0.2, 0.2, 7, Ct),
            "refused" => control.RefuseAsync("send_transaction", -302, "TransactionFailedToVerify", 2, Ct),
            "full" => control.RefuseAsync("send_transaction", -1106, "PoolIsFull", 2, Ct),
            "known" => control.RefuseAsync("send_transaction", -1107, "PoolRejectedDuplicatedTransaction", 1, Ct),
            "forgotten" => control.RefuseAsync("get_transaction", -32603, "Internal error", 2, Ct),
            "behind" => control.RefuseAsync("get_indexer_tip", -32603, "Internal error", 2, Ct),
            _ => throw new ArgumentOutOfRangeException(nameof(fault)),
        });
    }

    [Theory]
    [MemberData(nameof(NodeFaults))]
    public async Task Over_fiber_a_fault_of_the_node_pays_once(string fault)
    {
        await using var service = await RunningService.StartAsync(new Opening());
        var (control, payments) = (service.Control, service.Control.Payments);

        await PaysOnceOverFiberAsync(service, async invoice =>
        {
            switch (fault)
            {
                case "lost":
                    await control.LoseAnswersAsync(LostAnswers, Ct);
                    break;
                case "away":
                    await control.GoAwayAsync(TimeSpan.FromSeconds(2), Ct);
                    break;
                case "slow":
                    await control.AnswerSlowlyAsync(TimeSpan.FromMilliseconds(300), Ct);
                    break;
                case "cut":
                    await control.CutByChanceAsync(0.2, 0.2, 7, Ct);
                    break;
                case "refused":
                    await control.RefuseAsync("send_payment", "Temporary failure", 2, Ct);
                    break;
                case "twice":
                    await control.SendAnswersTwiceAsync(true, Ct);
                    break;
                case "held":
                    await payments.DecideAsync(invoice, PaymentEnding.IsHeld, null, Ct);
                    break;
                case "fails once":
                    await payments.DecideAsync(PaymentEnding.Fails, "TemporaryChannelFailure", 1, Ct);
                    break;
                case "unknown":
                    await control.RefuseAsync("get_payment", "Internal error", 3, Ct);
                    break;
                default:
                    throw new ArgumentOutOfRangeException(nameof(fault));
            }
        });
    }

    private static async Task PaysOnceOnChainAsync(RunningService service, string asset, Func<Task> spoil)
    {
        var chain = service.OnChain!;
        await chain.FundAsync(1_000, 3, Ct);
        await chain.FundTokenAsync(500);
        await service.GiveAsync("alice", 200, asset);
        await spoil();

        var (id, recipient) = await service.GrantedAsync("alice", 100, asset);
        await Eventually.HoldsAsync(
            "the withdrawal is complete",
            async () =>
            {
                await TryMineAsync(chain);
                return await service.StageOfAsync(id) == "Completed";
            },
            Ct);

        await chain.Control.ResetAsync(Ct);
        await chain.HasOnceAsync(recipient, 100, asset);
        await BooksAreEvenAsync(service);
    }

    // Out of the way of what spoils calls: those of the test go the same way.
    private static async Task TryMineAsync(PaidChain chain)
    {
        try
        {
            await chain.Control.MineAsync(1, Ct);
        }
        catch (HttpRequestException)
        {
        }
    }

    private static async Task PaysOnceOverFiberAsync(RunningService service, Func<string, Task> spoil)
    {
        await service.GiveAsync(RunningService.App, "alice", "200");
        var invoice = await service.Control.Payments.IssueAsync(new(100_00000000) { IsFarther = true }, Ct);
        var hash = Assert.IsType<InvoiceReading.Decoded>(InvoiceCodec.Decode(invoice)).Invoice.PaymentHash;
        await spoil(invoice);

        var id = (await service.Client.WithdrawAsync("alice", "100", invoice, Ct)).Result.GetProperty("id").GetString()!;
        var isReleased = false;
        await Eventually.HoldsAsync(
            "the withdrawal is complete",
            async () =>
            {
                // What waits for minutes to pass has them pass, again and again; what is held is let go once it is under way.
                service.Clock.Move(TimeSpan.FromSeconds(20));
                if (!isReleased && await service.StageOfAsync(id) == "Sent"
                    && (await service.Control.Payments.ListAsync(Ct))
                        .Any(p => p.PaymentHash == hash && p.Status is HubPaymentStatus.Inflight))
                {
                    isReleased = await TrySucceedAsync(service, invoice);
                }

                return await service.StageOfAsync(id) == "Completed";
            },
            Ct);

        var payment = Assert.Single(await service.Control.Payments.ListAsync(Ct), p => p.PaymentHash == hash);
        Assert.True(payment.IsTaken);
        Assert.Equal(
            200_00000000 - 100_00000000 - (long)payment.Fee,
            await service.Database.CountAsync("select units::bigint from read_models.account_balances where account = 'MemberAvailable'"));
        await BooksAreEvenAsync(service);
    }

    // What nobody holds may have arrived in the meantime.
    private static async Task<bool> TrySucceedAsync(RunningService service, string invoice)
    {
        try
        {
            await service.Control.Payments.SucceedAsync(invoice, isTold: true, Ct);
            return true;
        }
        catch (SandboxRefusedException)
        {
            return false;
        }
    }

    private static async Task BooksAreEvenAsync(RunningService service)
    {
        await service.EachAssetIsEvenAsync();
        Assert.Equal(
            1, await service.Database.CountAsync("select count(*) from event_store.mt_events where type = 'withdrawal.completed.v1'"));
    }
}
