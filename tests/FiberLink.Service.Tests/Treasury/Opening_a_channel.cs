using System.Text.Json.Nodes;
using FiberLink.Events.Money;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Tests.Scene;
using FiberLink.Service.Treasury.Administration;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Service.Tests.Treasury;

/// <summary>What goes into a channel was agreed to by two, is stored before the node can send it, and is put in once.</summary>
public sealed class Opening_a_channel
{
    private const ulong Ckb = ChannelScene.Ckb;

    public static TheoryData<string> Deaths =>
    [
        StopPoints.ChannelAsked, StopPoints.ChannelSigned, StopPoints.ChannelPrepared, StopPoints.ChannelSubmitted,
        StopPoints.SweepSeen, StopPoints.SweepCompleted,
    ];

    public static TheoryData<string> Faults => ["lost", "away", "cut", "refused", "chain lost", "chain cut"];

    public static TheoryData<string> Lies =>
    [
        "less in the channel", "one shannon less", "burnt", "more leaves", "change to another", "two channels", "another code",
        "code that nobody knows", "a wait", "no transaction",
    ];

    [Fact]
    public async Task What_another_agrees_to_is_in_the_channel_and_the_books_say_how_much_is_kept_back()
    {
        await using var scene = await ChannelScene.StartAsync();
        await scene.Chain.FundAsync(400, 5, Ct);

        var id = await scene.AskAsync(500);
        Assert.Contains(
            "whoever asks cannot agree",
            Assert.IsType<TreasuryAnswer.Refused>(await scene.Treasury.Operators.ApproveAsync(id, "Ann ", "mine", Ct)).Why,
            StringComparison.Ordinal);
        Assert.IsType<TreasuryAnswer.Done>(await scene.Treasury.Operators.ApproveAsync(id, "bob", "fine", Ct));
        await scene.ReachesAsync(id, "Completed");

        await scene.IsOpenOnceAsync(500);
    }

    [Fact]
    public async Task No_channel_is_opened_with_a_peer_that_is_not_on_the_list_of_the_service_whatever_an_operators_own_list_says()
    {
        await using var scene = await ChannelScene.StartAsync(s => s with { Treasury = s.Treasury with { Peers = [] } });
        await scene.Chain.FundAsync(1_000, 2, Ct);
        Assert.IsType<TreasuryAnswer.Refused>(
            await scene.Treasury.Operators.RequestOpeningAsync(scene.Peer, 500 * Ckb, "ann", "mine", Ct));

        var settings = scene.Service.Settings;
        await using var liars = scene.Treasury.OperatorsWith(
            settings with { Treasury = settings.Treasury with { Peers = [scene.Peer] } });
        var admin = liars.GetRequiredService<TreasuryAdministration>();
        var id = Assert.IsType<TreasuryAnswer.Done>(
            await admin.RequestOpeningAsync(scene.Peer, 500 * Ckb, "ann", "mine", Ct)).MovementId;
        await admin.ApproveAsync(id, "bob", "ours", Ct);

        await scene.Treasury.StageIsAsync(id, "Failed");
        Assert.Equal(0, await scene.Treasury.EventsAsync("movement.funding_prepared.v1"));
    }

