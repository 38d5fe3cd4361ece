using FiberLink.Postgres;
using Npgsql;
using NpgsqlTypes;

namespace FiberLink.Messaging;

/// <summary>A message that is handled once the change that carries it has committed, and not at all if it has not.</summary>
/// <param name="Id">Made from what the message is about, so that asking twice sends once.</param>
/// <param name="Name">Its stored name, such as <c>issue-invoice.v1</c>.</param>
/// <param name="Tenant">The community.</param>
/// <param name="Body">Strict JSON.</param>
/// <param name="DueAt">Not handled before.</param>
/// <param name="CorrelationId">The request that set everything off.</param>
/// <param name="TraceParent">W3C trace context, so that the handling joins the trace.</param>
public sealed record OutgoingMessage(
    Guid Id, string Name, string Tenant, string Body, DateTimeOffset DueAt, string? CorrelationId, string? TraceParent) : CommitRow;

/// <summary>Writes the messages of a change, in its transaction.</summary>
public sealed class OutboxWriter : ICommitRowWriter
{
    /// <summary>The channel that is notified after commits with messages.</summary>
    public const string Channel = "fiberlink_messages";

    // Only a clash on the id is forgiven: it means that this very message waits already or was handled. In the order of the ids,
    // so that two who take in the same messages wait for each other one way round.
    internal const string Enqueue =
        """
        insert into messaging.waiting (message_id, name, tenant_id, body, due_at, correlation_id, trace_parent)
        select m.* from unnest($1::uuid[], $2::text[], $3::text[], $4::jsonb[], $5::timestamptz[], $6::text[], $7::text[])
            as m (message_id, name, tenant_id, body, due_at, correlation_id, trace_parent)
         where not exists (select from messaging.handled as h where h.message_id = m.message_id)
           and not exists (select from messaging.dead_letters as d where d.message_id = m.message_id)
         order by m.message_id
        on conflict on constraint pk_waiting do nothing
        """;

    public Type RowType => typeof(OutgoingMessage);

    public string? NoticeChannel => Channel;

    public void Write(IReadOnlyList<CommitRow> rows, NpgsqlBatch batch) =>
        batch.Add(Enqueue, Parameters([.. rows.Cast<OutgoingMessage>()]));

    internal static NpgsqlParameter[] Parameters(IReadOnlyList<OutgoingMessage> messages) =>
    [
        new() { Value = messages.Select(m => m.Id).ToArray() },
        new() { Value = messages.Select(m => m.Name).ToArray() },
        new() { Value = messages.Select(m => m.Tenant).ToArray() },
        new() { Value = messages.Select(m => m.Body).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Jsonb },
        new() { Value = messages.Select(m => m.DueAt.ToUniversalTime()).ToArray() },
        new() { Value = messages.Select(m => m.CorrelationId).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text },
        new() { Value = messages.Select(m => m.TraceParent).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text },
    ];
}
