using FiberLink.Chain.Transactions;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Tests.Scene;
using FiberLink.Testing;
using Microsoft.Extensions.Logging;

namespace FiberLink.Service.Tests.Withdrawals;

/// <summary>
/// More is paid for it, out of the change and up to the cap, by another that spends the same cells and pays the same people. Whichever of
/// them a block takes, everybody is paid once.
/// </summary>
public sealed class A_transaction_that_no_block_takes
{
    private const string Prepared =
        "select data -> 'transaction' ->> 'hash' from event_store.mt_events "
        + "where type = 'withdrawal.transaction_prepared.v1' order by seq_id";

    private static readonly string[] Deaths = [StopPoints.PayoutSigned, StopPoints.PayoutPrepared, StopPoints.PayoutSent];

    public static MatrixTheoryData<string, string> DeathsOfEach => new(Deaths, ["CKB", TokenScene.Code]);

    [Theory]
    [InlineData("CKB")]
    [InlineData(TokenScene.Code)]
    public async Task Is_replaced_by_one_that_pays_more_and_the_same_people(string asset)
    {
        await using var service = await OpenAsync();
        var withdrawn = await WithdrawAsync(service, 2, asset);
        await WaitsTooLongAsync(service, withdrawn, replacements: 1);
        await CompletesAsync(service, withdrawn);

        // Each is of both withdrawals. There may be one more than was waited for: the clock moves until the first is seen.
        var hashes = (await HashesAsync(service)).GroupBy(h => h, StringComparer.Ordinal).ToArray();
        Assert.True(hashes.Length >= 2);
        Assert.All(hashes, h => Assert.Equal(2, h.Count()));
        Assert.Contains(service.Logs.AtLeast(LogLevel.Warning), t => t.Contains("takes its place", StringComparison.Ordinal));
        await PaidOnceAsync(service, withdrawn, asset);
    }

    [Fact]
    public async Task Is_replaced_again_and_again_up_to_the_cap()
    {
        await using var service = await OpenAsync(feeMax: 2_500);
        var withdrawn = await WithdrawAsync(service, 1);
        for (var n = 1; n <= 2; n++)
        {
            await WaitsTooLongAsync(service, withdrawn, n);
        }

        service.Clock.Move(TimeSpan.FromHours(1));
        await Eventually.HoldsAsync(
            "no more can be paid",
            async () => (await service.Database.TextsAsync("select last_error from messaging.waiting where last_error is not null"))
                .Any(e => e.Contains("no more can be paid", StringComparison.Ordinal)),
            Ct);
        await CompletesAsync(service, withdrawn);
        await PaidOnceAsync(service, withdrawn);
    }

    [Fact]
    public async Task Is_in_a_block_after_all_and_what_took_its_place_never_is()
    {
        await using var service = await OpenAsync();
        var withdrawn = await WithdrawAsync(service, 1);
        var first = await FirstAsync(service);
        await WaitsTooLongAsync(service, withdrawn, replacements: 1);

        await service.OnChain!.Control.CommitAsync(first, Ct);
        await CompletesAsync(service, withdrawn);

        Assert.Equal(
            [first.Hash().ToHex()],
            await service.Database.TextsAsync("select evidence from read_models.withdrawals where evidence is not null"));
        await PaidOnceAsync(service, withdrawn);
    }

    /// <summary>A block with the one that was replaced takes the place of the block that had completed it.</summary>
    [Fact]
    public async Task May_take_its_place_back_in_a_reorganisation_and_stays_complete()
    {
        await using var service = await OpenAsync();
        var withdrawn = await WithdrawAsync(service, 1);
        var first = await FirstAsync(service);
        await WaitsTooLongAsync(service, withdrawn, replacements: 1);
        await CompletesAsync(service, withdrawn);

        var block = await service.Database.CountAsync("select block_number::bigint from read_models.withdrawals");
        var depth = (int)((long)(await service.OnChain!.Control.StateAsync(Ct)).TipNumber - block + 1);
        await service.OnChain.Control.ReorganiseAsync(depth, first, forget: true, Ct);
        service.Clock.Move(TimeSpan.FromMinutes(1));
        await Eventually.HoldsAsync(
            "it is final",
            async () =>
            {
                await service.OnChain.Control.MineAsync(10, Ct);
                service.Clock.Move(TimeSpan.FromMinutes(1));
                return await service.Database.CountAsync("select count(*) from read_models.withdrawals where is_final") == 1;
            },
            Ct);
        await PaidOnceAsync(service, withdrawn);
    }

    [Theory]
    [MemberData(nameof(DeathsOfEach))]
    public async Task Is_replaced_once_though_a_process_dies_at_a_step(string step, string asset)
    {
        await using var service = await OpenAsync();
        var withdrawn = await WithdrawAsync(service, 1, asset);
        service.Steps!.DieAt(step, 1);
        await WaitsTooLongAsync(service, withdrawn, replacements: 1);
        await CompletesAsync(service, withdrawn);
        await PaidOnceAsync(service, withdrawn, asset);
    }

