using FiberLink.Chain.Node;

namespace FiberLink.Service.Reconciliation.OnChain;

/// <summary>Compares what the log says of a transaction with where the chain has it. Pure.</summary>
internal static class ClaimComparison
{
    /// <param name="claim">What the log says.</param>
    /// <param name="state">Where one node sees it.</param>
    /// <param name="isDeep">It lies so deep in the chain that the log should say so.</param>
    /// <returns>Null when the two agree, or may yet.</returns>
    public static Difference? Compare(ChainClaim claim, TransactionState state, bool isDeep)
    {
        var words = $"the log has {claim.Stage}, the chain {state.GetType().Name}";
        DifferenceKind? kind = (claim.Stage, state) switch
        {
            (ClaimStage.Dead, TransactionState.Committed) => DifferenceKind.FailedButPaid,
            (ClaimStage.InBlock, TransactionState.Committed c) =>
                claim.BlockHash == c.BlockHash.ToHex() ? null : DifferenceKind.BlockDiffers,
            (ClaimStage.InBlock, _) => claim.IsFinal ? DifferenceKind.FinalNotOnChain : DifferenceKind.TransactionTakenBack,
            (ClaimStage.Meant, _) => null,
            (_, TransactionState.Committed) when isDeep => DifferenceKind.TransactionNotRecorded,
            (ClaimStage.Sent, TransactionState.Unknown or TransactionState.Rejected) => DifferenceKind.TransactionMissing,
            _ => null,
        };
        return kind is { } found ? Of(claim, found, words) : null;
    }

    public static Difference Of(ChainClaim claim, DifferenceKind kind, string detail) =>
        new(kind, claim.Hash, $"{claim.Stream.Key}: {detail}") { Tenant = claim.Stream.Tenant, Since = claim.Since, Money = claim.Money };
}
