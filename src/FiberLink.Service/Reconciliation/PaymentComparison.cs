using FiberLink.Events.Money;
using FiberLink.EventStore;
using FiberLink.HubNode;

namespace FiberLink.Service.Reconciliation;

/// <summary>How far the log says an outgoing payment is.</summary>
internal enum LoggedPaymentStatus
{
    /// <summary>Sent, and not known to be over.</summary>
    UnderWay = 1,

    /// <summary>The log has booked it.</summary>
    Succeeded = 2,

    /// <summary>The log has given the money back.</summary>
    Failed = 3,

    /// <summary>The intent is stored; the node need not have been asked yet.</summary>
    Intended = 4,
}

/// <summary>An outgoing payment as the log has it.</summary>
/// <param name="PaymentHash">What log and node know it by.</param>
/// <param name="Status">How far it is.</param>
internal sealed record LoggedPayment(PaymentHash PaymentHash, LoggedPaymentStatus Status)
{
    /// <summary>The withdrawal's stream.</summary>
    public StreamId? Stream { get; init; }

    /// <summary>What the payee gets.</summary>
    public Amount? Pays { get; init; }

    /// <summary>Since when it has been so.</summary>
    public DateTimeOffset? Since { get; init; }
}

/// <summary>The payments that the log accounts for.</summary>
internal interface ILoggedPayments
{
    /// <summary>Those of these hashes that the log has.</summary>
    Task<IReadOnlyDictionary<PaymentHash, LoggedPayment>> FindAsync(IReadOnlyCollection<PaymentHash> hashes, CancellationToken ct);

    /// <summary>All of them, in the order of their hashes: one page behind a hash, empty at the end.</summary>
    Task<IReadOnlyList<LoggedPayment>> PageAsync(PaymentHash? after, int limit, CancellationToken ct);
}

/// <summary>Compares a payment in the log with the node's. Pure.</summary>
internal static class PaymentComparison
{
    /// <param name="node">A payment that the node has.</param>
    /// <param name="log">What the log has of it; null for nothing.</param>
    /// <returns>Null when the two agree.</returns>
    public static Difference? Compare(HubPayment node, LoggedPayment? log) =>
        log switch
        {
            null => new(
                DifferenceKind.PaymentExtra, Hash(node), $"the node has {node.Status}, made {node.CreatedAt:u}, and the log nothing")
            {
                Since = node.CreatedAt,
            },
            _ when Agree(log.Status, node.Status) => null,
            _ => Of(DifferenceKind.PaymentDiffers, log, $"the log has {log.Status}, the node {node.Status}"),
        };

    /// <summary>The node does not know a payment that the log has.</summary>
    /// <returns>Null when there need be none.</returns>
    public static Difference? Missing(LoggedPayment log) =>
        log.Status is LoggedPaymentStatus.Succeeded or LoggedPaymentStatus.UnderWay
            ? Of(DifferenceKind.PaymentMissing, log, $"the log has {log.Status}")
            : null;

    /// <summary>The node says nothing about it.</summary>
    public static Difference NoAnswer(LoggedPayment log, NodeFailure failure) =>
        Of(DifferenceKind.NoAnswer, log, $"the node: {failure}");

    private static bool Agree(LoggedPaymentStatus log, HubPaymentStatus node) =>
        log switch
        {
            LoggedPaymentStatus.Succeeded => node is HubPaymentStatus.Success,
            LoggedPaymentStatus.Failed => node is HubPaymentStatus.Failed,
            _ => node is HubPaymentStatus.Created or HubPaymentStatus.Inflight,
        };

    private static Difference Of(DifferenceKind kind, LoggedPayment log, string detail) =>
        new(kind, log.PaymentHash.ToString(), detail) { Tenant = log.Stream?.Tenant, Since = log.Since, Money = log.Pays };

    private static string Hash(HubPayment payment) => payment.PaymentHash.ToString();
}
