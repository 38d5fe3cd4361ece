namespace FiberLink.HubNode.Invoices;

/// <summary>One thing in which an invoice isn't what it should be.</summary>
/// <param name="Field">The node's name for it.</param>
/// <param name="Detail">A sentence for people.</param>
public sealed record InvoiceDifference(string Field, string Detail)
{
    /// <summary>Field and sentence in one line.</summary>
    public override string ToString() => $"{Field}: {Detail}";

    internal static IEnumerable<InvoiceDifference> Unless<T>(string field, T expected, T actual)
        where T : struct =>
        EqualityComparer<T>.Default.Equals(expected, actual) ? [] : [new(field, $"The invoice says {actual}, not {expected}.")];
}
