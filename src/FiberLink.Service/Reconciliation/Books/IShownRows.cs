using FiberLink.EventStore;

namespace FiberLink.Service.Reconciliation.Books;

/// <summary>The rows that read models have for one kind of stream: one row of values for each, compared as a whole.</summary>
/// <typeparam name="TRow">A row of values, equal when they are; nothing in it where a read model has none.</typeparam>
internal interface IShownRows<TRow>
    where TRow : class
{
    /// <summary>The stored name of the event that every such stream begins with.</summary>
    string FirstEvent { get; }

    /// <summary>The read model that has a row for each stream.</summary>
    string ReadModel { get; }

    /// <summary>The id that the first event names, and the read models know it by.</summary>
    Guid IdOf(RecordedEvent first);

    /// <summary>The stream of an id.</summary>
    StreamId StreamOf(string tenant, Guid id);

    /// <summary>What the read models have; nothing in the dictionary for those of which none has anything.</summary>
    Task<IReadOnlyDictionary<(string Tenant, Guid Id), TRow>> ReadAsync(
        IReadOnlyCollection<(string Tenant, Guid Id)> keys, CancellationToken ct);

    /// <summary>Everything in which a stream and its row differ. Pure.</summary>
    IEnumerable<Difference> Compare(EventStream stream, TRow row);

    Task<long> CountAsync(string? tenant, CancellationToken ct);

    /// <summary>The keys of the rows there are, in their order: a page behind one, empty at the end.</summary>
    Task<IReadOnlyList<(string Tenant, Guid Id)>> PageAsync(
        string? tenant, (string Tenant, Guid Id)? after, int limit, CancellationToken ct);
}
