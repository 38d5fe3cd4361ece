namespace FiberLink.HubNode.JsonRpc;

/// <summary>What can be said against an invoice by its outer form, before a node has to look at it.</summary>
internal static class InvoiceForm
{
    private const int LettersMax = 4096;
    private const int PrefixLength = 4;
    private const int SignatureGroups = 104;
    private const int SignedGroupsMin = 1 + SignatureGroups + 1;

    /// <summary>Null if there is nothing against it.</summary>
    public static string? Objection(string invoice)
    {
        if (invoice.Length > LettersMax)
        {
            return $"An invoice has at most {LettersMax} letters.";
        }

        if (Bech32m.Decode(invoice, out var prefix, out var groups) is var reading and not Bech32mReading.Read)
        {
            return $"The invoice is not bech32m text: {reading}.";
        }

        if (!HasKnownPrefix(prefix))
        {
            return "An invoice starts with fibb, fibt or fibd and an amount in digits.";
        }

        // A node of version 0.8 is killed by a signed invoice that has nothing but its signature.
        return groups.Length < SignatureGroups || (groups[0] != 0 && groups.Length < SignedGroupsMin)
            ? "The invoice has too little data."
            : null;
    }

    private static bool HasKnownPrefix(string prefix) =>
        prefix.Length >= PrefixLength
        && prefix[..PrefixLength] is "fibb" or "fibt" or "fibd"
        && prefix.AsSpan(PrefixLength).IndexOfAnyExceptInRange('0', '9') < 0;
}