    [Theory]
    [MemberData(nameof(Deaths))]
    public async Task A_death_at_a_step_opens_one_channel(string step)
    {
        await using var scene = await ChannelScene.StartAsync(countsSteps: true);
        await scene.Chain.FundAsync(1_000, 3, Ct);
        scene.Service.Steps!.DieAt(step, 1);

        await scene.ReachesAsync(await scene.OpenAsync(500), "Completed");

        await scene.IsOpenOnceAsync(500);
        Assert.InRange(scene.Service.Steps.Of(step), 1, int.MaxValue);
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_fault_of_a_node_opens_one_channel(string fault)
    {
        await using var scene = await ChannelScene.StartAsync();
        await scene.Chain.FundAsync(1_000, 3, Ct);
        var (node, chain) = (scene.Service.Control, scene.Chain.Control);
        await (fault switch
        {
            "lost" => node.LoseAnswersAsync(3, Ct),
            "away" => node.GoAwayAsync(TimeSpan.FromSeconds(2), Ct),
            "cut" => node.CutByChanceAsync(0.2, 0.2, 7, Ct),
            "refused" => node.RefuseAsync("submit_signed_funding_tx", "Some other refusal", 2, Ct),
            "chain lost" => chain.LoseAnswersAsync(3, Ct),
            "chain cut" => chain.CutByChanceAsync(0.1, 0.1, 7, Ct),
            _ => throw new ArgumentOutOfRangeException(nameof(fault)),
        });

        await scene.ReachesAsync(await scene.OpenAsync(500), "Completed");

        await node.ResetAsync(Ct);
        await chain.ResetAsync(Ct);
        await scene.IsOpenOnceAsync(500);
    }

    /// <summary>A node keeps an opening in memory until its funding is submitted. Whoever has our signature then, nobody knows.</summary>
    [Fact]
    public async Task What_was_signed_for_a_channel_that_the_node_has_let_go_comes_back_before_another_is_opened()
    {
        await using var scene = await ChannelScene.StartAsync(
            s => s with { Payouts = s.Payouts with { FinalDepth = 24 } }, countsSteps: true);
        await scene.Chain.FundAsync(1_000, 3, Ct);
        scene.Service.Steps!.DieAt(StopPoints.ChannelPrepared, 1);
        var id = await scene.OpenAsync(500);
        await scene.Treasury.StageIsAsync(id, "Prepared");

        scene.Service.Clock.Move(TimeSpan.FromMinutes(6));
        await scene.ReachesAsync(id, "Completed", secondsEach: 3);

        await scene.IsOpenOnceAsync(500);
        Assert.Equal(1, await scene.Treasury.EventsAsync("movement.return_prepared.v1"));
        Assert.Equal(1, await scene.Treasury.EventsAsync("movement.attempt_failed.v1"));
        Assert.Equal(2, await scene.Treasury.EventsAsync("movement.funding_prepared.v1"));
        Assert.Equal(
            (3_000 * (long)Ckb) - await scene.Treasury.BalanceAsync(Account.HubOnChain),
            (long)await scene.Chain.HeldByAsync(scene.Chain.Wallet, Ct));
    }

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task What_the_node_has_made_is_not_signed_when_it_is_not_what_was_agreed_on(string lie)
    {
        await using var node = await LyingNode.StartAsync(
            (method, result) =>
            {
                if (method == "open_channel_with_external_funding")
                {
                    Lie(lie, result);
                }
            },
            Ct);
        await using var scene = await ChannelScene.StartAsync(nodeUrl: node.InFrontOf);
        await scene.Chain.FundAsync(1_000, 3, Ct);

        await scene.OpenAsync(500);
        await scene.WaitsAsync(
            lie switch { "two channels" or "change to another" => "is not signed", _ => "not signed" });

        // The peer does not keep its cell for it.
        Assert.InRange((await scene.Service.Control.CallsAsync(Ct)).GetValueOrDefault("abandon_channel"), 1, long.MaxValue);
        Assert.Equal(0, await scene.Treasury.EventsAsync("movement.funding_prepared.v1"));
        Assert.Equal((UInt128)3_000 * Ckb, await scene.Chain.HeldByAsync(scene.Chain.Wallet, Ct));
    }

    [Fact]
    public async Task The_node_may_take_no_cell_that_another_transaction_spends()
    {
        await using var scene = await ChannelScene.StartAsync(countsSteps: true);
        await scene.Chain.FundAsync(1_000, 1, Ct);
        var sweep = await scene.Treasury.SweepAsync(300);
        await scene.Treasury.StageIsAsync(sweep, "Sent");
        await scene.Chain.FundAsync(900, 1, Ct);

        // The older cell is not free, and the node knows nothing of that.
        var id = await scene.OpenAsync(600);
        await scene.WaitsAsync("The node has taken cells that other transactions spend.");
        Assert.Equal(0, scene.Service.Steps!.Of(StopPoints.ChannelSigned));
        await scene.ReachesAsync(id, "Completed");

        await scene.ReachesAsync(sweep, "Completed");
        Assert.Equal((UInt128)300 * Ckb, await scene.Chain.HeldByAsync(scene.Treasury.Cold, Ct));
        Assert.Equal(-((600 * (long)Ckb) - ChannelScene.KeptBack), await scene.Treasury.BalanceAsync(Account.HubChannels));
        Assert.Equal(0, await scene.Treasury.BalanceAsync(Account.InFlight));
    }

    [Fact]
    public async Task Channels_and_sweeps_that_are_agreed_to_at_once_have_one_budget()
    {
        await using var scene = await ChannelScene.StartAsync();
        var ids = new List<Guid>();
        for (var i = 0; i < 10; i++)
        {
            ids.Add(i % 2 == 0 ? await scene.AskAsync(300) : await scene.Treasury.AskAsync(300));
        }

        var answers = await Task.WhenAll(ids.Select(id => scene.Treasury.Operators.ApproveAsync(id, "bob", "fine", Ct)));

        Assert.Equal(3, answers.Count(a => a is TreasuryAnswer.Done { IsNew: true }));
        Assert.All(
            answers.OfType<TreasuryAnswer.Refused>(), r => Assert.Contains("budget of a day", r.Why, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_in_a_channel_counts_towards_the_budget_of_the_service_whatever_budget_a_sweep_was_agreed_to_under()
    {
        await using var scene = await ChannelScene.StartAsync(countsSteps: true);
        await scene.Chain.FundAsync(1_000, 4, Ct);
        await scene.ReachesAsync(await scene.OpenAsync(600), "Completed");
        var settings = scene.Service.Settings;
        await using var generous = scene.Treasury.OperatorsWith(settings with
        {
            Treasury = settings.Treasury with { DayMax = new Dictionary<Asset, UInt128> { [Asset.Ckb] = 9_000 * Ckb } },
        });

        var sweep = await scene.Treasury.AskAsync(600);
        await generous.GetRequiredService<TreasuryAdministration>().ApproveAsync(sweep, "bob", "fine", Ct);

        await scene.WaitsAsync("budget of a day");
        Assert.Equal(0, scene.Service.Steps!.Of(StopPoints.SweepSigned));
    }

    [Fact]
    public async Task What_the_chain_has_is_booked_when_the_node_tells_of_the_channel()
    {
        var isHidden = true;
        await using var node = await LyingNode.StartAsync(
            (method, result) =>
            {
                if (method == "list_channels" && isHidden)
                {
                    result["channels"]!.AsArray().Clear();
                }
            },
            Ct);
        await using var scene = await ChannelScene.StartAsync(nodeUrl: node.InFrontOf);
        await scene.Chain.FundAsync(1_000, 3, Ct);
        var id = await scene.OpenAsync(500);
        await scene.ReachesAsync(id, "InBlock");
        await scene.Chain.Control.MineAsync(30, Ct);
        await scene.WaitsAsync("the node does not tell of the channel");

        isHidden = false;
        await scene.ReachesAsync(id, "Completed");

        await scene.IsOpenOnceAsync(500);
    }

    [Fact]
    public async Task Two_service_nodes_open_one_channel()
    {
        await using var scene = await ChannelScene.StartAsync();
        await using var other = await scene.Service.StartAnotherAsync();
        await scene.Chain.FundAsync(1_000, 4, Ct);

        await scene.ReachesAsync(await scene.OpenAsync(500), "Completed");

        await scene.IsOpenOnceAsync(500);
    }

    private static void Lie(string lie, JsonNode result)
    {
        var transaction = result["unsigned_funding_tx"]!;
        var outputs = transaction["outputs"]!.AsArray();
        void Say(int output, ulong capacity) => outputs[output]!["capacity"] = $"0x{capacity:x}";
        ulong Of(int output) => Convert.ToUInt64(outputs[output]!["capacity"]!.GetValue<string>()[2..], 16);
        switch (lie)
        {
            case "less in the channel":
                Say(0, Of(0) - (150 * Ckb));
                Say(2, Of(2) + (150 * Ckb));
                break;
            case "one shannon less":
                Say(0, (500 * Ckb) - 1);
                Say(2, Of(2) + (99 * Ckb));
                break;
            case "burnt":
                Say(0, Of(0) - (50 * Ckb));
                break;
            case "more leaves":
                Say(0, Of(0) + (10 * Ckb));
                Say(1, Of(1) - (10 * Ckb));
                break;
            case "change to another":
                outputs[1]!["lock"]!["args"] = $"0x{new string('7', 40)}";
                break;
            case "two channels":
                outputs[1]!["lock"] = outputs[0]!["lock"]!.DeepClone();
                break;
            case "another code":
                outputs[0]!["lock"]!["code_hash"] = $"0x{new string('7', 64)}";
                break;
            case "code that nobody knows":
                transaction["cell_deps"]![0]!["out_point"]!["tx_hash"] = $"0x{new string('7', 64)}";
                break;
            case "a wait":
                transaction["inputs"]![0]!["since"] = "0x1";
                break;
            default:
                transaction.AsObject().Remove("outputs");
                break;
        }
    }
}
