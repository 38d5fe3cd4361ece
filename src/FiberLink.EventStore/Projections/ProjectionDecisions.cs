using FiberLink.EventStore.Daemon;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.EventStore.Projections;

/// <summary>An async projection or subscription that stands still until somebody lets it go on.</summary>
/// <param name="Projection">Which.</param>
/// <param name="By">Who has paused it.</param>
/// <param name="Reason">Why.</param>
/// <param name="At">Since when.</param>
public sealed record ProjectionPause(string Projection, string By, string Reason, DateTimeOffset At);

/// <summary>An event that a projection leaves out for good, live and whenever it is built anew.</summary>
/// <param name="Projection">Which projection or subscription.</param>
/// <param name="Position">The event's.</param>
/// <param name="EventId">The event.</param>
/// <param name="By">Who has decided it.</param>
/// <param name="Reason">Why.</param>
/// <param name="At">When.</param>
public sealed record SkippedEvent(
    string Projection, long Position, Guid EventId, string By, string Reason, DateTimeOffset At);

/// <summary>What operators have decided about async projections and subscriptions.</summary>
/// <param name="Pauses">Those that stand still.</param>
/// <param name="Skips">The events that are left out, by projection and position.</param>
public sealed record ProjectionDecisions(IReadOnlyList<ProjectionPause> Pauses, IReadOnlyList<SkippedEvent> Skips)
{
    private const string PausesSql = "select projection, paused_by, reason, paused_at from event_store.projection_pauses order by 1";

    private const string SkipsSql =
        """
        select projection, position, event_id, skipped_by, reason, skipped_at from event_store.projection_skips order by 1, 2
        """;

    private const string IsPausedSql = "select exists (select from event_store.projection_pauses where projection = $1)";

    private const string SkippedSql = "select position from event_store.projection_skips where projection = $1 order by 1";

    private const string StandingSql =
        $"""
        select told.failed_position, event.id, event.type
          from event_store.projection_state as told
          join event_store.mt_events as event on event.seq_id = told.failed_position
         where told.state = 'failing'
           and (told.name = $1
                or told.name in (select name from event_store.mt_event_progression where {ShardProgress.IsShard}))
         order by 1
        """;

    /// <summary>The events that a projection stands before and cannot show, one for each of its shards that stands.</summary>
    public static async Task<IReadOnlyList<(long Position, Guid Id, string Name)>> ReadStandingAsync(
        NpgsqlDataSource database, string projection, CancellationToken ct)
    {
        await using var command = database.Command(StandingSql, new NpgsqlParameter { Value = projection });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var standing = new List<(long, Guid, string)>();
        while (await reader.ReadAsync(ct))
        {
            standing.Add((reader.GetInt64(0), reader.GetGuid(1), reader.GetString(2)));
        }

        return standing;
    }

    /// <summary>All that hold now.</summary>
    public static async Task<ProjectionDecisions> ReadAsync(NpgsqlDataSource database, CancellationToken ct)
    {
        await using var batch = database.CreateBatch();
        batch.Add(PausesSql);
        batch.Add(SkipsSql);
        await using var reader = await batch.ExecuteReaderAsync(ct);
        var pauses = new List<ProjectionPause>();
        while (await reader.ReadAsync(ct))
        {
            pauses.Add(new(reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetFieldValue<DateTimeOffset>(3)));
        }

        await reader.NextResultAsync(ct);
        var skips = new List<SkippedEvent>();
        while (await reader.ReadAsync(ct))
        {
            skips.Add(new(
                reader.GetString(0), reader.GetInt64(1), reader.GetGuid(2), reader.GetString(3), reader.GetString(4),
                reader.GetFieldValue<DateTimeOffset>(5)));
        }

        return new(pauses, skips);
    }

    /// <summary>What one projection goes by: whether it is paused, and the positions that it leaves out.</summary>
    /// <param name="batch">Empty; in a transaction, it reads what that one sees.</param>
    /// <param name="projection">Its name.</param>
    /// <param name="ct">Stops the read.</param>
    internal static async Task<(bool IsPaused, IReadOnlySet<long> Skipped)> ReadAsync(
        NpgsqlBatch batch, string projection, CancellationToken ct)
    {
        batch.Add(IsPausedSql, new NpgsqlParameter { Value = projection });
        batch.Add(SkippedSql, new NpgsqlParameter { Value = projection });
        await using var reader = await batch.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        var isPaused = reader.GetBoolean(0);
        await reader.NextResultAsync(ct);
        var skipped = new HashSet<long>();
        while (await reader.ReadAsync(ct))
        {
            skipped.Add(reader.GetInt64(0));
        }

        return (isPaused, skipped);
    }

    /// <summary>Stands for an event that cannot be read and is left out: only its position says anything.</summary>
    internal static RecordedEvent Unread(long position, DateTimeOffset at) =>
        new(position, new("", ""), 0, Guid.Empty, "", new object(), at, EventMetadata.None);
}
