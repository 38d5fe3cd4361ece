using System.Text.Json.Nodes;

namespace FiberLink.HubNode.Tests;

public sealed class Which_node_it_is
{
    private static readonly string Real =
        Vector.Recorded("node_info").First().Answer.GetProperty("result").GetProperty("pubkey").GetString()!;

    private readonly LogLines<JsonRpcHubNode> _log = new();

    [Fact]
    public async Task A_node_before_0_8_is_read_too()
    {
        await using var node = new RawNode(c => InvoiceAnswers.Method(c) switch
        {
            "node_info" => RawNode.Response(InvoiceAnswers.Info(InvoiceAnswers.Id(c), AsOf0_6)),
            "list_channels" => Result(c, new JsonObject { ["channels"] = new JsonArray(OldChannel()) }),
            _ => Result(c, new JsonObject
            {
                ["peers"] = new JsonArray(new JsonObject { ["peer_id"] = "QmPeer", ["address"] = "/ip4/127.0.0.1/tcp/8228" }),
            }),
        });
        await using var hub = Hub(node);

        var info = Answers.Value(await hub.GetInfoAsync(Scene.Ct));
        var channel = Assert.Single(Answers.Value(await hub.ListChannelsAsync(false, Scene.Ct)));
        var peer = Assert.Single(Answers.Value(await hub.ListPeersAsync(Scene.Ct)));

        Assert.Equal(("0.6.1", Real), (info.Version, info.Pubkey));
        Assert.Equal(("QmPeer", HubChannelStage.Ready, "CHANNEL_READY"), (channel.Peer, channel.Stage, channel.StateName));
        Assert.Equal([80, 95], new[] { channel.Spendable, channel.Receivable });
        Assert.Equal("QmPeer", peer.Peer);
        Assert.Empty(_log.All);
    }

    [Theory]
    [InlineData("udt_script", "hash_algorithm", "sha256")]
    [InlineData("UdtScript", "HashAlgorithm", "Sha256")]
    public async Task A_token_stays_a_token_in_whatever_case_its_attribute_is_written(string script, string algorithm, string sha256)
    {
        var token = new UdtScript($"0x{new string('1', 64)}", "type", "0x02");
        await using var node = new RawNode(c =>
        {
            var answer = JsonNode.Parse(InvoiceAnswers.To(c))!;
            answer["result"]!["invoice"]!["data"]!["attrs"] = new JsonArray(
                new JsonObject { [script] = $"0x{Convert.ToHexStringLower(token.ToMolecule())}" }, new JsonObject { [algorithm] = sha256 });
            return RawNode.Response(answer.ToJsonString());
        });
        await using var hub = Hub(node);

        var invoice = Answers.Value(await hub.FindInvoiceAsync(InvoiceAnswers.Hash(1), Scene.Ct));

        Assert.Equal((token, InvoiceHashAlgorithm.Sha256), (invoice.UdtScript, invoice.HashAlgorithm));
    }

    [Fact]
    public async Task Channels_of_a_real_node_are_read()
    {
        var answer = Vector.Recorded("list_channels").Select(c => c.Answer).Where(a => a.Find("result") is not null).ToArray();
        foreach (var recorded in answer)
        {
            await using var node = new RawNode(c =>
            {
                var text = JsonNode.Parse(recorded.GetRawText())!;
                text["id"] = InvoiceAnswers.Id(c);
                return RawNode.Response(text.ToJsonString());
            });
            await using var hub = Hub(node);

            Assert.Equal(
                recorded.GetProperty("result").GetProperty("channels").GetArrayLength(),
                Answers.Value(await hub.ListChannelsAsync(true, Scene.Ct)).Count);
        }
    }

    [Theory]
    [InlineData("ChannelReady", HubChannelStage.Ready, 80)]
    [InlineData("AwaitingTxSignatures", HubChannelStage.Opening, 0)]
    [InlineData("NEGOTIATING_FUNDING", HubChannelStage.Opening, 0)]
    [InlineData("ShuttingDown", HubChannelStage.ShuttingDown, 0)]
    [InlineData("Closed", HubChannelStage.Closed, 0)]
    [InlineData("Sleeping", HubChannelStage.Other, 0)]
    public async Task Only_an_open_channel_can_send(string state, HubChannelStage stage, int spendable)
    {
        var told = OldChannel();
        told["state"]!["state_name"] = state;
        await using var node = new RawNode(c => Result(c, new JsonObject { ["channels"] = new JsonArray(told.DeepClone()) }));
        await using var hub = Hub(node);

        var channel = Assert.Single(Answers.Value(await hub.ListChannelsAsync(false, Scene.Ct)));

        Assert.Equal((stage, (UInt128)spendable), (channel.Stage, channel.Spendable));
    }

    [Theory]
    [InlineData("0.6.1", NodeFailure.NotOffered)]
    [InlineData("0.8.1", NodeFailure.Unauthorized)]
    [InlineData("0.9.0", NodeFailure.Unauthorized)]
    [InlineData("nightly", NodeFailure.Unauthorized)]
    public async Task A_method_that_an_old_node_does_not_have_is_told_from_a_token_that_is_not_enough(string version, NodeFailure expected)
    {
        await using var node = new RawNode(c => RawNode.Response(InvoiceAnswers.Method(c) == "node_info"
            ? InvoiceAnswers.Info(InvoiceAnswers.Id(c), r => r["version"] = version)
            : InvoiceAnswers.Error(InvoiceAnswers.Id(c), -32999, "Unauthorized")));
        await using var hub = Hub(node);

        Answers.Failure(expected, await hub.ListPaymentsAsync(null, null, 15, Scene.Ct));
        Answers.Failure(expected, await hub.ListPaymentsAsync(null, null, 15, Scene.Ct));
        Answers.Failure(NodeFailure.Unauthorized, await hub.ListPeersAsync(Scene.Ct));

        // It was asked for its version once.
        Assert.Equal(1, node.Requests.Count(r => InvoiceAnswers.Method(RawNode.Body(r)) == "node_info"));
    }

