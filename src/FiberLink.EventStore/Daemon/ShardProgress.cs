using FiberLink.EventStore.Subscriptions;
using FiberLink.Postgres;
using Npgsql;
using NpgsqlTypes;

namespace FiberLink.EventStore.Daemon;

/// <summary>How far each shard has come, kept where Marten keeps it, and what it says about itself beside it.</summary>
internal static class ShardProgress
{
    /// <summary>What <c>move_progress</c> raises when the shard is not where it was presumed to be.</summary>
    public const string Moved = "FL001";

    /// <summary>What <c>move_progress</c> raises when somebody has paused the projection.</summary>
    public const string Paused = "FL003";

    /// <summary>Whether a name is that of a shard of $1.</summary>
    public const string IsShard =
        """
        starts_with(name, $1 || ':') and substr(name, length($1) + 2) ~ '^(All|[0-9]{1,4}of[0-9]{1,4})$'
        """;

    // Two nodes that see no shard of a consumer must not both make their own.
    private const string OneAtATime = "select pg_advisory_xact_lock($1)";

    private const string Begin =
        $"""
        insert into event_store.mt_event_progression (name, last_seq_id)
        select shard, coalesce($3, (select position from event_store.log_head))
          from unnest($2::text[]) as shard
         where not exists (select from event_store.mt_event_progression where {IsShard})
        """;

    private const string Read = $"select name, last_seq_id from event_store.mt_event_progression where {IsShard}";

    private const string Move = "select event_store.move_progress($1, $2, $3, $4)";

    // Should the old shards have been moved since they were looked at, then all of them by a rebuild, to one position.
    private const string Replace =
        $"""
        with old as (delete from event_store.mt_event_progression where {IsShard} returning last_seq_id)
        insert into event_store.mt_event_progression (name, last_seq_id)
        select shard, greatest($3, (select max(last_seq_id) from old)) from unnest($2::text[]) as shard
        """;

    private const string ForgetStates = $"delete from event_store.projection_state where name = $1 or {IsShard}";

    private const string Tell =
        """
        insert into event_store.projection_state (name, state, owner, last_error, failed_position, updated_at)
        values ($1, $2, $3, $4, $5, now())
        on conflict (name) do update
           set state = excluded.state, owner = excluded.owner, last_error = excluded.last_error,
               failed_position = excluded.failed_position, updated_at = excluded.updated_at
        """;

    /// <summary>Where the shards of a consumer stand. When there are none, the given ones are made.</summary>
    public static async Task<IReadOnlyDictionary<ShardName, long>> OpenAsync(
        DaemonSession session, string consumer, IReadOnlyList<ShardName> shards, SubscriptionStart start, CancellationToken ct)
    {
        await using var batch = session.Batch();
        AddLayoutLock(batch, consumer);
        AddBegin(batch, consumer, shards, (start as SubscriptionStart.After)?.Position);
        batch.Add(Read, new NpgsqlParameter { Value = consumer });
        var found = new Dictionary<ShardName, long>();
        await using var reader = await batch.ExecuteReaderAsync(ct);
        await reader.NextResultAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            found.Add(ShardName.OfRow(consumer, reader.GetString(0))!.Value, reader.GetInt64(1));
        }

        return found;
    }

    /// <summary>Adds the step from one position to the next; it must be the batch's first command.</summary>
    /// <param name="batch">The page's.</param>
    /// <param name="shard">Which.</param>
    /// <param name="from">Where it stands.</param>
    /// <param name="to">The page's last position.</param>
    /// <param name="leftOut">The events in between that the page leaves out.</param>
    public static void AddMove(NpgsqlBatch batch, ShardName shard, long from, long to, IReadOnlyList<long> leftOut) =>
        batch.Add(
            Move, new() { Value = shard.Row }, new() { Value = from }, new() { Value = to }, new() { Value = leftOut.ToArray() });

    /// <summary>Puts other shards in place of a consumer's present ones; all locks of those must be held.</summary>
    public static async Task ReplaceAsync(
        DaemonSession session, string consumer, IReadOnlyList<ShardName> shards, long position, CancellationToken ct)
    {
        await using var batch = session.Batch();
        AddLayoutLock(batch, consumer);
        batch.Add(
            Replace,
            new() { Value = consumer },
            new() { Value = shards.Select(s => s.Row).ToArray() },
            new() { Value = position });
        batch.Add(ForgetStates, new NpgsqlParameter { Value = consumer });
        await batch.ExecuteNonQueryAsync(ct);
    }

    public static async Task TellAsync(
        DaemonSession session, ShardName shard, string state, string owner, string? error, long? failedPosition, CancellationToken ct)
    {
        await using var batch = session.Batch();
        batch.Add(
            Tell,
            new() { Value = shard.State },
            new() { Value = state },
            new() { Value = owner },
            new() { Value = (object?)error ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
            Number(failedPosition));
        await batch.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Adds what keeps the shards of a consumer the ones they are until the transaction ends.</summary>
    public static void AddLayoutLock(NpgsqlBatch batch, string consumer) =>
        batch.Add(OneAtATime, new NpgsqlParameter { Value = AdvisoryKey.Of($"projection layout/{consumer}") });

    /// <summary>Adds the making of a consumer's shards, unless there are some.</summary>
    public static void AddBegin(NpgsqlBatch batch, string consumer, IReadOnlyList<ShardName> shards, long? position) =>
        batch.Add(
            Begin,
            new() { Value = consumer },
            new() { Value = shards.Select(s => s.Row).ToArray() },
            Number(position));

    private static NpgsqlParameter Number(long? value) =>
        new() { Value = value is { } number ? number : DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bigint };
}
