using FiberLink.Chain.Node;
using FiberLink.Chain.Transactions;
using FiberLink.Service.Startup;

namespace FiberLink.Service.Wallet;

/// <summary>
/// When it is certain that transactions can never be in the chain: each has a cell that is spent, and not by it. While that lasts, and for
/// as many blocks as make a thing final, nothing is concluded; a block that is taken back may bring the cell to life again.
/// </summary>
internal sealed class SpentCells(HotWallet wallet, ServiceSettings settings)
{
    /// <summary>What the node said of one that cannot be sent may be for good.</summary>
    public static bool SpeakAgainst(SendRefusal reason) =>
        reason is SendRefusal.InputDead or SendRefusal.InputUnknown or SendRefusal.Conflict;

    /// <summary>A transaction as it was stored.</summary>
    /// <param name="bytes">In CKB's encoding, base64.</param>
    /// <param name="hash">Names it when it is none.</param>
    public static Transaction Read(string bytes, string hash) =>
        Transaction.FromMolecule(Convert.FromBase64String(bytes))
        ?? throw new InvalidOperationException($"The stored bytes of {hash} are no transaction.");

    /// <summary>The cells that a transaction spends.</summary>
    public static IEnumerable<OutPoint> Of(Transaction transaction) => transaction.Inputs.Select(i => i.PreviousOutput);

    /// <summary>The node has none of the transactions in a block.</summary>
    /// <param name="transactions">The cells of each that could still be in the chain; of those that spend the same cells one.</param>
    /// <param name="since">The tip of the chain when each was first seen to have a spent one; null when that was not so.</param>
    /// <param name="ct">Stops the look.</param>
    public async Task<SpentVerdict> JudgeAsync(
        IEnumerable<IEnumerable<OutPoint>> transactions, ulong? since, CancellationToken ct)
    {
        if (await wallet.Node.GetTipNumberAsync(ct) is not ChainAnswer<ulong>.Ok { Value: var tip })
        {
            return new SpentVerdict.NodeIsAway();
        }

        foreach (var cells in transactions)
        {
            switch (await wallet.Node.HasSpentAsync(cells, ct))
            {
                case null:
                    return new SpentVerdict.NodeIsAway();
                case false:
                    return new SpentVerdict.Lives();
                default:
                    break;
            }
        }

        return since is not { } first || first > tip ? new SpentVerdict.Doubtful(tip)
            : tip - first < settings.Payouts.FinalDepth ? new SpentVerdict.NotYet(tip - first)
            : new SpentVerdict.ForGood();
    }
}

/// <summary>What is known of transactions that no block has.</summary>
internal abstract record SpentVerdict
{
    private SpentVerdict()
    {
    }

    /// <summary>The chain node does not say.</summary>
    public sealed record NodeIsAway : SpentVerdict;

    /// <summary>All cells of one are there: what spoke against it before counts no longer, also when it comes back.</summary>
    public sealed record Lives : SpentVerdict;

    /// <summary>A cell of each is spent, and that is to be kept in mind.</summary>
    /// <param name="Tip">Since which block.</param>
    public sealed record Doubtful(ulong Tip) : SpentVerdict;

    /// <summary>It has been so for a while, and may still change.</summary>
    public sealed record NotYet(ulong Blocks) : SpentVerdict
    {
        public override string ToString() => $"A cell of it is spent by something else, for {Blocks} blocks.";
    }

    /// <summary>It stays so.</summary>
    public sealed record ForGood : SpentVerdict
    {
        /// <param name="detail">What the node says.</param>
        public static string Because(string detail) => $"A cell of it was spent by something else: {detail}";
    }
}
