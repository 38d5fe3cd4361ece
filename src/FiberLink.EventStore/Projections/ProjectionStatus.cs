using FiberLink.EventStore.Daemon;
using FiberLink.EventStore.Subscriptions;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.EventStore.Projections;

/// <summary>Where one shard of a projection or subscription stands.</summary>
/// <param name="Name">The projection or subscription.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Shard">Which part of the streams: All, or 2of4.</param>
/// <param name="Position">Everything up to here is shown.</param>
/// <param name="Head">The log's last position at the same moment.</param>
/// <param name="LagTime">Since the time of the first event that is not shown; zero when there is none.</param>
/// <param name="State">
/// running; paused when somebody has said so; failing; standing by when nobody runs it just now, or its shards cannot be made yet;
/// idle when nobody ever ran it.
/// </param>
/// <param name="Owner">The service node that runs it, or ran it last.</param>
/// <param name="LastError">Why it is failing or standing by.</param>
/// <param name="FailedPosition">The event it cannot show.</param>
public sealed record ProjectionStatus(
    string Name,
    ProjectionKind Kind,
    string Shard,
    long Position,
    long Head,
    TimeSpan LagTime,
    string State,
    string? Owner,
    string? LastError,
    long? FailedPosition)
{
    private const string Shards =
        $"""
        with shards as (
            select name from event_store.mt_event_progression where {ShardProgress.IsShard}
            union
            select case when name = $1 then $1 || ':All' else name end
              from event_store.projection_state where name = $1 or {ShardProgress.IsShard}
            union
            select $1 || ':All'
             where not exists (select from event_store.mt_event_progression where {ShardProgress.IsShard})
        )
        select shards.name, coalesce(progress.last_seq_id, 0), head.position,
               greatest(clock_timestamp() - waiting.timestamp, interval '0'),
               state.state, state.owner, state.last_error, state.failed_position
          from shards
         cross join event_store.log_head as head
          left join event_store.mt_event_progression as progress on progress.name = shards.name
          left join event_store.projection_state as state
            on state.name = case when shards.name = $1 || ':All' then $1 else shards.name end
          left join lateral (
               select timestamp from event_store.mt_events
                where seq_id > coalesce(progress.last_seq_id, 0) order by seq_id limit 1) as waiting on true
        """;

    private const string NamesSql =
        """
        select distinct regexp_replace(name, ':[^:]*$', '') from event_store.mt_event_progression
         where name ~ ':(All|[0-9]{1,4}of[0-9]{1,4})$' order by 1
        """;

    /// <summary>Who has paused it, and why; null when nobody has.</summary>
    public ProjectionPause? Pause { get; init; }

    /// <summary>How many events it is behind.</summary>
    public long Lag => Head - Position;

    /// <summary>When it is brought up to date.</summary>
    public ProjectionLifecycle Lifecycle =>
        Kind is ProjectionKind.Inline ? ProjectionLifecycle.Inline : ProjectionLifecycle.Async;

    /// <summary>The shards of each read model, in the read models' order.</summary>
    public static Task<IReadOnlyList<ProjectionStatus>> ReadAsync(
        NpgsqlDataSource database, IEnumerable<ReadModel> readModels, CancellationToken ct) =>
        ReadAsync(database, readModels, [], ct);

    /// <summary>The shards of each read model, then the subscriptions, in their order.</summary>
    public static Task<IReadOnlyList<ProjectionStatus>> ReadAsync(
        NpgsqlDataSource database, IEnumerable<ReadModel> readModels, IEnumerable<ISubscription> subscriptions, CancellationToken ct) =>
        ReadAsync(database, [.. readModels.Select(Kinded), .. subscriptions.Select(s => (s.Name, ProjectionKind.Subscription))], ct);

    /// <summary>The shards of each read model, then of whatever else is known to follow the log here.</summary>
    public static async Task<IReadOnlyList<ProjectionStatus>> ReadAllAsync(
        NpgsqlDataSource database, IEnumerable<ReadModel> readModels, CancellationToken ct)
    {
        var named = readModels.Select(Kinded).ToArray();
        var others = (await ReadNamesAsync(database, ct)).Except(named.Select(m => m.Name), StringComparer.Ordinal);
        return await ReadAsync(database, [.. named, .. others.Select(n => (n, ProjectionKind.Subscription))], ct);
    }

    /// <summary>All async projections and subscriptions that have ever followed the log here.</summary>
    public static async Task<IReadOnlyList<string>> ReadNamesAsync(NpgsqlDataSource database, CancellationToken ct)
    {
        await using var command = database.Command(NamesSql);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var names = new List<string>();
        while (await reader.ReadAsync(ct))
        {
            names.Add(reader.GetString(0));
        }

        return names;
    }

    private static async Task<IReadOnlyList<ProjectionStatus>> ReadAsync(
        NpgsqlDataSource database, IReadOnlyList<(string Name, ProjectionKind Kind)> consumers, CancellationToken ct)
    {
        await using var locks = database.CreateBatch();
        var held = await HeldLocks.ReadAsync(locks, ct);
        var pauses = (await ProjectionDecisions.ReadAsync(database, ct)).Pauses.ToDictionary(p => p.Projection, StringComparer.Ordinal);
        var all = new List<ProjectionStatus>();
        foreach (var (name, kind) in consumers)
        {
            if (kind is ProjectionKind.Inline)
            {
                all.Add(new(name, kind, "All", held.Head, held.Head, TimeSpan.Zero, "running", null, null, null));
                continue;
            }

            var shards = new List<(int Number, ProjectionStatus Status)>();
            await using var command = database.Command(Shards, new NpgsqlParameter { Value = name });
            await using var reader = await command.ExecuteReaderAsync(ct);
            while (await reader.ReadAsync(ct))
            {
                var shard = ShardName.OfRow(name, reader.GetString(0))!.Value;
                shards.Add((shard.Part.Number, Read(shard, kind, held, pauses.GetValueOrDefault(name), reader)));
            }

            all.AddRange(shards.OrderBy(s => s.Number).Select(s => s.Status));
        }

        return all;
    }

    private static (string Name, ProjectionKind Kind) Kinded(ReadModel model) =>
        (model.Projection.Name, model.Lifecycle is ProjectionLifecycle.Inline ? ProjectionKind.Inline : ProjectionKind.Async);

    private static ProjectionStatus Read(
        ShardName shard, ProjectionKind kind, HeldLocks held, ProjectionPause? pause, NpgsqlDataReader reader)
    {
        var told = reader.IsDBNull(4) ? "idle" : reader.GetString(4);
        return new(
            shard.Consumer,
            kind,
            shard.Label,
            reader.GetInt64(1),
            reader.GetInt64(2),
            reader.IsDBNull(3) ? TimeSpan.Zero : reader.GetTimeSpan(3),
            pause is not null ? "paused" : told == "running" && held.IsFree(shard) ? "standing by" : told,
            reader.IsDBNull(5) ? null : reader.GetString(5),
            reader.IsDBNull(6) ? null : reader.GetString(6),
            reader.IsDBNull(7) ? null : reader.GetInt64(7))
        {
            Pause = pause,
        };
    }
}

/// <summary>What brings a shard forward.</summary>
public enum ProjectionKind
{
    /// <summary>A projection in the appending transaction; always at the head.</summary>
    Inline = 1,

    /// <summary>A projection that the daemon runs.</summary>
    Async = 2,

    /// <summary>A subscription that the daemon runs.</summary>
    Subscription = 3,
}
