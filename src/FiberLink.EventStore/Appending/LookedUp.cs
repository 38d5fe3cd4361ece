namespace FiberLink.EventStore;

/// <summary>What the log was found to be, under locks that are held until the transaction ends.</summary>
/// <param name="Head">The last position.</param>
internal sealed record LookedUp(long Head)
{
    /// <summary>The version of each stream that exists, and whether it was archived.</summary>
    public Dictionary<StreamId, (long Version, bool IsArchived)> Streams { get; } = [];

    /// <summary>The changes that are known by their ids already.</summary>
    public Dictionary<Guid, KnownChange> Changes { get; } = [];

    /// <summary>Who holds the names that are claimed, and until when.</summary>
    public Dictionary<(string Tenant, string Scope, string Key), (string Holder, DateTimeOffset Until)> Claims { get; } = [];

    public bool HasCommitted(Guid change) => Changes.TryGetValue(change, out var known) && !known.IsVoid;

    public long Version(StreamId stream) => Streams.GetValueOrDefault(stream).Version;

    /// <summary>Why a change can't be written, whatever else is in its group; null when nothing stands against it.</summary>
    public AppendResult? Refusal(WrittenChange written)
    {
        if (TakenClaim(written.Change) is { } taken)
        {
            return taken;
        }

        foreach (var (append, _, _) in written.Appends)
        {
            if (Streams.TryGetValue(append.Stream, out var stream) && stream.IsArchived)
            {
                return new AppendResult.StreamArchived(append.Stream);
            }
        }

        return null;
    }

    private AppendResult.ClaimTaken? TakenClaim(Change change)
    {
        for (var i = 0; i < change.Claims.Count; i++)
        {
            var claim = change.Claims[i];
            if (Claims.TryGetValue((claim.Tenant, claim.Scope, claim.Key), out var held)
                && held.Holder != claim.Holder && held.Until > change.At)
            {
                return new(claim, held.Holder);
            }

            // The change itself may want one name for two.
            if (change.Claims.Take(i).FirstOrDefault(c => c.HasNameOf(claim)) is { } before && before.Holder != claim.Holder)
            {
                return new(claim, before.Holder);
            }
        }

        return null;
    }
}

/// <param name="LastPosition">Of its last event; null when it has none.</param>
/// <param name="EventCount">How many events it has.</param>
/// <param name="IsVoid">Whether it was settled that it never commits.</param>
internal sealed record KnownChange(long? LastPosition, int EventCount, bool IsVoid);
