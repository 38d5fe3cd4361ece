using FiberLink.Chain.Node;
using FiberLink.Chain.Signing.Remote;
using FiberLink.Crypto;
using FiberLink.HubNode;
using FiberLink.Service.Startup;
using FiberLink.Service.Wallet;

using Names = FiberLink.Service.Startup.ServiceSettings.Names;

namespace FiberLink.Cli.Doctor;

/// <summary>Asks the Fiber node, the chain node and the signer how they are. It changes nothing.</summary>
internal sealed class OutsideExamination(ServiceSettings settings, TimeProvider time)
{
    // Blocks come every ten seconds or so; a node that has none for this long is alone, or still catching up.
    private static readonly TimeSpan BlockAgeMax = TimeSpan.FromMinutes(10);

    public async Task<Finding> NodeAsync(IHubNode node, CancellationToken ct) =>
        await node.GetInfoAsync(ct) switch
        {
            NodeAnswer<NodeInfo>.Ok { Value: var info } when info.Currency != settings.Network => new(
                "Fiber node", Condition.Bad, $"it is on {info.Currency}, and {Names.Network} says {settings.Network}",
                $"set {Names.Network}, or {Names.NodeUrl} to the right node"),
            NodeAnswer<NodeInfo>.Ok { Value: { ChannelCount: 0 } info } => new(
                "Fiber node", Condition.Attention, $"FNN {info.Version} has no channel: nobody can pay a tip", "open one"),
            NodeAnswer<NodeInfo>.Ok { Value: var info } => new(
                "Fiber node", Condition.Good, $"FNN {info.Version}, {info.ChannelCount} channels, {info.PeersCount} peers"),
            NodeAnswer<NodeInfo>.Failed failed => new(
                "Fiber node", Condition.Bad, $"it does not answer as it should: {failed.Failure}", $"look at it, and at {Names.NodeUrl}"),
            _ => new("Fiber node", Condition.Bad, "no answer", $"look at it, and at {Names.NodeUrl}"),
        };

    public async Task<IReadOnlyList<Finding>> ChainAsync(CancellationToken ct)
    {
        if (settings.Payouts is not { CkbUrl: { } url, SignerSocket: { } socket, SignerPubkey: { } key })
        {
            return
            [
                new("chain", Condition.Attention, "none is set up: withdrawals to addresses wait",
                    $"set {Names.CkbUrl}, {Names.SignerSocket} and {Names.SignerPubkey}"),
            ];
        }

        using var http = new HttpClient();
        var chain = WalletChain.Of(settings);
        var node = new JsonRpcCkbNode(http, new() { Endpoint = url }, time);
        var signer = new RemoteSigner(new() { SocketPath = socket, PublicKey = PublicKey.Parse(key) }, chain, time);
        var (status, problem) = await signer.StatusAsync(ct);
        return
        [
            await TipAsync(node, ct),
            status is null
                ? new("signer", Condition.Bad, problem!, "start it: 'fiberlink signer run'")
                : status.JournalWorks
                    ? new("signer", Condition.Good, "it answers, and its journal works")
                    : new("signer", Condition.Bad, "its journal cannot be written: it signs nothing", "see docs/guides/run-the-signer.md"),
        ];
    }

    private async Task<Finding> TipAsync(JsonRpcCkbNode node, CancellationToken ct)
    {
        if (await node.GetTipHeaderAsync(ct) is not ChainAnswer<BlockHeader>.Ok { Value: var tip })
        {
            return new("chain node", Condition.Bad, "it does not answer", $"look at it, and at {Names.CkbUrl}");
        }

        if (await node.GetIndexerTipNumberAsync(ct) is not ChainAnswer<ulong>.Ok { Value: var indexed } || indexed + 1 < tip.Number)
        {
            return new("chain node", Condition.Bad, "its indexer is missing or behind: the wallet's cells cannot be seen",
                "start it with the indexer module, and let it catch up");
        }

        var age = time.GetUtcNow() - tip.Time;
        return age > BlockAgeMax
            ? new("chain node", Condition.Attention, $"its last block, {tip.Number}, is {age.TotalMinutes:0} minutes old",
                "see whether it has peers, or is still catching up")
            : new("chain node", Condition.Good, $"its last block is {tip.Number}");
    }
}
