using System.CommandLine;
using FiberLink.HubNode;
using FiberLink.Service.Startup;

using Names = FiberLink.Service.Startup.ServiceSettings.Names;

namespace FiberLink.Cli.Commands;

/// <summary><c>node</c>: what the Fiber node says, in our words. It changes nothing there.</summary>
internal static class NodeCommands
{
    public static Command Build(SharedOptions shared)
    {
        var url = new Option<string?>("--node")
        {
            Description = $"The node. [default: {Names.NodeUrl}, else that of 'dev']",
            Recursive = true,
        };
        var command = new Command(
            "node",
            """
            What the Fiber node says, in our words. Nothing is changed there.

            Exit codes: 0 it answered; 1 it has no such thing, refuses, or is another node than expected; 2 wrong usage or settings;
            3 it does not answer.
            """)
        {
            NodeInfoCommand.Build(shared, url),
            NodeInvoiceCommand.Build(shared, url),
            NodePaymentsCommand.Build(shared, url),
            NodeChannelsCommand.Build(shared, url),
        };
        command.Options.Add(url);
        return command;
    }

    /// <summary>Opens the node, does something with it, and closes it.</summary>
    public static async Task<int> WithNodeAsync(
        SharedOptions shared, Option<string?> url, ParseResult parsed, Func<NodeView, Task<int>> actAsync)
    {
        var home = shared.HomeOf(parsed);
        var own = parsed.GetValue(url);
        var settings = SettingsReader.ReadForNode(name => name == Names.NodeUrl && own is not null ? own : home.Variable(name));
        using var http = new NodeHttpClient();
        await using var node = new JsonRpcHubNode(http, NodeHttpClient.Options(settings), TimeProvider.System);
        return await actAsync(new NodeView(node, settings, parsed.GetValue(shared.Json)));
    }
}

/// <summary>The node, and how to write what it says.</summary>
/// <param name="Node">The node.</param>
/// <param name="Settings">Ours.</param>
/// <param name="AsJson">For programs.</param>
internal sealed record NodeView(IHubNode Node, ServiceSettings Settings, bool AsJson)
{
    private readonly AssetSettings _assets = new(Settings.Tokens);

    /// <summary>The asset's code: CKB, a token of our settings, or the beginning of a stranger's script.</summary>
    public string Asset(UdtScript? script) =>
        _assets.OfScript(Token(script))?.Code ?? $"{script!.CodeHash[..10]}…{script.Args[..Math.Min(10, script.Args.Length)]}";

    /// <summary>In the asset's own decimals; in smallest units, and saying so, where we do not know them.</summary>
    public string Amount(UInt128 units, UdtScript? script) =>
        _assets.OfScript(Token(script)) is { } asset ? Domain.Money.AmountText.Format(units, _assets.Of(asset).Decimals) : $"{units} units";

    /// <exception cref="CommandFailedException">There is no value; the exit code says which kind of failure it is.</exception>
    public static T Value<T>(NodeAnswer<T> answer) => answer switch
    {
        NodeAnswer<T>.Ok ok => ok.Value,
        NodeAnswer<T>.Failed { Failure: var failure, Detail: var detail } =>
            throw new CommandFailedException(Code(failure), $"{Words(failure)} {detail}".Trim()),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static int Code(NodeFailure failure) => failure switch
    {
        NodeFailure.Unreachable or NodeFailure.NoAnswer or NodeFailure.CircuitOpen => ExitCode.Unavailable,
        NodeFailure.InvalidRequest => ExitCode.Usage,
        _ => ExitCode.Refused,
    };

    private static string Words(NodeFailure failure) => failure switch
    {
        NodeFailure.Unreachable => "The node cannot be reached.",
        NodeFailure.NoAnswer or NodeFailure.CircuitOpen => "The node does not answer.",
        NodeFailure.Unauthorized => $"The node wants another token ({Names.NodeToken}), or does not have this method.",
        NodeFailure.NotOffered => "The node is too old to tell this.",
        NodeFailure.WrongNode => $"This is another node than {Names.NodePubkey} says.",
        NodeFailure.InvoiceNotFound => "The node has no such invoice.",
        NodeFailure.InvalidRequest => "That cannot be asked.",
        _ => $"The node refuses ({failure}).",
    };

    private static Domain.Money.TokenScript? Token(UdtScript? script) =>
        script is null ? null : new(script.CodeHash, script.HashType, script.Args);
}
