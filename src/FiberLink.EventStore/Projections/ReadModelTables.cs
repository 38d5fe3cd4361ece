using FiberLink.Postgres;

namespace FiberLink.EventStore.Projections;

/// <summary>Where a read model keeps its rows, as a rebuild must know it.</summary>
/// <remarks>
/// A rebuild makes the tables again in a schema of its own, with the same scripts, and lets the projection write there. So
/// scripts and statements name every table as <c>schema.table</c>, and no other schema's tables, functions or types.
/// </remarks>
/// <param name="Schema">The schema of the live tables.</param>
/// <param name="Names">The tables, without the schema.</param>
/// <param name="Migrations">What makes them, from the first script to the last change.</param>
public sealed record ReadModelTables(string Schema, IReadOnlyList<string> Names, IReadOnlyList<Migration> Migrations)
{
    /// <summary>
    /// Columns that somebody else than the projection writes. A take-over copies their values from the live rows, a comparison
    /// leaves them out.
    /// </summary>
    public IReadOnlyList<TableColumn> NotFromEvents { get; init; } = [];
}

/// <param name="Table">One of the read model's tables.</param>
/// <param name="Column">One of its columns.</param>
public sealed record TableColumn(string Table, string Column);
