using FiberLink.EventStore.Projections;

namespace FiberLink.EventStore.Rebuilding;

/// <summary>The tables of a read model that are being built beside the live ones.</summary>
/// <param name="Model">The read model.</param>
/// <param name="Number">Which generation of it.</param>
/// <param name="Schema">The schema of its tables.</param>
/// <param name="Rewrite">Lets the read model's SQL work there.</param>
/// <param name="Positions">How far each part of the streams is; moves as it is built.</param>
/// <param name="ResumedAt">How far it was when this process found it.</param>
internal sealed record Generation(
    ReadModel Model, long Number, string Schema, SchemaRewrite Rewrite, long[] Positions, long ResumedAt)
{
    /// <summary>The positions of the events that it leaves out.</summary>
    public HashSet<long> Skipped { get; } = [];

    public string Projection => Model.Projection.Name;

    public ReadModelTables Tables => Model.Tables!;

    public int Shards => Positions.Length;

    /// <summary>Everything up to here is in the tables.</summary>
    public long Position => Positions.Min();

    public string Live(string table) => SqlName.Quote(Tables.Schema, table);

    public string Next(string table) => SqlName.Quote(Schema, table);
}

/// <summary>What a generation is built for.</summary>
internal enum GenerationPurpose
{
    /// <summary>To take the live one's place.</summary>
    Rebuild = 1,

    /// <summary>To be compared with the live one and dropped.</summary>
    Verify = 2,
}

/// <summary>Somebody else has moved or dropped the generation; what was about to be written would have been shown twice.</summary>
public sealed class GenerationMovedException(string projection, long number)
    : Exception($"Somebody else moved or dropped generation {number} of {projection}.");