    [Theory]
    [InlineData("lost")]
    [InlineData("refused")]
    [InlineData("cut")]
    public async Task Is_replaced_though_the_node_fails(string fault)
    {
        await using var service = await OpenAsync();
        var withdrawn = await WithdrawAsync(service, 1);
        var control = service.OnChain!.Control;
        await (fault switch
        {
            "lost" => control.LoseAnswersAsync(6, Ct),
            "refused" => control.RefuseAsync("send_transaction", -1111, "PoolRejectedRBF: not enough", 3, Ct),
            _ => control.CutByChanceAsync(0.2, 0.2, 7, Ct),
        });
        await WaitsTooLongAsync(service, withdrawn, replacements: 1);
        await control.ResetAsync(Ct);
        await CompletesAsync(service, withdrawn);
        await PaidOnceAsync(service, withdrawn);
    }

    /// <summary>The least fee has risen since it was reckoned: nobody waits for that.</summary>
    [Fact]
    public async Task Is_replaced_at_once_when_the_pool_refuses_it_for_its_fee()
    {
        await using var service = await OpenAsync();
        await service.OnChain!.Control.RefuseAsync("send_transaction", -1104, "PoolRejectedTransactionByMinFeeRate", 1, Ct);
        var withdrawn = await WithdrawAsync(service, 1);

        await Eventually.HoldsAsync("it is replaced", async () => (await HashesAsync(service)).Count == 2, Ct);
        await CompletesAsync(service, withdrawn);
        await PaidOnceAsync(service, withdrawn);
    }

    private static Task<RunningService> OpenAsync(ulong feeMax = 100_000) => TokenScene.StartAsync(
        settings => settings with { Payouts = settings.Payouts with { FeeMax = feeMax } }, countsSteps: true);

    private static async Task<List<Withdrawn>> WithdrawAsync(RunningService service, int count, string asset = "CKB")
    {
        // One cell: whoever comes second waits for the first one's change, or shares its transaction.
        await service.OnChain!.FundAsync(1_000, 1, Ct);
        await service.OnChain.FundTokenAsync(500);
        await service.LimitAsync(RunningService.App, new() { NewDestinationWait = 10 }, asset);
        var withdrawn = new List<Withdrawn>();
        for (var i = 0; i < count; i++)
        {
            await service.GiveAsync($"member-{i}", 100, asset);
            var (id, recipient) = await service.GrantedAsync($"member-{i}", 100, asset);
            withdrawn.Add(new(id, recipient));
        }

        // All of them cool off, and are paid together.
        service.Clock.Move(TimeSpan.FromSeconds(20));
        await Eventually.HoldsAsync(
            "all are prepared", async () => (await HashesAsync(service)).Count >= count, Ct);
        return withdrawn;
    }

    private static async Task WaitsTooLongAsync(RunningService service, List<Withdrawn> withdrawn, int replacements)
    {
        foreach (var each in withdrawn)
        {
            await Eventually.HoldsAsync(
                "the pool has it", async () => await service.StageOfAsync(each.Id) is "Sent" or "Prepared", Ct);
        }

        await Eventually.HoldsAsync(
            "it is replaced, and the pool has what takes its place",
            async () =>
            {
                var made = (await HashesAsync(service)).Count;
                if (made <= withdrawn.Count * replacements)
                {
                    service.Clock.Move(TimeSpan.FromMinutes(11));
                }

                return made > withdrawn.Count * replacements && await service.StageOfAsync(withdrawn[0].Id) == "Sent";
            },
            Ct);
    }

    private static Task CompletesAsync(RunningService service, List<Withdrawn> withdrawn) => Eventually.HoldsAsync(
        "all are complete",
        async () =>
        {
            await service.OnChain!.Control.MineAsync(1, Ct);
            return await service.Database.CountAsync("select count(*) from read_models.withdrawals where stage = 'Completed'")
                == withdrawn.Count;
        },
        Ct);

    private static async Task PaidOnceAsync(RunningService service, List<Withdrawn> withdrawn, string asset = "CKB")
    {
        foreach (var each in withdrawn)
        {
            await service.OnChain!.HasOnceAsync(each.Recipient, 100, asset);
        }

        await service.EachAssetIsEvenAsync();
        await service.BooksAreEvenAsync();
        Assert.Equal(0, await service.EventsAsync("withdrawal.attempt_failed.v1"));
    }

    private static Task<IReadOnlyList<string>> HashesAsync(RunningService service) => service.Database.TextsAsync(Prepared);

    private static async Task<Transaction> FirstAsync(RunningService service)
    {
        var bytes = (await service.Database.TextsAsync(Prepared.Replace("'hash'", "'bytes'", StringComparison.Ordinal)))[0];
        return Assert.IsType<Transaction>(Transaction.FromMolecule(Convert.FromBase64String(bytes)));
    }

    private sealed record Withdrawn(string Id, FiberLink.Chain.Script Recipient);
}
