using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.HubNode;

namespace FiberLink.Cli.Commands;

/// <summary><c>node info</c>: who the node is, and whether it is one that we can work with.</summary>
internal static class NodeInfoCommand
{
    public static Command Build(SharedOptions shared, Option<string?> url)
    {
        var command = new Command(
            "info", "Who the node is, on which network, and how it is connected; exit code 1 when the network is not ours.");
        command.SetAction((parsed, ct) => NodeCommands.WithNodeAsync(shared, url, parsed, view => ShowAsync(view, ct)));
        return command;
    }

    private static async Task<int> ShowAsync(NodeView view, CancellationToken ct)
    {
        var startedAt = TimeProvider.System.GetTimestamp();
        var info = NodeView.Value(await view.Node.GetInfoAsync(ct));
        var took = TimeProvider.System.GetElapsedTime(startedAt);
        var isOurs = info.Currency == view.Settings.Network;
        await (view.AsJson ? Printer.JsonAsync(Json(view, info)) : SayAsync(view, info, took));
        return isOurs ? ExitCode.Done : ExitCode.Refused;
    }

    private static JsonObject Json(NodeView view, NodeInfo info) =>
        new()
        {
            ["url"] = Address(view),
            ["name"] = info.NodeName,
            ["version"] = info.Version,
            ["commit"] = info.CommitHash,
            ["pubkey"] = info.Pubkey,
            ["network"] = Network(info.Currency),
            ["isOurNetwork"] = info.Currency == view.Settings.Network,
            ["channels"] = info.ChannelCount,
            ["pendingChannels"] = info.PendingChannelCount,
            ["peers"] = info.PeersCount,
            ["addresses"] = new JsonArray([.. info.Addresses.Select(a => (JsonNode)a)]),
            ["tokens"] = new JsonArray([.. info.Tokens.Select(t => (JsonNode)t.Name)]),
        };

    private static async Task SayAsync(NodeView view, NodeInfo info, TimeSpan took)
    {
        var isOurs = info.Currency == view.Settings.Network;
        await Console.Out.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"""
            node        {info.NodeName ?? "(no name)"}, FNN {info.Version} ({info.CommitHash})
            public key  {info.Pubkey}
            network     {Network(info.Currency)}{(isOurs ? "" : $", but our settings say {Network(view.Settings.Network)}")}
            channels    {info.ChannelCount} open, {info.PendingChannelCount} on their way
            peers       {info.PeersCount} connected
            addresses   {(info.Addresses.Count == 0 ? "none" : string.Join(", ", info.Addresses))}
            tokens      {(info.Tokens.Count == 0 ? "none" : string.Join(", ", info.Tokens.Select(t => t.Name)))}
            answered    {Address(view)} in {took.TotalMilliseconds:0} ms
            """));
    }

    /// <summary>Without what some write before an address: a name and a password.</summary>
    private static string Address(NodeView view) =>
        view.Settings.NodeUrl.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

    private static string Network(FiberCurrency currency) => currency switch
    {
        FiberCurrency.Fibb => "mainnet",
        FiberCurrency.Fibt => "testnet",
        _ => "dev",
    };
}
