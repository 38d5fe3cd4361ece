using System.Collections.Immutable;
using FiberLink.Chain.Node;
using FiberLink.Chain.Transactions;

namespace FiberLink.Chain.Signing.Remote;

/// <summary>What the cells that a transaction spends truly hold: a signature doesn't cover it, and a fee is what is left over.</summary>
/// <param name="node">Where they are looked up; null to believe what is said.</param>
/// <param name="chain">On which the node must be.</param>
internal sealed class InputCells(ICkbNode? node, ChainParameters chain)
{
    private const int LookupsAtOnce = 8;

    private volatile bool _isOnOurChain;

    public bool LooksUp => node is not null;

    /// <summary>The cells as they are, or why they are not known or not as they are said to be.</summary>
    public async Task<(ImmutableArray<Cell> Cells, SigningAnswer.Refused? Refused)> ReadAsync(
        ImmutableArray<Cell> said, CancellationToken ct)
    {
        if (node is null)
        {
            return (said, null);
        }

        if (!_isOnOurChain)
        {
            if (await ChainObjectionAsync(ct) is { } objection)
            {
                return ([], new(SigningRefusal.NodeUnavailable, objection));
            }

            _isOnOurChain = true;
        }

        var answers = new ChainAnswer<Cell?>[said.Length];
        await Parallel.ForAsync(
            0,
            said.Length,
            new ParallelOptions { MaxDegreeOfParallelism = LookupsAtOnce, CancellationToken = ct },
            async (i, stop) => answers[i] = await node.GetLiveCellAsync(said[i].OutPoint, stop));
        return answers.Select((a, i) => Objection(a, said[i], i)).FirstOrDefault(o => o is not null) is { } refused
            ? ([], refused)
            : ([.. answers.Select(a => ((ChainAnswer<Cell?>.Ok)a).Value!)], null);
    }

    /// <summary>Why the node cannot be asked, or is the wrong one; null where neither is so.</summary>
    public async Task<string?> ChainObjectionAsync(CancellationToken ct) => node is null ? null
        : await node.GetChainNameAsync(ct) switch
        {
            ChainAnswer<string>.Ok { Value: var name } when name == chain.NodeName => null,
            ChainAnswer<string>.Ok { Value: var name } => $"The signer's node is on '{name}', and not on '{chain.NodeName}'.",
            _ => "The signer's node does not answer.",
        };

    private static SigningAnswer.Refused? Objection(ChainAnswer<Cell?> answer, Cell said, int index) => answer switch
    {
        ChainAnswer<Cell?>.Failed => new(SigningRefusal.NodeUnavailable, "The signer's node does not answer."),
        ChainAnswer<Cell?>.Ok { Value: null } =>
            new(SigningRefusal.CellNotLive, $"Input {index}: the signer's node has no cell {said.OutPoint} that could be spent."),
        ChainAnswer<Cell?>.Ok { Value: var cell } when cell != said =>
            new(SigningRefusal.CellsDiffer, $"Input {index}: the cell {said.OutPoint} isn't what the request says it is."),
        _ => null,
    };
}
