using FiberLink.Events.Money;

namespace FiberLink.Events.Liabilities;

/// <summary>What the hub has said that it owes to a community's members in one asset.</summary>
public abstract record LiabilitiesEvent
{
    private LiabilitiesEvent()
    {
    }

    /// <summary>The root of a tree over all balances: being in the log, it is in what the log's checkpoints are signed over.</summary>
    /// <param name="PublicationId">Names it, and the salt that is kept beside the log.</param>
    /// <param name="Total">What is owed in all: available and held.</param>
    /// <param name="Decimals">How many of the total's digits people saw behind the point.</param>
    /// <param name="Position">The balances are those of the log up to here.</param>
    /// <param name="Depth">The tree has 2 to this many leaves, those among them that are nobody's.</param>
    /// <param name="Root">0x and 64 lower-case hex digits.</param>
    /// <param name="SaltHash">Of the salt, in the same form: there can't be another one afterwards.</param>
    /// <param name="By">Who.</param>
    /// <param name="PublishedAt">When.</param>
    public sealed record Published(
        Guid PublicationId,
        Amount Total,
        int Decimals,
        long Position,
        int Depth,
        string Root,
        string SaltHash,
        string By,
        DateTimeOffset PublishedAt) : LiabilitiesEvent;
}
