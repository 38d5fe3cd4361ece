using FiberLink.Events.Withdrawals;
using FiberLink.EventStore;
using FiberLink.HubNode;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.Service.Reconciliation;

/// <summary>
/// The payments of withdrawals to invoices. The read model says which withdrawals name an invoice, their streams how far each of its
/// payments is.
/// </summary>
internal sealed class LoggedPayments(NpgsqlDataSource database, IEventStore store) : ILoggedPayments
{
    private const string Named =
        "select payment_hash, tenant_id, withdrawal_id from read_models.withdrawals where payment_hash = any($1::text[])";

    // Several withdrawals may have been tried with one invoice, one after the other: they are one payment to the node.
    private const string Page =
        """
        select payment_hash, tenant_id, withdrawal_id from read_models.withdrawals
         where payment_hash in (select distinct w.payment_hash from read_models.withdrawals as w
                                 where w.payment_hash > $1 and w.attempt > 0 order by 1 limit $2)
        """;

    public async Task<IReadOnlyDictionary<PaymentHash, LoggedPayment>> FindAsync(
        IReadOnlyCollection<PaymentHash> hashes, CancellationToken ct) =>
        await ReadAsync(database.Command(Named, new NpgsqlParameter { Value = hashes.Select(h => h.ToString()).ToArray() }), ct);

    public async Task<IReadOnlyList<LoggedPayment>> PageAsync(PaymentHash? after, int limit, CancellationToken ct)
    {
        // A page whose withdrawals have made no payment all the same must not end the walk.
        var from = after?.ToString() ?? "";
        while (true)
        {
            var (found, last) = await ReadPageAsync(from, limit, ct);
            if (found.Count > 0 || last is null)
            {
                return found;
            }

            from = last;
        }
    }

    private async Task<(IReadOnlyList<LoggedPayment> Found, string? Last)> ReadPageAsync(string after, int limit, CancellationToken ct)
    {
        var rows = await RowsAsync(database.Command(Page, new() { Value = after }, new() { Value = limit }), ct);
        var found = await FoldAsync(rows, ct);
        return (
            [.. found.Values.OrderBy(p => p.PaymentHash.ToString(), StringComparer.Ordinal)],
            rows.Select(r => r.Hash).Order(StringComparer.Ordinal).LastOrDefault());
    }

    private async Task<IReadOnlyDictionary<PaymentHash, LoggedPayment>> ReadAsync(NpgsqlCommand command, CancellationToken ct) =>
        await FoldAsync(await RowsAsync(command, ct), ct);

    private async Task<IReadOnlyDictionary<PaymentHash, LoggedPayment>> FoldAsync(
        IReadOnlyList<(string Hash, StreamId Stream)> rows, CancellationToken ct)
    {
        var payments = new Dictionary<PaymentHash, LoggedPayment>();
        foreach (var (hash, stream) in rows)
        {
            if (Of(hash, await store.ReadStreamAsync(stream, ct)) is { } payment
                && (!payments.TryGetValue(payment.PaymentHash, out var other) || IsBefore(payment.Status, other.Status)))
            {
                payments[payment.PaymentHash] = payment;
            }
        }

        return payments;
    }

    /// <summary>What a withdrawal's events say of the payment of its invoice; null when none was meant to be made.</summary>
    /// <param name="hash">The invoice's.</param>
    /// <param name="stream">The withdrawal's, whole.</param>
    public static LoggedPayment? Of(string hash, EventStream stream)
    {
        LoggedPayment? payment = null;
        foreach (var @event in stream.Events)
        {
            LoggedPaymentStatus? status = @event.Body switch
            {
                WithdrawalEvent.PaymentPrepared e when e.PaymentHash == hash => LoggedPaymentStatus.Intended,
                WithdrawalEvent.Sent when payment?.Status is LoggedPaymentStatus.Intended => LoggedPaymentStatus.UnderWay,
                WithdrawalEvent.AttemptFailed e when e.Evidence == hash && payment is not null => LoggedPaymentStatus.Failed,
                WithdrawalEvent.Completed e when e.Evidence == hash => LoggedPaymentStatus.Succeeded,
                WithdrawalEvent.PaidAfterFailure e when e.Evidence == hash => LoggedPaymentStatus.Succeeded,
                WithdrawalEvent.Failed when payment is { Status: not LoggedPaymentStatus.Succeeded } => LoggedPaymentStatus.Failed,
                _ => null,
            };
            payment = status is { } now
                ? new(PaymentHash.Parse(hash), now)
                {
                    Stream = stream.Id,
                    Pays = ((WithdrawalEvent.Requested)stream.Events[0].Body).Pays,
                    Since = @event.At,
                }
                : payment;
        }

        return payment;
    }

    // What is paid is paid, whatever was tried before; what is under way counts before what has failed.
    private static bool IsBefore(LoggedPaymentStatus one, LoggedPaymentStatus other) => Rank(one) < Rank(other);

    private static int Rank(LoggedPaymentStatus status) =>
        status switch
        {
            LoggedPaymentStatus.Succeeded => 1,
            LoggedPaymentStatus.UnderWay => 2,
            LoggedPaymentStatus.Intended => 3,
            _ => 4,
        };

    private static async Task<IReadOnlyList<(string Hash, StreamId Stream)>> RowsAsync(NpgsqlCommand command, CancellationToken ct)
    {
        await using (command)
        {
            var rows = new List<(string, StreamId)>();
            await using var reader = await command.ExecuteReaderAsync(ct);
            while (await reader.ReadAsync(ct))
            {
                rows.Add((reader.GetString(0), new(reader.GetString(1), $"withdrawal-{reader.GetGuid(2):N}")));
            }

            return rows;
        }
    }
}
