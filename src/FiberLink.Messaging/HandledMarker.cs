using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.Messaging;

/// <summary>
/// Says that a message was handled. It belongs into the change with the handler's effect: both commit, or neither. A second
/// handling breaks <see cref="Constraint"/>, and the change is refused whole.
/// </summary>
/// <param name="MessageId">The message.</param>
/// <param name="Name">Its name.</param>
public sealed record HandledMarker(Guid MessageId, string Name) : CommitRow
{
    /// <summary>The constraint that a second handling breaks.</summary>
    public const string Constraint = "pk_handled";
}

/// <summary>Writes markers, and takes the messages off the queue, in the handler's transaction.</summary>
public sealed class HandledMarkerWriter : ICommitRowWriter
{
    private const string Mark =
        "insert into messaging.handled (message_id, name) select * from unnest($1::uuid[], $2::text[])";

    private const string Remove = "delete from messaging.waiting where message_id = any($1)";

    public Type RowType => typeof(HandledMarker);

    public void Write(IReadOnlyList<CommitRow> rows, NpgsqlBatch batch)
    {
        var markers = rows.Cast<HandledMarker>().ToArray();
        var ids = markers.Select(m => m.MessageId).ToArray();
        batch.Add(Mark, new() { Value = ids }, new() { Value = markers.Select(m => m.Name).ToArray() });
        batch.Add(Remove, new NpgsqlParameter { Value = ids });
    }
}
