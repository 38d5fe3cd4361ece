using FiberLink.Crypto;
using FiberLink.Events.Money;
using FiberLink.Events.Treasury;
using FiberLink.Events.Withdrawals;
using FiberLink.EventStore;
using FiberLink.Service.Reconciliation;
using FiberLink.Service.Reconciliation.OnChain;
using FiberLink.Service.Tests.Scene;
using FiberLink.Service.Tests.Treasury;
using FiberLink.Service.Tests.Withdrawals;
using FiberLink.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Service.Tests.Reconciliation;

/// <summary>What the log says of its transactions, and the wallet's books, against a sandbox chain that turns back and forgets.</summary>
public sealed class Reconciling_with_the_chain
{
    [Fact]
    public async Task Finds_nothing_where_nothing_differs()
    {
        await using var scene = await OpenedAsync();
        await PaidAsync(scene, "Completed");

        var (report, found) = await ReconcileAsync(scene);

        Assert.Empty(found);
        Assert.Equal((1, 1), (report.Transactions, report.Cells));
        var line = report.Lines.Single(l => (l.Place, l.Asset) == (HubPlace.OnChain, Asset.Ckb));
        Assert.Equal(((Int128?)0, line.Books), (line.Unexplained, (Int128)line.Seen!.Value));
    }

    [Fact]
    public async Task Names_what_was_taken_back_and_what_lies_in_another_block()
    {
        await using var scene = await OpenedAsync();
        await PaidAsync(scene, "Completed");
        await StopAsync(scene);
        await TurnBackAsync(scene, forget: false);

        // Until the log says so, the coins are back in a wallet that has paid them.
        Assert.Equal([DifferenceKind.TransactionTakenBack, DifferenceKind.WalletHasMore], await KindsAsync(scene));

        await scene.Chain.Control.MineAsync(3, Ct);
        Assert.Equal([DifferenceKind.BlockDiffers], await KindsAsync(scene));
    }

    [Fact]
    public async Task Names_what_the_chain_has_and_the_log_does_not_once_it_lies_deep_enough()
    {
        await using var scene = await OpenedAsync();
        await PaidAsync(scene, "Sent");
        await StopAsync(scene);
        await scene.Chain.Control.MineAsync(2, Ct);
        Assert.Empty(await KindsAsync(scene));

        await scene.Chain.Control.MineAsync(20, Ct);
        var found = (await ReconcileAsync(scene)).Found.Single();
        Assert.Equal((DifferenceKind.TransactionNotRecorded, RunningService.App), (found.Kind, found.Tenant));
        Assert.Equal(new Amount(Asset.Ckb, 99_99999000), found.Money);
        Assert.NotNull(found.Since);
    }

    /// <summary>What a token is worth in coins nobody knows: a service waits until it lies as deep as any amount of them.</summary>
    [Fact]
    public async Task Waits_with_a_token_for_as_long_as_with_any_amount_of_coins()
    {
        await using var scene = await TreasuryScene.StartAsync(TokenScene.WithToken);
        await scene.Chain.FundAsync(1_000, 1, Ct);
        await scene.Chain.FundTokenAsync(500);
        await scene.Service.GiveAsync("alice", 100, TokenScene.Code);
        var (id, _) = await scene.Service.GrantedAsync("alice", 100, TokenScene.Code);
        await scene.Service.StageIsAsync(id, "Sent");
        await StopAsync(scene);

        await scene.Chain.Control.MineAsync(20, Ct);
        Assert.Empty(await KindsAsync(scene));
        await scene.Chain.Control.MineAsync(20, Ct);
        Assert.Equal([DifferenceKind.TransactionNotRecorded], await KindsAsync(scene));
    }

    [Fact]
    public async Task Names_what_was_sent_and_is_not_known_to_the_chain()
    {
        await using var scene = await OpenedAsync();
        await PaidAsync(scene, "Sent");
        await StopAsync(scene);
        await scene.Chain.Control.DropAsync(await HashAsync(scene), Ct);

        Assert.Equal([DifferenceKind.TransactionMissing], await KindsAsync(scene));
    }