    [Theory]
    [InlineData("0.8.1", 0)]
    [InlineData("v0.7.0-rc3", 0)]
    [InlineData("0.9.0", 1)]
    [InlineData("1.0.0", 1)]
    [InlineData("nightly", 1)]
    public async Task A_version_that_was_never_tried_is_warned_of_once(string version, int warnings)
    {
        await using var node = new RawNode(c => RawNode.Response(InvoiceAnswers.Info(InvoiceAnswers.Id(c), r => r["version"] = version)));
        await using var hub = Hub(node);

        Assert.Equal(version, Answers.Value(await hub.GetInfoAsync(Scene.Ct)).Version);
        Answers.Value(await hub.GetInfoAsync(Scene.Ct));

        Assert.Equal(Enumerable.Repeat(2403, warnings), _log.Ids);
    }

    [Fact]
    public async Task A_node_with_another_key_is_asked_nothing_but_who_it_is()
    {
        var pubkey = $"02{new string('1', 64)}";
        await using var node = new RawNode(c => RawNode.Response(InvoiceAnswers.Method(c) == "node_info"
            ? InvoiceAnswers.Info(InvoiceAnswers.Id(c), r => r["pubkey"] = pubkey)
            : InvoiceAnswers.To(c)));
        await using var hub = Hub(node, Real);

        Answers.Failure(NodeFailure.WrongNode, await hub.FindInvoiceAsync(InvoiceAnswers.Hash(1), Scene.Ct));
        Answers.Failure(NodeFailure.WrongNode, await hub.GetInfoAsync(Scene.Ct));
        var unsent = Assert.IsType<PaymentOutcome.NotSent>(await hub.SendPaymentAsync(Paying.Request, Scene.Ct));
        Assert.Equal(NodeFailure.WrongNode, unsent.Failure);
        Assert.All(node.Requests, r => Assert.Equal("node_info", InvoiceAnswers.Method(RawNode.Body(r))));
        Assert.Equal([2402], _log.Ids);

        // The right one is back at the address.
        pubkey = Real;
        Answers.Value(await hub.FindInvoiceAsync(InvoiceAnswers.Hash(1), Scene.Ct));
    }

    [Fact]
    public async Task The_expected_node_is_asked_who_it_is_once_and_again_after_an_outage()
    {
        var isAway = false;
        await using var node = new RawNode(c => isAway ? [] : RawNode.Response(InvoiceAnswers.Method(c) == "node_info"
            ? InvoiceAnswers.Info(InvoiceAnswers.Id(c))
            : InvoiceAnswers.To(c)));
        await using var hub = Hub(node, $"0x{Real.ToUpperInvariant()}");

        await hub.FindInvoiceAsync(InvoiceAnswers.Hash(1), Scene.Ct);
        await hub.FindInvoiceAsync(InvoiceAnswers.Hash(1), Scene.Ct);
        isAway = true;
        Answers.Failure(NodeFailure.NoAnswer, await hub.FindInvoiceAsync(InvoiceAnswers.Hash(1), Scene.Ct));
        Answers.Failure(NodeFailure.Unreachable, await hub.FindInvoiceAsync(InvoiceAnswers.Hash(1), Scene.Ct));
        isAway = false;
        Answers.Value(await hub.FindInvoiceAsync(InvoiceAnswers.Hash(1), Scene.Ct));

        Assert.Equal(
            ["node_info", "get_invoice", "get_invoice", "get_invoice", "node_info", "node_info", "get_invoice"],
            node.Requests.Select(r => InvoiceAnswers.Method(RawNode.Body(r))));
    }

    [Theory]
    [InlineData("0.8.1", "0.8.1")]
    [InlineData("v1.2.3-rc1", "1.2.3")]
    [InlineData("0.8", null)]
    [InlineData("0.8.1.2", null)]
    [InlineData("0.-8.1", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void Versions_are_three_numbers(string? text, string? expected) =>
        Assert.Equal(expected, NodeVersion.TryParse(text, out var version) ? version.ToString() : null);

    private static void AsOf0_6(JsonObject info)
    {
        info["version"] = "0.6.1";
        info["node_id"] = info["pubkey"]!.DeepClone();
        info.Remove("pubkey");
        info.Remove("features");
    }

    private static JsonObject OldChannel() =>
        new()
        {
            ["channel_id"] = $"0x{new string('1', 64)}",
            ["is_public"] = true,
            ["channel_outpoint"] = null,
            ["peer_id"] = "QmPeer",
            ["funding_udt_type_script"] = null,
            ["state"] = new JsonObject { ["state_name"] = "CHANNEL_READY", ["state_flags"] = new JsonArray() },
            ["local_balance"] = "0x64",
            ["offered_tlc_balance"] = "0x14",
            ["remote_balance"] = "0x64",
            ["received_tlc_balance"] = "0x5",
            ["latest_commitment_transaction_hash"] = null,
            ["created_at"] = "0x19584157367",
            ["enabled"] = true,
        };

    private static byte[] Result(string call, JsonNode result) =>
        RawNode.Response(
            new JsonObject { ["jsonrpc"] = "2.0", ["id"] = InvoiceAnswers.Id(call), ["result"] = result }.ToJsonString());

    private JsonRpcHubNode Hub(RawNode node, string? expected = null) =>
        new(
            Wire.NewHttpClient(),
            new() { Endpoint = node.Endpoint, ExpectedPubkey = expected, RetriesMax = 0 },
            TimeProvider.System,
            _log);
}
