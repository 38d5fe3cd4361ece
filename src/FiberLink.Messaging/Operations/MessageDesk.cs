using FiberLink.Postgres;
using Npgsql;
using NpgsqlTypes;

namespace FiberLink.Messaging;

/// <summary>Which messages an operator means. What is null does not matter.</summary>
public sealed record MessageFilter
{
    /// <summary>
    /// <c>scheduled</c>, <c>ready</c>, <c>behind</c>, <c>taken</c>, <c>dead</c>, <c>discarded</c> or <c>expired</c>; null for all but the
    /// last two.
    /// </summary>
    public string? State { get; init; }

    public string? Name { get; init; }

    public string? Tenant { get; init; }

    public string? Key { get; init; }

    /// <summary>Sent at least so long ago.</summary>
    public TimeSpan? OlderThan { get; init; }

    /// <summary>How many at most, the longest waiting first.</summary>
    public int Limit { get; init; } = 50;
}

/// <summary>A message as operators see it; its body only where one message is shown.</summary>
public sealed record MessageSummary(
    Guid Id, string Name, string Tenant, string State, int Attempts, DateTimeOffset CreatedAt, DateTimeOffset At, string? Key,
    string? ErrorType, string? LastError, string? TraceId, string? Body);

/// <summary>An attempt that failed.</summary>
public sealed record AttemptRecord(
    int Attempt, DateTimeOffset EndedAt, TimeSpan? Took, string? Node, string Outcome, string? ErrorType, string? Error, string? TraceId);

/// <summary>What an operator did.</summary>
public sealed record OperatorAction(DateTimeOffset At, string Actor, string Action, string Reason);

/// <summary>A service node that lives.</summary>
public sealed record NodeRecord(long Id, string Name, string Host, DateTimeOffset StartedAt, DateTimeOffset HeartbeatAt, long InHand);

/// <summary>What operators ask about messages.</summary>
public sealed class MessageDesk(NpgsqlDataSource database)
{
    private const string All =
        """
        with all_messages as (
            select message_id, name, tenant_id, state, attempts, created_at, due_at as at, ordering_key, null as error_type, last_error,
                   null as trace_id, body
              from messaging.waiting
            union all
            select message_id, name, tenant_id,
                   case when expired_at is not null then 'expired' when discarded_at is null then 'dead' else 'discarded' end,
                   attempts, created_at,
                   failed_at, ordering_key, error_type, last_error, trace_id, body
              from messaging.dead_letters)
        """;

    private const string List =
        All +
        """

        select message_id, name, tenant_id, state, attempts, created_at, at, ordering_key, error_type, last_error, trace_id, null
          from all_messages
         where (state = $1 or ($1 is null and state not in ('discarded', 'expired')))
           and ($2 is null or name = $2) and ($3 is null or tenant_id = $3) and ($4 is null or ordering_key = $4)
           and ($5 is null or created_at <= clock_timestamp() - $5)
         order by created_at, message_id limit $6
        """;

    private const string One =
        All +
        """

        select message_id, name, tenant_id, state, attempts, created_at, at, ordering_key, error_type, last_error, trace_id, body::text
          from all_messages where message_id = $1
        """;

    private const string Attempts =
        """
        select attempt, ended_at, took, node, outcome, error_type, error, trace_id
          from messaging.attempts where message_id = $1 order by attempt_id
        """;

    private const string Actions =
        "select at, actor, action, reason from messaging.operator_actions where message_id = $1 order by action_id";

    private const string Nodes =
        """
        select n.node_id, n.name, n.host, n.started_at, n.heartbeat_at,
               (select count(*) from messaging.waiting as w where w.state = 'taken' and w.taken_by = n.node_id)
          from messaging.nodes as n order by n.node_id
        """;

    public Task<IReadOnlyList<MessageSummary>> ListAsync(MessageFilter filter, CancellationToken ct) =>
        ReadAsync(
            List, Summary, ct, Text(filter.State), Text(filter.Name), Text(filter.Tenant), Text(filter.Key),
            new() { Value = filter.OlderThan is { } age ? age : DBNull.Value, NpgsqlDbType = NpgsqlDbType.Interval },
            new() { Value = filter.Limit });

    /// <returns>Null when there is no such message; one that was handled is not there any more.</returns>
    public async Task<MessageSummary?> FindAsync(Guid id, CancellationToken ct) =>
        (await ReadAsync(One, Summary, ct, new NpgsqlParameter { Value = id })).SingleOrDefault();

    public Task<IReadOnlyList<AttemptRecord>> AttemptsAsync(Guid id, CancellationToken ct) =>
        ReadAsync(
            Attempts,
            r => new AttemptRecord(
                r.GetInt32(0), r.GetFieldValue<DateTimeOffset>(1), r.IsDBNull(2) ? null : r.GetTimeSpan(2), TextOf(r, 3), r.GetString(4),
                TextOf(r, 5), TextOf(r, 6), TextOf(r, 7)),
            ct,
            new NpgsqlParameter { Value = id });

    public Task<IReadOnlyList<OperatorAction>> ActionsAsync(Guid id, CancellationToken ct) =>
        ReadAsync(
            Actions,
            r => new OperatorAction(r.GetFieldValue<DateTimeOffset>(0), r.GetString(1), r.GetString(2), r.GetString(3)),
            ct,
            new NpgsqlParameter { Value = id });

    public Task<IReadOnlyList<NodeRecord>> NodesAsync(CancellationToken ct) =>
        ReadAsync(
            Nodes,
            r => new NodeRecord(
                r.GetInt64(0), r.GetString(1), r.GetString(2), r.GetFieldValue<DateTimeOffset>(3), r.GetFieldValue<DateTimeOffset>(4),
                r.GetInt64(5)),
            ct);

    private static MessageSummary Summary(NpgsqlDataReader r) =>
        new(
            r.GetGuid(0), r.GetString(1), r.GetString(2), r.GetString(3), r.GetInt32(4), r.GetFieldValue<DateTimeOffset>(5),
            r.GetFieldValue<DateTimeOffset>(6), TextOf(r, 7), TextOf(r, 8), TextOf(r, 9), TextOf(r, 10), TextOf(r, 11));

    private async Task<IReadOnlyList<T>> ReadAsync<T>(
        string sql, Func<NpgsqlDataReader, T> row, CancellationToken ct, params NpgsqlParameter[] parameters)
    {
        await using var command = database.Command(sql, parameters);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var rows = new List<T>();
        while (await reader.ReadAsync(ct))
        {
            rows.Add(row(reader));
        }

        return rows;
    }

    private static string? TextOf(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    private static NpgsqlParameter Text(string? text) => new() { Value = (object?)text ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };
}