    [Fact]
    public async Task Raises_an_alarm_over_what_was_final_and_is_in_no_block()
    {
        await using var scene = await OpenedAsync(24);
        await PaidAsync(scene, "Completed");
        await Eventually.HoldsAsync(
            "it is final",
            async () =>
            {
                await scene.Chain.Control.MineAsync(5, Ct);
                scene.Service.Clock.Move(TimeSpan.FromSeconds(30));
                return await scene.Service.Database.CountAsync("select count(*) from read_models.withdrawals where is_final") == 1;
            },
            Ct);
        await StopAsync(scene);
        await TurnBackAsync(scene, forget: true);

        Assert.Contains(DifferenceKind.FinalNotOnChain, await KindsAsync(scene));
    }

    [Fact]
    public async Task Raises_an_alarm_over_what_had_failed_for_certain_and_is_in_a_block()
    {
        await using var scene = await OpenedAsync();
        var id = await PaidAsync(scene, "Completed");
        await StopAsync(scene);
        await AppendAsync(scene, id, new WithdrawalEvent.AttemptFailed(
            id, 1, (await HashAsync(scene)).ToHex(), "a lie", null, scene.Service.Clock.GetUtcNow()));

        Assert.Contains(DifferenceKind.FailedButPaid, await KindsAsync(scene));
    }

