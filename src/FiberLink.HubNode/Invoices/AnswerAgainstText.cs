namespace FiberLink.HubNode.Invoices;

/// <summary>What a node says an invoice says, held against what it does say.</summary>
internal static class AnswerAgainstText
{
    public static IEnumerable<InvoiceDifference> DifferencesOf(HubInvoice answer, FiberInvoice text) =>
    [
        .. Unless("currency", answer.Currency, text.Currency),
        .. Unless("amount", answer.Amount, text.Amount),
        .. Unless("payment_hash", answer.PaymentHash, text.PaymentHash),
        .. Unless("udt_script", answer.UdtScript, text.UdtScript),
        .. Unless("hash_algorithm", answer.HashAlgorithm, text.HashAlgorithm),
        .. Unless("timestamp", answer.CreatedAt, text.CreatedAt),
        .. Unless("expiry_time", answer.Expiry, text.Expiry),
    ];

    private static IEnumerable<InvoiceDifference> Unless<T>(string field, T told, T written) =>
        EqualityComparer<T>.Default.Equals(told, written)
            ? []
            : [new(field, $"The node says {Text(told)}, but its invoice says {Text(written)}.")];

    private static string Text<T>(T value) => value?.ToString() ?? "nothing";
}
