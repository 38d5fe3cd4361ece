using FiberLink.Events;
using FiberLink.EventStore;

namespace FiberLink.Projections;

/// <summary>How the events of the log are read and written: every stored name with its body.</summary>
public static class StoredEvents
{
    /// <summary>The one catalogue of the service, its tools and auditors: what was stored under an old name is raised here.</summary>
    public static EventCatalogue Catalogue { get; } = new(EventContracts.All.Select(c => (c.Name, c.Json)));
}
