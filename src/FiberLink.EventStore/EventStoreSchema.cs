using FiberLink.Postgres;

namespace FiberLink.EventStore;

/// <summary>The tables of the log and of what is kept beside it.</summary>
public static class EventStoreSchema
{
    /// <summary>In the order in which they are made. Once released, the text of none of them changes.</summary>
    public static IReadOnlyList<Migration> Migrations { get; } =
    [
        Of("0001_event_store"),
        Of("0002_event_store_group_commit"),
        Of("0003_event_store_snapshots"),
        Of("0004_event_store_daemon"),
        Of("0005_event_store_generations"),
        Of("0006_event_store_sealing"),
        Of("0007_event_store_salts"),
        Of("0008_event_store_projection_decisions"),
    ];

    private static Migration Of(string id) => new(id, SqlScript.Read(typeof(EventStoreSchema).Assembly, $"{id}.sql"));
}
