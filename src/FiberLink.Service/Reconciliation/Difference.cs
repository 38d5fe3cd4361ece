using FiberLink.Events.Adjustments;
using FiberLink.Events.Money;

namespace FiberLink.Service.Reconciliation;

/// <summary>One thing on which two of log, books, node and chain disagree. It holds no secret.</summary>
/// <param name="Kind">How.</param>
/// <param name="Subject">What it is known by: a payment's hash, a stream, an account, a transaction's hash, a cell.</param>
/// <param name="Detail">What each of the two says, for people.</param>
internal sealed record Difference(DifferenceKind Kind, string Subject, string Detail)
{
    /// <summary>Null for what no community is behind.</summary>
    public string? Tenant { get; init; }

    public Guid? TipId { get; init; }

    /// <summary>Since when it has been so: the time of the event that it hangs on; null where nothing tells.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>How much money it is about; null where it is about none, or nothing tells.</summary>
    public Amount? Money { get; init; }

    /// <summary>A message was put into the inbox that mends it, or would be: what the watcher itself would send.</summary>
    public bool IsRepairable { get; init; }

    /// <summary>The read model whose rebuild mends it; null where none does.</summary>
    public string? ReadModel { get; init; }

    /// <summary>What two persons could put into the books; null where nothing is proposed.</summary>
    public Correction? Correction { get; init; }
}

/// <summary>A correction of the books that is proposed: it moves nothing until one person has asked for it and another agreed.</summary>
/// <param name="Id">The adjustment's: the same for the same difference, so that it is asked for once however often it is found.</param>
/// <param name="App">The community.</param>
/// <param name="From">The account that is to have less.</param>
/// <param name="To">The account that is to have more.</param>
/// <param name="Amount">How much.</param>
internal sealed record Correction(Guid Id, string App, AccountName From, AccountName To, Amount Amount);
