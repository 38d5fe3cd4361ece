using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.HubNode;

namespace FiberLink.Cli.Commands;

/// <summary><c>node channels</c>: what can be sent and received.</summary>
internal static class NodeChannelsCommand
{
    public static Command Build(SharedOptions shared, Option<string?> url)
    {
        var closed = new Option<bool>("--closed") { Description = "Those that are closed too." };
        var command = new Command(
            "channels",
            "The node's channels. What can be sent is our balance less what payments under way hold; a peer that is away passes nothing.")
        {
            closed,
        };
        command.SetAction((parsed, ct) => NodeCommands.WithNodeAsync(
            shared, url, parsed, view => ShowAsync(view, parsed.GetValue(closed), ct)));
        return command;
    }

    private static async Task<int> ShowAsync(NodeView view, bool withClosed, CancellationToken ct)
    {
        var channels = NodeView.Value(await view.Node.ListChannelsAsync(withClosed, ct));

        // A channel stays enabled while its peer is away; only the list of peers tells.
        var connected = await view.Node.ListPeersAsync(ct) is NodeAnswer<IReadOnlyList<HubPeer>>.Ok { Value: var peers }
            ? peers.Select(p => p.Peer).ToHashSet(StringComparer.Ordinal)
            : null;
        bool? IsConnected(HubChannel channel) => connected?.Contains(channel.Peer);
        if (view.AsJson)
        {
            await Printer.JsonAsync(new JsonArray([.. channels.Select(c => (JsonNode)Json(view, c, IsConnected(c)))]));
            return ExitCode.Done;
        }

        await Printer.TableAsync(
            ["STATE", "ASSET", "CAN SEND", "CAN RECEIVE", "UNDER WAY", "PEER IS", "PEER", "CHANNEL"],
            [.. channels.Select(c => (IReadOnlyList<string>)
            [
                c.FailureDetail is { } why ? $"{c.StateName}: {why}" : c.StateName,
                view.Asset(c.UdtScript),
                view.Amount(c.Spendable, c.UdtScript),
                view.Amount(c.Receivable, c.UdtScript),
                c.UnderWay.Count().ToString(CultureInfo.InvariantCulture),
                IsConnected(c) switch { true => "connected", false => "away", null => "?" },
                c.Peer,
                c.ChannelId,
            ])]);
        foreach (var asset in channels.Where(c => IsConnected(c) is not false).GroupBy(c => c.UdtScript))
        {
            await Console.Out.WriteLineAsync(
                $"In all: {Sum(view, asset, c => c.Spendable)} {view.Asset(asset.Key)} can be sent, "
                + $"{Sum(view, asset, c => c.Receivable)} received.");
        }

        return ExitCode.Done;
    }

    private static string Sum(NodeView view, IGrouping<UdtScript?, HubChannel> channels, Func<HubChannel, UInt128> amount) =>
        view.Amount(channels.Aggregate(UInt128.Zero, (sum, c) => sum + amount(c)), channels.Key);

    private static JsonObject Json(NodeView view, HubChannel channel, bool? isConnected) =>
        new()
        {
            ["channelId"] = channel.ChannelId,
            ["peer"] = channel.Peer,
            ["peerIsConnected"] = isConnected,
            ["stage"] = channel.Stage.ToString(),
            ["state"] = channel.StateName,
            ["asset"] = view.Asset(channel.UdtScript),
            ["canSend"] = view.Amount(channel.Spendable, channel.UdtScript),
            ["canSendUnits"] = channel.Spendable.ToString(CultureInfo.InvariantCulture),
            ["canReceive"] = view.Amount(channel.Receivable, channel.UdtScript),
            ["canReceiveUnits"] = channel.Receivable.ToString(CultureInfo.InvariantCulture),
            ["localUnits"] = channel.LocalBalance.ToString(CultureInfo.InvariantCulture),
            ["remoteUnits"] = channel.RemoteBalance.ToString(CultureInfo.InvariantCulture),
            ["paymentsUnderWay"] = channel.UnderWay.Count(),
            ["isPublic"] = channel.IsPublic,
            ["isEnabled"] = channel.IsEnabled,
            ["createdAt"] = channel.CreatedAt,
            ["failure"] = channel.FailureDetail,
        };
}
