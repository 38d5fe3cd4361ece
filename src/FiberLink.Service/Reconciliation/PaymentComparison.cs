using FiberLink.HubNode;

namespace FiberLink.Service.Reconciliation;

/// <summary>How far the log says an outgoing payment is.</summary>
internal enum LoggedPaymentStatus
{
    /// <summary>Sent, or about to be; not known to be over.</summary>
    UnderWay = 1,

    /// <summary>The log has booked it.</summary>
    Succeeded = 2,

    /// <summary>The log has given the money back.</summary>
    Failed = 3,
}

/// <summary>An outgoing payment as the log has it.</summary>
internal sealed record LoggedPayment(PaymentHash PaymentHash, LoggedPaymentStatus Status);

/// <summary>The payments that the log accounts for. Withdrawals come in here.</summary>
internal interface ILoggedPayments
{
    /// <summary>Those of these hashes that the log has.</summary>
    Task<IReadOnlyDictionary<PaymentHash, LoggedPayment>> FindAsync(IReadOnlyCollection<PaymentHash> hashes, CancellationToken ct);

    /// <summary>All of them, in the order of their hashes: one page behind a hash, empty at the end.</summary>
    Task<IReadOnlyList<LoggedPayment>> PageAsync(PaymentHash? after, int limit, CancellationToken ct);
}

/// <summary>There are no withdrawals yet: nothing that the node pays is ours.</summary>
internal sealed class NoLoggedPayments : ILoggedPayments
{
    public Task<IReadOnlyDictionary<PaymentHash, LoggedPayment>> FindAsync(IReadOnlyCollection<PaymentHash> hashes, CancellationToken ct) =>
        Task.FromResult<IReadOnlyDictionary<PaymentHash, LoggedPayment>>(new Dictionary<PaymentHash, LoggedPayment>());

    public Task<IReadOnlyList<LoggedPayment>> PageAsync(PaymentHash? after, int limit, CancellationToken ct) =>
        Task.FromResult<IReadOnlyList<LoggedPayment>>([]);
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
                DifferenceKind.PaymentExtra, Hash(node), $"the node has {node.Status}, made {node.CreatedAt:u}, and the log nothing"),
            _ when Agree(log.Status, node.Status) => null,
            _ => new(DifferenceKind.PaymentDiffers, Hash(node), $"the log has {log.Status}, the node {node.Status}"),
        };

    /// <summary>The log has a payment that the node does not know.</summary>
    public static Difference Missing(LoggedPayment log) =>
        new(DifferenceKind.PaymentMissing, log.PaymentHash.ToString(), $"the log has {log.Status}");

    private static bool Agree(LoggedPaymentStatus log, HubPaymentStatus node) =>
        log switch
        {
            LoggedPaymentStatus.Succeeded => node is HubPaymentStatus.Success,
            LoggedPaymentStatus.Failed => node is HubPaymentStatus.Failed,
            _ => node is HubPaymentStatus.Created or HubPaymentStatus.Inflight,
        };

    private static string Hash(HubPayment payment) => payment.PaymentHash.ToString();
}
