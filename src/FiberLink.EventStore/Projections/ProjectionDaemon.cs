using FiberLink.Postgres;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace FiberLink.EventStore.Projections;

/// <summary>Keeps the async projections up to date: one loop for each, on one service node at a time.</summary>
/// <param name="database">Where log and read models are.</param>
/// <param name="store">The log.</param>
/// <param name="projections">The async projections.</param>
/// <param name="owner">How this node is called in the projections' state.</param>
/// <param name="time">Drives the waits.</param>
/// <param name="logger">Told of what goes wrong.</param>
public sealed class ProjectionDaemon(
    NpgsqlDataSource database,
    IEventStore store,
    IReadOnlyList<IProjection> projections,
    string owner,
    TimeProvider time,
    ILogger<ProjectionDaemon> logger)
{
    private readonly IReadOnlyList<ProjectionShard> _shards =
        [.. projections.Select(p => new ProjectionShard(database, store, p, owner, time, logger))];

    /// <summary>Says that there may be new events; called on each commit of this process.</summary>
    public void Wake()
    {
        foreach (var shard in _shards)
        {
            shard.Wake();
        }
    }

    /// <summary>Runs until it is cancelled. Listens for commits of other processes as well.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        var listening = new Notifications(database, time).RunAsync(PostgresEventStore.Channel, Wake, ct);
        await Task.WhenAll([listening, .. _shards.Select(s => s.RunAsync(ct))]);
    }

    /// <summary>Brings one projection up to the end of the log, once, without the daemon; for rebuilds and tests.</summary>
    public async Task CatchUpAsync(CancellationToken ct)
    {
        foreach (var shard in _shards)
        {
            while (await shard.ProjectPageAsync(ct))
            {
            }
        }
    }
}
