using FiberLink.Postgres;
using Npgsql;
using NpgsqlTypes;

namespace FiberLink.Messaging;

/// <summary>A message that a dispatcher has taken.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its stored name.</param>
/// <param name="Tenant">The community.</param>
/// <param name="Body">JSON.</param>
/// <param name="Attempt">1 for the first time.</param>
/// <param name="CorrelationId">The request that set everything off.</param>
/// <param name="TraceParent">W3C trace context.</param>
public sealed record WaitingMessage(
    Guid Id, string Name, string Tenant, string Body, int Attempt, string? CorrelationId, string? TraceParent);

/// <summary>What has become of a message.</summary>
public enum MessageFate
{
    /// <summary>No dispatcher has taken it yet.</summary>
    Untouched = 1,

    /// <summary>A dispatcher has it, or has tried it and it will be tried again.</summary>
    Tried = 2,

    /// <summary>Its effect has committed.</summary>
    Handled = 3,

    /// <summary>It was given up, and waits for an operator.</summary>
    DeadLetter = 4,
}

/// <summary>The messages that wait, on PostgreSQL.</summary>
public sealed class MessageQueue(NpgsqlDataSource database)
{
    /// <summary>How much of an error's text is kept.</summary>
    public const int ErrorLengthMax = 2_000;

    // What came in once more while it was being finished leaves here: to whoever took it in it was still waiting, so it was let in.
    private const string Take =
        """
        with due as materialized (
            select w.message_id,
                   exists (select from messaging.handled as h where h.message_id = w.message_id)
                   or exists (select from messaging.dead_letters as d where d.message_id = w.message_id) as is_finished
              from messaging.waiting as w
             where w.due_at <= $3 and (w.leased_until is null or w.leased_until < now())
             order by w.due_at limit $4
               for update of w skip locked
        ), finished as (
            delete from messaging.waiting as w using due where w.message_id = due.message_id and due.is_finished
        ), taken as (
            update messaging.waiting as w
               set lease_owner = $1, leased_until = now() + $2, attempts = w.attempts + 1
              from due
             where w.message_id = due.message_id and not due.is_finished
         returning w.*
        )
        select message_id, name, tenant_id, body::text, attempts, correlation_id, trace_parent
          from taken order by due_at, created_at, message_id
        """;

    private const string PutOff =
        """
        update messaging.waiting
           set due_at = $3, last_error = $4, lease_owner = null, leased_until = null, attempts = attempts - $5
         where message_id = $1 and lease_owner = $2
        """;

    private const string Bury =
        """
        with given_up as (
            delete from messaging.waiting where message_id = $1 and lease_owner = $2
            returning message_id, name, tenant_id, body, created_at, attempts, correlation_id, trace_parent)
        insert into messaging.dead_letters
            (message_id, name, tenant_id, body, created_at, attempts, correlation_id, trace_parent, last_error)
        select given_up.*, $3 from given_up
        """;

    // A message that is finished may come in once more, and then it waits only to be thrown away.
    private const string Fates =
        """
        select m.message_id,
               case when exists (select from messaging.handled as h where h.message_id = m.message_id) then 3
                    when exists (select from messaging.dead_letters as d where d.message_id = m.message_id) then 4
                    when w.attempts > 0 then 2
                    when w.message_id is not null then 1
               end
          from unnest($1::uuid[]) as m (message_id)
          left join messaging.waiting as w on w.message_id = m.message_id
        """;

    private const string PruneHandled =
        """
        delete from messaging.handled where message_id in (
            select message_id from messaging.handled where handled_at < now() - $1 order by handled_at limit $2)
        """;

    /// <summary>
    /// The inbox: takes in what came from outside. A message that waits, was handled or was given up already is not taken again.
    /// </summary>
    /// <returns>How many were new.</returns>
    public async Task<int> ReceiveAsync(IReadOnlyList<OutgoingMessage> messages, CancellationToken ct)
    {
        await using var batch = database.CreateBatch();
        batch.Add(OutboxWriter.Enqueue, OutboxWriter.Parameters(messages));
        batch.Add($"select pg_notify('{OutboxWriter.Channel}', '')");
        await batch.ExecuteNonQueryAsync(ct);
        return (int)batch.BatchCommands[0].RecordsAffected;
    }

