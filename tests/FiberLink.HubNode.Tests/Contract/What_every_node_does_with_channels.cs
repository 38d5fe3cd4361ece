using System.Text.Json.Nodes;

namespace FiberLink.HubNode.Tests.Contract;

/// <summary>The same of every node: what opening channels with coins of ours, and closing them, relies on.</summary>
public abstract class What_every_node_does_with_channels(NodeUnderTest node)
{
    private const ulong Ckb = 100_000_000; // shannon

    private static readonly string Unknown = $"0x{new string('1', 64)}";

    [Fact]
    public async Task It_makes_a_transaction_that_is_ours_to_sign_and_lets_it_go_when_told()
    {
        var opening = await OpeningAsync(500 * Ckb);

        var made = Answers.Value(await node.Hub.AskForFundingAsync(opening, Scene.Ct));
        var outputs = JsonNode.Parse(made.Transaction)!["outputs"]!.AsArray();

        // The peer adds what is kept back of its side, and both get change.
        Assert.Equal("0xdf2517700", outputs[0]!["capacity"]!.GetValue<string>());
        Assert.Null(outputs[0]!["type"]);
        Assert.Contains(outputs, o => o!["lock"]!["args"]!.GetValue<string>() == NodeUnderTest.Wallet.Args);
        Assert.Equal(3, outputs.Count);
        Assert.DoesNotContain(
            Answers.Value(await node.Hub.ListChannelsAsync(withClosed: true, Scene.Ct)), c => c.ChannelId == made.ChannelId);

        Answers.Failure(
            NodeFailure.Rejected, await node.Hub.SubmitFundingAsync(made.ChannelId, Changed(made.Transaction), Scene.Ct));
        Assert.Equal(made.ChannelId, Answers.Value(await node.Hub.AbandonChannelAsync(made.ChannelId, Scene.Ct)));
        Answers.Failure(
            NodeFailure.ChannelNotFound, await node.Hub.SubmitFundingAsync(made.ChannelId, made.Transaction, Scene.Ct));
    }

    [Fact]
    public async Task It_opens_none_with_less_than_is_kept_back_or_with_a_stranger()
    {
        var opening = await OpeningAsync(500 * Ckb);
        var stranger = opening with { Peer = "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798" };

        Answers.Failure(NodeFailure.Rejected, await node.Hub.AskForFundingAsync(opening with { Amount = 1 }, Scene.Ct));
        Answers.Failure(NodeFailure.Rejected, await node.Hub.AskForFundingAsync(stranger, Scene.Ct));
    }

    [Fact]
    public async Task It_closes_none_that_there_is_not() => Answers.Failure(
        NodeFailure.ChannelNotFound, await node.Hub.CloseChannelAsync(new(Unknown, NodeUnderTest.Wallet, 1_000), Scene.Ct));

    private static string Changed(string transaction)
    {
        var changed = JsonNode.Parse(transaction)!;
        changed["outputs"]![0]!["capacity"] = "0x1";
        return changed.ToJsonString();
    }

    private async Task<ChannelOpening> OpeningAsync(ulong amount) => new(
        Answers.Value(await node.Hub.ListPeersAsync(Scene.Ct))[0].Peer, amount, NodeUnderTest.Wallet, 1_000);
}
