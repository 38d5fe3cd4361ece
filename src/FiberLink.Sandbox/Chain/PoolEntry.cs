using FiberLink.Chain.Transactions;

namespace FiberLink.Sandbox.Chain;

/// <summary>A transaction that waits for its block.</summary>
/// <param name="Transaction">It.</param>
/// <param name="Hash">Its name.</param>
/// <param name="Fee">In shannon.</param>
/// <param name="TipAtEntry">The number of the last block when it came.</param>
/// <param name="EnteredAt">In milliseconds since 1970.</param>
internal sealed record PoolEntry(Transaction Transaction, Bytes32 Hash, ulong Fee, ulong TipAtEntry, ulong EnteredAt);
