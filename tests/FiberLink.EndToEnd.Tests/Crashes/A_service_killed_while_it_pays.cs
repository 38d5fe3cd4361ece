using FiberLink.Chain.Transactions;
using FiberLink.EndToEnd.Tests.Processes;
using FiberLink.EndToEnd.Tests.Serving;
using FiberLink.Service.CommandHandling;
using FiberLink.Testing;

using Names = FiberLink.Service.Startup.ServiceSettings.Names;

namespace FiberLink.EndToEnd.Tests.Crashes;

/// <summary>
/// kill -9 at every step of a withdrawal's way, on chain and over Fiber, with a signer in another process's place: the next start pays what
/// was not paid, and what was paid no second time.
/// </summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class A_service_killed_while_it_pays
{
    private const ulong Ckb = CellOutput.ShannonPerByte;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string> Asking => [StopPoints.PayoutDecided, StopPoints.PayoutRequested];

    public static TheoryData<string, bool> Paying
    {
        get
        {
            var data = new TheoryData<string, bool>();
            var paying = StopPoints.All.Where(s => s.StartsWith("payout:", StringComparison.Ordinal));
            foreach (var step in paying.Except([StopPoints.PayoutDecided, StopPoints.PayoutRequested]))
            {
                data.Add(step, true);
                if (step != StopPoints.PayoutSigned)
                {
                    data.Add(step, false);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Paying))]
    public async Task Has_paid_once_after_the_next_start(string step, bool isOnChain)
    {
        await using var scene = await ServiceScene.StartAsync(Ct);
        await using var chain = await ChainScene.StartAsync(Ct);
        var destination = isOnChain ? chain.Address : await scene.Node.Payments.IssueAsync(new(100 * (UInt128)Ckb), Ct);
        await using (var doomed = await scene.StartServiceAsync(Ct, [.. chain.Settings, (Names.StopAt, step)]))
        {
            await EarnAsync(scene, doomed);
            await doomed.Forum.WithdrawAsync("9", "100", destination, Ct);
            await chain.DiesAsync(doomed, Ct);
        }

        await using var service = await scene.StartServiceAsync(Ct, [.. chain.Settings]);
        await AssertIsPaidOnceAsync(scene, chain, isOnChain);
    }

    [Theory]
    [MemberData(nameof(Asking))]
    public async Task Has_granted_once_what_was_asked_for_again(string step)
    {
        await using var scene = await ServiceScene.StartAsync(Ct);
        await using var chain = await ChainScene.StartAsync(Ct);
        await using (var first = await scene.StartServiceAsync(Ct, [.. chain.Settings]))
        {
            await EarnAsync(scene, first);
        }

        await using (var doomed = await scene.StartServiceAsync(Ct, [.. chain.Settings, (Names.StopAt, step)]))
        {
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => doomed.Forum.WithdrawAsync("9", "100", chain.Address, Ct));
            Assert.Equal(RunningProcess.KilledExitCode, await doomed.Process.ExitCodeAsync(Ct));
        }

        await using var service = await scene.StartServiceAsync(Ct, [.. chain.Settings]);
        await service.Forum.WithdrawAsync("9", "100", chain.Address, Ct);
        await AssertIsPaidOnceAsync(scene, chain, isOnChain: true);
    }

    private static async Task EarnAsync(ServiceScene scene, RunningService service)
    {
        var invoice = await service.Forum.CreateTipAsync(new Wish("42", "7", "9", "200", "well said"), Ct);
        await scene.Node.PayAsync(invoice, Ct);
        await Eventually.HoldsAsync("the tip is settled", async () => await service.Forum.TipStateAsync(invoice, Ct) == "SETTLED", Ct);
    }

    private static async Task AssertIsPaidOnceAsync(ServiceScene scene, ChainScene chain, bool isOnChain)
    {
        await chain.MinedUntilAsync(
            "the withdrawal is complete", async () => await scene.Books.EventsAsync("withdrawal.completed.v1", Ct) == 1, Ct);
        if (isOnChain)
        {
            Assert.Equal((100 * (UInt128)Ckb) - 1_000, await chain.PaidAsync(Ct));
        }
        else
        {
            Assert.True(Assert.Single(await scene.Node.Payments.ListAsync(Ct)).IsTaken);
        }

        Assert.Equal(1, await scene.Books.EventsAsync("withdrawal.requested.v1", Ct));
        Assert.Equal(0, await scene.Books.TrialBalanceAsync(Ct));
        Assert.Equal(0, await scene.Books.UnbalancedEntriesAsync(Ct));
        Assert.Equal(0, await scene.Books.DeadLettersAsync(Ct));
        Assert.Equal(
            0, await scene.Books.NumberAsync("select sum(units) from read_models.account_balances where account = 'MemberHeld'", Ct));
    }
}
