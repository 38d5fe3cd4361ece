using FiberLink.EventStore.Daemon;
using FiberLink.EventStore.Subscriptions;
using FiberLink.Postgres;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace FiberLink.EventStore.Projections;

/// <summary>Keeps the async projections up to date and runs the subscriptions: each shard on one service node at a time.</summary>
/// <remarks>
/// Shards are spread evenly over the nodes that are there. One page of events is one round trip: what it changes and how far the shard
/// has come are one transaction, in the session that holds the shard's lock. Takes a connection for each shard that the node
/// runs, and two more.
/// </remarks>
public sealed class ProjectionDaemon
{
    private readonly NpgsqlDataSource _database;
    private readonly DaemonSurroundings _around;
    private readonly IReadOnlyList<DaemonShard> _shards;

    /// <param name="database">Where log and read models are.</param>
    /// <param name="store">The log.</param>
    /// <param name="projections">The async projections.</param>
    /// <param name="owner">How this node is called in the projections' state; no two nodes have the same name.</param>
    /// <param name="time">Drives the waits.</param>
    /// <param name="logger">Told of what goes wrong.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="subscriptions">What else is to see every event.</param>
    /// <exception cref="ArgumentException">
    /// Two have one name, or a projection is to be split that is not <see cref="IProjection.IsByStream"/> or is not there.
    /// </exception>
    public ProjectionDaemon(
        NpgsqlDataSource database,
        IEventStore store,
        IReadOnlyList<IProjection> projections,
        string owner,
        TimeProvider time,
        ILogger<ProjectionDaemon> logger,
        ProjectionDaemonOptions? options = null,
        IReadOnlyList<ISubscription>? subscriptions = null)
    {
        var chosen = (options ?? new()).Checked();
        Check(projections, subscriptions ?? [], chosen);
        _database = database;
        _around = new(new(store, chosen.PageEvents, chosen.PagesKept), new(), chosen, owner, time, logger);
        _shards =
        [
            .. projections.SelectMany(p => Shards(new ConsumingProjection(p), chosen.Shards.GetValueOrDefault(p.Name, 1))),
            .. (subscriptions ?? []).SelectMany(s => Shards(new ConsumingSubscription(s), 1)),
        ];
        Log = new(_around.Pages, _around.Signal, time, chosen.PollInterval);
    }

    /// <summary>The log for those who follow it for as long as they are connected; woken for as long as the daemon runs.</summary>
    public LogSubscription Log { get; }

    /// <summary>Says that there may be new events; called after each commit of this process.</summary>
    public void Wake() => _around.Signal.Set();

    /// <summary>Runs until it is cancelled. Listens for commits of other processes as well.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        var node = new DaemonNode(_database, _shards, _around);
        using var gauges = DaemonTelemetry.Observe(_shards, () => Math.Max(node.Head, _around.Pages.HeadSeen), _around.Time);
        await Task.WhenAll(
            new Notifications(_database, _around.Time).RunAsync(PostgresEventStore.Channel, Wake, ct),
            node.RunAsync(ct));
    }

    /// <summary>Brings everything up to the end of the log, once, without the daemon; waits for whoever is running it.</summary>
    /// <exception cref="ProjectionFailedException">An event cannot be shown.</exception>
    public async Task CatchUpAsync(CancellationToken ct)
    {
        foreach (var shard in _shards)
        {
            await using var session = await DaemonSession.TakeAsync(_database, shard.Name.Lock, ct);
            await shard.CatchUpAsync(session, ct);
        }
    }

    private static void Check(
        IReadOnlyList<IProjection> projections, IReadOnlyList<ISubscription> subscriptions, ProjectionDaemonOptions options)
    {
        string[] names = [.. projections.Select(p => p.Name), .. subscriptions.Select(s => s.Name)];
        if (names.CountBy(n => n, StringComparer.Ordinal).FirstOrDefault(n => n.Value > 1).Key is { } twice)
        {
            throw new ArgumentException($"There are two projections or subscriptions named {twice}.", nameof(projections));
        }

        foreach (var (name, count) in options.Shards.Where(s => s.Value > 1))
        {
            if (projections.FirstOrDefault(p => p.Name == name) is not { IsByStream: true })
            {
                throw new ArgumentException(
                    $"{name} cannot be split into {count} shards: it is no async projection whose rows each depend on one stream.",
                    nameof(options));
            }
        }
    }

    private IEnumerable<DaemonShard> Shards(ILogConsumer consumer, int count)
    {
        var layout = new ShardLayout(consumer, count, _around.Pages, _around.Time);
        return layout.Shards.Select(name => new DaemonShard(name, consumer, layout, _around));
    }
}
