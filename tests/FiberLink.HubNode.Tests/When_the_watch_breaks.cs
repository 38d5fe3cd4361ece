using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using FiberLink.HubNode.Changes;
using FiberLink.Testing;

namespace FiberLink.HubNode.Tests;

public sealed class When_the_watch_breaks
{
    private readonly ChangeScene _scene = new();

    [Theory]
    [InlineData("cut")]
    [InlineData("close")]
    [InlineData("garbage")]
    [InlineData("binary")]
    public async Task A_broken_connection_is_told_and_made_anew_after_a_pause(string how)
    {
        await using var node = new RawWebSocketNode(async connection =>
        {
            await ChangeScene.SubscribedAsync(connection);
            switch (connection.Index == 0 ? how : "none")
            {
                case "cut":
                    connection.Cut();
                    return;
                case "close":
                    await connection.CloseAsync();
                    break;
                case "garbage":
                    await connection.SendAsync("garbage");
                    break;
                case "binary":
                    await connection.SendAsync([1], WebSocketMessageType.Binary);
                    break;
                default:
                    break;
            }

            await connection.ListenAsync();
        });
        await using var ear = _scene.Listen(node.Endpoint);

        Assert.Equal(new NodeChange.Connected(), await ear.NextAsync());
        Assert.IsType<NodeChange.Disconnected>(await ear.NextAsync());
        Assert.Single(node.Upgrades);
        Assert.Equal([2405], _scene.Log.Ids);
        await _scene.PauseAsync(TimeSpan.FromMilliseconds(250));
        Assert.Equal(new NodeChange.Connected(), await ear.NextAsync());
    }

    [Fact]
    public async Task A_node_that_is_away_is_tried_with_growing_pauses()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var endpoint = new Uri($"ws://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}/");
        free.Stop();
        await using var ear = _scene.Listen(endpoint);

        double[] most = [0.25, 0.5, 1, 2, 4, 8, 16, 32, 32];
        foreach (var (index, seconds) in most.Index())
        {
            await Eventually.HoldsAsync("it has tried once more", () => _scene.Log.All.Count == index + 1, Scene.Ct);
            await _scene.PauseAsync(TimeSpan.FromSeconds(seconds));
        }

        Assert.All(_scene.Log.Ids, id => Assert.Equal(2405, id));
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":1,"error":{"code":-32999,"message":"Unauthorized"}}""", null)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"Method not found"}}""", null)]
    [InlineData("", "403 Forbidden")]
    [InlineData("", "405 Method Not Allowed")]
    public async Task A_node_that_offers_no_changes_says_so_once_and_is_asked_again_rarely(string answer, string? status)
    {
        await using var node = new RawWebSocketNode(
            async connection =>
            {
                await connection.ReceiveAsync();
                await connection.SendAsync(connection.Index < 2 ? answer : ChangeScene.Subscribed);
                await connection.ListenAsync();
            },
            index => index < 2 ? status : null);
        await using var ear = _scene.Listen(node.Endpoint);

        Assert.IsType<NodeChange.NotOffered>(await ear.NextAsync());
        Assert.Single(node.Upgrades);
        await _scene.PauseAsync(WebSocketNodeChanges.NotOfferedPause, early: TimeSpan.FromMilliseconds(1));
        Assert.Single(node.Upgrades);
        _scene.Time.Advance(TimeSpan.FromMilliseconds(1));
        await Eventually.HoldsAsync("it is asked again", () => node.Upgrades.Count == 2, Scene.Ct);
        await _scene.PauseAsync(WebSocketNodeChanges.NotOfferedPause);

        Assert.Equal(new NodeChange.Connected(), await ear.NextAsync());
        Assert.Equal([2404], _scene.Log.Ids);
    }

    [Fact]
    public async Task A_busy_node_is_asked_again_soon()
    {
        await using var node = new RawWebSocketNode(async connection =>
        {
            await connection.ReceiveAsync();
            await connection.SendAsync(connection.Index == 0 ? InvoiceAnswers.Error(1, -32009, "server is busy") : ChangeScene.Subscribed);
            await connection.ListenAsync();
        });
        await using var ear = _scene.Listen(node.Endpoint);

        await Eventually.HoldsAsync("it waits", () => _scene.Log.Ids.Contains(2405), Scene.Ct);
        await _scene.PauseAsync(TimeSpan.FromMilliseconds(250));

        Assert.Equal(new NodeChange.Connected(), await ear.NextAsync());
    }

    [Fact]
    public async Task A_connection_that_tells_nothing_for_long_is_made_anew()
    {
        await using var node = new RawWebSocketNode(async connection =>
        {
            await ChangeScene.SubscribedAsync(connection);
            await connection.ListenAsync();
        });
        await using var ear = _scene.Listen(node.Endpoint);

        Assert.Equal(new NodeChange.Connected(), await ear.NextAsync());
        await Eventually.HoldsAsync("it listens", () => _scene.Time.TimersWaiting == 1, Scene.Ct);
        _scene.Time.Advance(TimeSpan.FromMinutes(10));
        Assert.IsType<NodeChange.Disconnected>(await ear.NextAsync());
        await _scene.PauseAsync(TimeSpan.FromMilliseconds(250));

        Assert.Equal(new NodeChange.Connected(), await ear.NextAsync());
    }

    [Fact]
    public async Task A_node_that_never_takes_the_subscription_is_left_after_a_calls_time()
    {
        await using var node = new RawWebSocketNode(async connection =>
        {
            await connection.ReceiveAsync();
            if (connection.Index > 0)
            {
                await connection.SendAsync(ChangeScene.Subscribed);
            }

            await connection.ListenAsync();
        });
        await using var ear = _scene.Listen(node.Endpoint);

        await Eventually.HoldsAsync("it has connected", () => node.Upgrades.Count == 1, Scene.Ct);
        _scene.Time.Advance(Scene.CallTimeout);
        await Eventually.HoldsAsync("it gave up", () => _scene.Log.Ids.Contains(2405), Scene.Ct);
        await _scene.PauseAsync(TimeSpan.FromMilliseconds(250));

        Assert.Equal(new NodeChange.Connected(), await ear.NextAsync());
    }

    [Fact]
    public async Task A_peer_that_answers_no_pings_is_left()
    {
        await using var node = new RawWebSocketNode(async connection =>
        {
            await ChangeScene.SubscribedAsync(connection);
            await connection.FreezeAsync();
        });
        await using var ear = _scene.Listen(node.Endpoint, TimeSpan.FromMilliseconds(20));

        Assert.Equal(new NodeChange.Connected(), await ear.NextAsync());
        Assert.IsType<NodeChange.Disconnected>(await ear.NextAsync());
    }
}
