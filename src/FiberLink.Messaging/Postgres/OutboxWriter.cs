using FiberLink.Postgres;
using Npgsql;
using NpgsqlTypes;

namespace FiberLink.Messaging;

/// <summary>Writes the messages and the markers of changes, in their transaction.</summary>
/// <param name="time">What counts as due.</param>
public sealed class OutboxWriter(TimeProvider time) : ICommitRowWriter
{
    /// <summary>The channel that is notified after commits with messages.</summary>
    public const string Channel = "fiberlink_messages";

    public Type RowType => typeof(MessageRow);

    public string? NoticeChannel => Channel;

    public bool IsNoticed(IReadOnlyList<CommitRow> rows) => rows.Any(r => r is OutgoingMessage);

    public void Write(IReadOnlyList<CommitRow> rows, NpgsqlBatch batch) =>
        Write(time.GetUtcNow(), [.. rows.OfType<HandledMarker>()], [.. rows.OfType<OutgoingMessage>()], batch);

    /// <returns>The statement that enqueues, so that the new messages can be counted; null when there is none.</returns>
    internal static NpgsqlBatchCommand? Write(
        DateTimeOffset at, IReadOnlyList<HandledMarker> markers, IReadOnlyList<OutgoingMessage> messages, NpgsqlBatch batch)
    {
        var now = new NpgsqlParameter { Value = at.ToUniversalTime() };
        batch.Add(CommitSql.UseIndexes);
        var keyed = messages.Where(m => m.OrderingKey is not null).ToArray();
        if (markers.Count + keyed.Length > 0)
        {
            batch.Add(
                CommitSql.LockKeys,
                new() { Value = keyed.Select(m => m.Tenant).ToArray() },
                new() { Value = keyed.Select(m => m.OrderingKey!).ToArray() },
                new() { Value = markers.Select(m => m.MessageId).ToArray() });
        }

        if (markers.Count > 0)
        {
            var ids = markers.Select(m => m.MessageId).ToArray();
            batch.Add(CommitSql.Hold, new NpgsqlParameter { Value = ids });
            batch.Add(
                CommitSql.Mark,
                new() { Value = ids },
                new() { Value = markers.Select(m => m.Name).ToArray() },
                new() { Value = markers.Select(m => m.Fence).ToArray() });
            batch.Add(CommitSql.Finish, new() { Value = ids }, now);
        }

        var enqueue = messages.Count > 0 ? batch.Add(CommitSql.Enqueue, Parameters(messages, now.Clone())) : null;
        batch.Add(CommitSql.UseWhateverIsBest);
        return enqueue;
    }

    private static NpgsqlParameter[] Parameters(IReadOnlyList<OutgoingMessage> messages, NpgsqlParameter now) =>
    [
        new() { Value = messages.Select(m => m.Id).ToArray() },
        new() { Value = messages.Select(m => m.Name).ToArray() },
        new() { Value = messages.Select(m => m.Tenant).ToArray() },
        new() { Value = messages.Select(m => m.Body).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Jsonb },
        new() { Value = messages.Select(m => m.DueAt.ToUniversalTime()).ToArray() },
        Texts(messages.Select(m => m.CorrelationId)),
        Texts(messages.Select(m => m.TraceParent)),
        Texts(messages.Select(m => m.OrderingKey)),
        now,
        new()
        {
            Value = messages.Select(m => m.ExpiresAt?.ToUniversalTime()).ToArray(),
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz,
        },
    ];

    private static NpgsqlParameter Texts(IEnumerable<string?> texts) =>
        new() { Value = texts.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };
}
