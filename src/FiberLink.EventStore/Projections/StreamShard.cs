namespace FiberLink.EventStore.Projections;

/// <summary>One part of the log's streams: each stream is in exactly one of <paramref name="Count"/> parts, the same for ever.</summary>
/// <param name="Number">Which part, from 0.</param>
/// <param name="Count">How many parts there are; 1 is the whole log.</param>
public readonly record struct StreamShard(int Number, int Count)
{
    private const uint FnvOffset = 2166136261;
    private const uint FnvPrime = 16777619;

    /// <summary>The whole log.</summary>
    public static StreamShard All { get; } = new(0, 1);

    /// <summary>The part that a stream is in, of so many.</summary>
    public static StreamShard Of(StreamId stream, int count) => new(count == 1 ? 0 : (int)(Hash(stream) % (uint)count), count);

    /// <summary>Whether the stream is in this part.</summary>
    public bool Has(StreamId stream) => Of(stream, Count).Number == Number;

    // FNV-1a. The runtime's own hash of a text differs from process to process.
    private static uint Hash(StreamId stream) => Hash(unchecked(Hash(FnvOffset, stream.Tenant) * FnvPrime), stream.Key);

    private static uint Hash(uint hash, string text)
    {
        foreach (var character in text)
        {
            hash = unchecked((hash ^ character) * FnvPrime);
        }

        return hash;
    }
}
