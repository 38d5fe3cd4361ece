using FiberLink.Sandbox.Control;

namespace FiberLink.Sandbox.Chain;

/// <summary>
/// The bodies of the chain's own control requests. Quantities are written as nodes write them, transactions in CKB's encoding.
/// </summary>
internal static class ChainControlWire
{
    /// <summary>Cells of an address: coins, or so much of a token in each.</summary>
    internal sealed record Fund(
        string Address, string Capacity, ControlWire.Script? UdtScript = null, string? Amount = null, int Cells = 1);

    internal sealed record Funded(string Transaction, int Cells);

    internal sealed record Mine(int Count = 1);

    /// <summary>One that the node has seen, by its hash; or any, as it is.</summary>
    internal sealed record Commit(string? Hash = null, string? Transaction = null);

    internal sealed record Reorganise(int Depth, string? Conflict = null, bool Forget = false);

    internal sealed record Reject(string Hash, string? Reason = null);

    internal sealed record Drop(string Hash);

    internal sealed record Refuse(string Method, int Code, string Message, int Count = 1);

    internal sealed record Lag(int Blocks);

    internal sealed record FeeRate(string? Rate = null);

    internal sealed record State(
        string TipNumber, string TipHash, IReadOnlyList<string> Pool, string Live, string Funded, string Fees);
}