    [Theory]
    [InlineData("{pays,units}", "\"1\"", "1 units were to be paid, and it holds 9999999000")]
    [InlineData("{destination,text}", null, "it is another's")]
    public async Task Raises_an_alarm_over_an_output_that_is_not_what_was_to_be_paid(string path, string? json, string says)
    {
        await using var scene = await OpenedAsync();
        await PaidAsync(scene, "Completed");
        await StopAsync(scene);
        await scene.Service.Database.ExecuteAsync(
            "update event_store.mt_events set data = jsonb_set(data, $1::text[], $2::jsonb) where type = 'withdrawal.requested.v1'",
            path.Trim('{', '}').Split(','),
            json ?? $"\"{PaidChain.NewRecipient().Address}\"");

        var found = (await ReconcileAsync(scene)).Found.Single();
        Assert.Equal(DifferenceKind.OutputDiffers, found.Kind);
        Assert.EndsWith(says, found.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("50000", null)]
    [InlineData("50001", "50001 units were to be paid, and it holds 50000")]
    public async Task Looks_at_what_a_swept_token_has_brought_to_the_cold_address(string units, string? says)
    {
        await using var scene = await TreasuryScene.StartAsync(settings => TokenScene.WithToken(settings) with
        {
            Treasury = settings.Treasury with { DayMax = new Dictionary<Asset, UInt128> { [TokenScene.Asset] = 50_000 } },
        });
        await scene.Chain.FundAsync(1_000, 1, Ct);
        await scene.Chain.FundTokenAsync(500);
        await scene.MinedUntilAsync(await scene.SweepAsync(new Amount(TokenScene.Asset, 50_000)), "Completed");
        await StopAsync(scene);
        await scene.Service.Database.ExecuteAsync(
            "update event_store.mt_events set data = jsonb_set(data, '{amount,units}', to_jsonb($1::text)) "
            + "where type like '%sweep_requested%'",
            units);

        var (report, found) = await ReconcileAsync(scene);
        Assert.Equal(1, report.Transactions);
        Assert.Equal(says is null ? [] : [DifferenceKind.OutputDiffers], found.Select(d => d.Kind));
        Assert.All(found, d => Assert.EndsWith(says!, d.Detail, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Tells_how_much_more_or_less_the_wallet_has_than_is_explained_and_which_cell_is_gone()
    {
        await using var scene = await OpenedAsync();
        await scene.Chain.FundAsync(70, 1, Ct);
        var more = (await ReconcileAsync(scene)).Found.Single();
        Assert.Equal((DifferenceKind.WalletHasMore, new Amount(Asset.Ckb, 70 * PaidChain.Ckb)), (more.Kind, more.Money!.Value));

        await scene.BookAsync(HubPlace.OnChain, 100 * PaidChain.Ckb);
        var less = (await ReconcileAsync(scene)).Found.Single();
        Assert.Equal((DifferenceKind.WalletHasLess, new Amount(Asset.Ckb, 30 * PaidChain.Ckb)), (less.Kind, less.Money!.Value));

        await scene.BookAsync(HubPlace.OnChain, 1);
        await scene.Service.Database.ExecuteAsync(
            "insert into read_models.wallet_cells values ($1, $2)", $"0x{new string('a', 64)}:0", $"0x{new string('b', 64)}");
        Assert.Contains(DifferenceKind.CellGone, await KindsAsync(scene));
    }

    [Fact]
    public async Task Concludes_nothing_where_the_chain_does_not_answer()
    {
        await using var scene = await OpenedAsync();
        await PaidAsync(scene, "Completed");
        await StopAsync(scene);
        await scene.Chain.Control.GoAwayAsync(null, Ct);

        var (report, found) = await ReconcileAsync(scene);
        Assert.Equal([DifferenceKind.NoAnswer], found.Select(d => d.Kind));
        Assert.DoesNotContain(report.Lines, l => l.Place is HubPlace.OnChain);
    }

    private static async Task<TreasuryScene> OpenedAsync(ulong finalDepth = 10_000)
    {
        var scene = await TreasuryScene.StartAsync(s => s with { Payouts = s.Payouts with { FinalDepth = finalDepth } });
        await scene.Chain.FundAsync(1_000, 1, Ct);
        await scene.BookAsync(HubPlace.OnChain, 1_000 * PaidChain.Ckb);
        return scene;
    }

    private static async Task<Guid> PaidAsync(TreasuryScene scene, string stage)
    {
        await scene.Service.GiveAsync(RunningService.App, "alice", "200");
        var reply = await scene.Service.Client.WithdrawAsync("alice", "100", PaidChain.NewRecipient().Address, Ct);
        var id = reply.Result.GetProperty("id").GetString()!;
        await (stage == "Sent" ? scene.Service.StageIsAsync(id, stage) : scene.Service.MinedUntilAsync(id, stage));
        return Guid.Parse(id);
    }

    private static async Task StopAsync(TreasuryScene scene) => await scene.Service.Instance.DisposeAsync();

    private static async Task TurnBackAsync(TreasuryScene scene, bool forget)
    {
        var block = await scene.Service.Database.CountAsync("select block_number::bigint from read_models.withdrawals");
        var tip = (long)(await scene.Chain.Control.StateAsync(Ct)).TipNumber;
        await scene.Chain.Control.ReorganiseAsync((int)(tip - block + 1), null, forget, Ct);
    }

    private static async Task<Bytes32> HashAsync(TreasuryScene scene) =>
        Bytes32.Parse((await scene.Service.Database.TextsAsync("select evidence from read_models.withdrawals")).Single());

    private static async Task AppendAsync(TreasuryScene scene, Guid withdrawal, object @event)
    {
        await using var tools = Tools(scene);
        var stream = new StreamId(RunningService.App, $"withdrawal-{withdrawal:N}");
        Assert.IsType<AppendResult.Appended>(await tools.GetRequiredService<IEventStore>().AppendAsync(
            new Change(
                [new(stream, ExpectedVersion.Any, [new(Guid.CreateVersion7(), @event)])],
                EventMetadata.None,
                scene.Service.Clock.GetUtcNow()),
            Ct));
    }

    private static async Task<IReadOnlyList<DifferenceKind>> KindsAsync(TreasuryScene scene) =>
        [.. (await ReconcileAsync(scene)).Found.Select(d => d.Kind)];

    private static async Task<(ChainReport Report, List<Difference> Found)> ReconcileAsync(TreasuryScene scene)
    {
        await using var tools = Tools(scene);
        var found = new List<Difference>();
        var report = await tools.GetRequiredService<ChainReconciliation>().RunAsync(
            new(null, DateTimeOffset.UnixEpoch),
            d =>
            {
                found.Add(d);
                return Task.CompletedTask;
            },
            Ct);
        return (report, found);
    }

    private static ServiceProvider Tools(TreasuryScene scene) => ServiceHost.BuildNodeTools(scene.Service.Settings, services =>
    {
        services.AddSingleton<TimeProvider>(scene.Service.Clock);
        scene.Chain.GiveTo(services);
    });
}