    /// <summary>
    /// What has become of messages; those that nobody has, or that were handled so long ago that it is forgotten, are left out.
    /// </summary>
    public async Task<IReadOnlyDictionary<Guid, MessageFate>> FindAsync(IReadOnlyCollection<Guid> ids, CancellationToken ct)
    {
        await using var command = database.Command(Fates, new NpgsqlParameter { Value = ids.ToArray() });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var fates = new Dictionary<Guid, MessageFate>();
        while (await reader.ReadAsync(ct))
        {
            if (!reader.IsDBNull(1))
            {
                fates[reader.GetGuid(0)] = (MessageFate)reader.GetInt32(1);
            }
        }

        return fates;
    }

    /// <summary>Takes messages that are due, oldest first, skipping what another dispatcher has.</summary>
    /// <param name="owner">This dispatcher.</param>
    /// <param name="lease">How long nobody else may have them.</param>
    /// <param name="now">What counts as due.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="ct">Stops the call.</param>
    public async Task<IReadOnlyList<WaitingMessage>> TakeAsync(
        string owner, TimeSpan lease, DateTimeOffset now, int limit, CancellationToken ct)
    {
        await using var batch = database.CreateBatch();
        batch.Add(
            Take,
            new() { Value = owner },
            new() { Value = lease },
            new() { Value = now.ToUniversalTime() },
            new() { Value = limit });

        // A lease that a crash of the database forgets is one that nobody holds.
        batch.Add("select set_config('synchronous_commit', 'off', true)");
        var taken = new List<WaitingMessage>();
        await using var reader = await batch.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            taken.Add(new(
                reader.GetGuid(0),
                reader.GetString(1),
                reader.GetString(2),
                reader.GetString(3),
                reader.GetInt32(4),
                reader.IsDBNull(5) ? null : reader.GetString(5),
                reader.IsDBNull(6) ? null : reader.GetString(6)));
        }

        return taken;
    }

    /// <summary>Gives a message back, to be handled later.</summary>
    /// <param name="id">The message.</param>
    /// <param name="owner">Who has it; when somebody else has it by now, nothing happens.</param>
    /// <param name="dueAt">Not before.</param>
    /// <param name="why">Kept with the message.</param>
    /// <param name="counts">False when the attempt is not to be counted, because it failed by nobody's fault.</param>
    /// <param name="ct">Stops the call.</param>
    public Task PutOffAsync(Guid id, string owner, DateTimeOffset dueAt, string why, bool counts, CancellationToken ct) =>
        ExecuteAsync(
            PutOff,
            ct,
            new() { Value = id },
            new() { Value = owner },
            new() { Value = dueAt.ToUniversalTime() },
            Error(why),
            new() { Value = counts ? 0 : 1 });

    /// <summary>Moves a message to the dead letters.</summary>
    public Task GiveUpAsync(Guid id, string owner, string why, CancellationToken ct) =>
        ExecuteAsync(Bury, ct, new() { Value = id }, new() { Value = owner }, Error(why));

    /// <summary>Removes markers older than an age, a limited number at a time.</summary>
    public Task<int> PruneHandledAsync(TimeSpan age, int limit, CancellationToken ct) =>
        ExecuteAsync(PruneHandled, ct, new() { Value = age }, new() { Value = limit });

    private async Task<int> ExecuteAsync(string sql, CancellationToken ct, params NpgsqlParameter[] parameters)
    {
        await using var batch = database.CreateBatch();
        batch.Add(sql, parameters);
        return await batch.ExecuteNonQueryAsync(ct);
    }

    private static NpgsqlParameter Error(string text) =>
        new()
        {
            Value = text.Length <= ErrorLengthMax ? text : text[..ErrorLengthMax],
            NpgsqlDbType = NpgsqlDbType.Text,
        };
}
