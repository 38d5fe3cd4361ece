using System.Globalization;
using FiberLink.Postgres;
using Npgsql;
using NpgsqlTypes;

namespace FiberLink.Messaging;

/// <summary>The messages that wait, on PostgreSQL.</summary>
/// <param name="database">Where they are.</param>
/// <param name="time">What counts as due. Leases and heartbeats go by the server's clock, which all nodes have in common.</param>
public sealed class MessageQueue(NpgsqlDataSource database, TimeProvider time) : IMessageStore
{
    // So many tenants get their turn in one taking; the next begins behind them.
    private const int TenantsMax = 32;
    private const int MadeReadyMax = 500;

    // And so many are visited when more is due than can be made ready at once.
    private const int VisitedMax = 1_000;
    private const int ReleasedMax = 200;

    private volatile string _lastTenant = "";
    private volatile string _lastVisited = "";

    private DateTimeOffset Now => time.GetUtcNow();

    public async Task<ServiceNode> JoinAsync(string name, CancellationToken ct)
    {
        await using var command = database.Command(QueueSql.Join, new() { Value = name }, new() { Value = Environment.MachineName });
        return new(Convert.ToInt64(await command.ExecuteScalarAsync(ct), CultureInfo.InvariantCulture), name);
    }

    public async Task<bool> BeatAsync(ServiceNode node, CancellationToken ct) =>
        await ExecuteAsync(ct, (QueueSql.Lightly, []), (QueueSql.Beat, [new() { Value = node.Id }])) == 1;

    public Task LeaveAsync(ServiceNode node, CancellationToken ct) =>
        ExecuteAsync(ct, (QueueSql.Leave, [new() { Value = node.Id }]));

    public async Task<IReadOnlyList<WaitingMessage>> TakeAsync(ServiceNode node, Demand demand, CancellationToken ct)
    {
        await using var batch = database.CreateBatch();
        batch.Add(QueueSql.Lightly);
        batch.Add(
            TakeSql.MakeReady, new() { Value = Now }, new() { Value = MadeReadyMax }, new() { Value = _lastVisited },
            new() { Value = VisitedMax });
        batch.Add(
            TakeSql.Take,
            new() { Value = node.Id },
            new() { Value = demand.Lease },
            new() { Value = demand.Messages },
            new() { Value = demand.Bytes },
            new() { Value = _lastTenant },
            new() { Value = Math.Min(TenantsMax, demand.Messages) },
            new() { Value = demand.Rooms.Select(r => r.Name).ToArray() },
            new() { Value = demand.Rooms.Select(r => r.Type).ToArray() },
            new() { Value = demand.Rooms.Select(r => (long)r.Free).ToArray() });
        await using var reader = await batch.ExecuteReaderAsync(ct);
        await reader.NextResultAsync(ct);
        _lastVisited = await reader.ReadAsync(ct) ? reader.GetString(0) : "";
        await reader.NextResultAsync(ct);
        var taken = new List<WaitingMessage>();
        while (await reader.ReadAsync(ct))
        {
            taken.Add(Read(reader));
        }

        _lastTenant = taken.Count == 0 ? "" : taken[^1].Tenant;
        return taken;
    }

    public async Task<IReadOnlyList<Guid>> RenewAsync(IReadOnlyList<WaitingMessage> taken, TimeSpan lease, CancellationToken ct)
    {
        var (ids, fences) = (taken.Select(m => m.Id).ToArray(), taken.Select(m => m.Fence).ToArray());
        await using var batch = database.CreateBatch();
        batch.Add(QueueSql.Lightly);
        batch.Add(QueueSql.Renew, new() { Value = ids }, new() { Value = fences }, new() { Value = lease });
        batch.Add(QueueSql.Lost, new() { Value = ids }, new() { Value = fences });
        await using var reader = await batch.ExecuteReaderAsync(ct);
        await reader.NextResultAsync(ct);
        var lost = new List<Guid>();
        while (await reader.ReadAsync(ct))
        {
            lost.Add(reader.GetGuid(0));
        }

        return lost;
    }

    public async Task<int> ReleaseAsync(TimeSpan silence, CancellationToken ct)
    {
        await ExecuteAsync(ct, (QueueSql.HeardNow, [new() { Value = silence }]), (QueueSql.DeclareDead, [new() { Value = silence }]));
        return await ExecuteAsync(ct, (QueueSql.Release, [new() { Value = ReleasedMax }]));
    }

    public Task PutOffAsync(WaitingMessage taken, DateTimeOffset dueAt, AttemptFailure failure, bool counts, CancellationToken ct) =>
        ExecuteAsync(
            ct,
            (QueueSql.Lightly, []),
            (QueueSql.PutOff,
            [
                new() { Value = taken.Id }, new() { Value = taken.Fence }, new() { Value = dueAt.ToUniversalTime() }, new() { Value = Now },
                new() { Value = counts }, .. Told(failure),
            ]));

    public Task GiveUpAsync(WaitingMessage taken, AttemptFailure failure, bool stopsKey, CancellationToken ct) =>
        BuryAsync(taken, failure, stopsKey, isExpired: false, ct);

    public Task ExpireAsync(WaitingMessage taken, AttemptFailure failure, CancellationToken ct) =>
        BuryAsync(taken, failure, stopsKey: false, isExpired: true, ct);

    public async Task<string?> FinishAsync(HandledMarker marker, IReadOnlyList<OutgoingMessage> messages, CancellationToken ct)
    {
        try
        {
            await WriteAsync([marker], messages, ct);
            return null;
        }
        catch (PostgresException refused) when (PostgresFailures.ViolatedConstraint(refused)
            is HandledMarker.Constraint or HandledMarker.LostConstraint)
        {
            return refused.ConstraintName;
        }
    }

    public Task<int> ReceiveAsync(IReadOnlyList<OutgoingMessage> messages, CancellationToken ct) => WriteAsync([], messages, ct);

    public async Task<IReadOnlyDictionary<Guid, MessageFate>> FindAsync(IReadOnlyCollection<Guid> ids, CancellationToken ct)
    {
        await using var command = database.Command(QueueSql.Fates, new NpgsqlParameter { Value = ids.ToArray() });
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

    public Task<IReadOnlyList<Backlog>> BacklogAsync(int limit, CancellationToken ct) => new BacklogCount(database).ReadAsync(limit, ct);

    public Task<bool> ReplayAsync(Guid id, OperatorReason reason, CancellationToken ct) => DecideAsync(OperatorSql.Replay, id, reason, ct);

    public Task<bool> DiscardAsync(Guid id, OperatorReason reason, CancellationToken ct) =>
        DecideAsync(OperatorSql.Discard, id, reason, ct);

    public async Task<int> PruneAsync(TimeSpan age, int limit, CancellationToken ct)
    {
        await ExecuteAsync(ct, (OperatorSql.PruneKeys, [new() { Value = limit }]));
        await ExecuteAsync(ct, (OperatorSql.PruneAttempts, [new() { Value = age }, new() { Value = limit }]));
        await ExecuteAsync(ct, (OperatorSql.PruneExpired, [new() { Value = age }, new() { Value = limit }]));
        return await ExecuteAsync(ct, (OperatorSql.PruneHandled, [new() { Value = age }, new() { Value = limit }]));
    }

    private Task<int> BuryAsync(WaitingMessage taken, AttemptFailure failure, bool stopsKey, bool isExpired, CancellationToken ct) =>
        ExecuteAsync(
            ct,
            (CommitSql.UseIndexes, []),
            (QueueSql.LockKeyOf, [new() { Value = taken.Id }]),
            (QueueSql.Bury,
            [
                new() { Value = taken.Id }, new() { Value = taken.Fence }, new() { Value = Now }, new() { Value = stopsKey },
                .. Told(failure), new() { Value = isExpired },
            ]));

    /// <returns>How many messages were new.</returns>
    private async Task<int> WriteAsync(IReadOnlyList<HandledMarker> markers, IReadOnlyList<OutgoingMessage> messages, CancellationToken ct)
    {
        if (markers.Count + messages.Count == 0)
        {
            return 0;
        }

        await using var batch = database.CreateBatch();
        var enqueue = OutboxWriter.Write(Now, markers, messages, batch);
        if (messages.Count > 0)
        {
            batch.Add($"select pg_notify('{OutboxWriter.Channel}', '')");
        }

        await batch.ExecuteNonQueryAsync(ct);
        return (int)(enqueue?.RecordsAffected ?? 0);
    }

    private async Task<bool> DecideAsync(string sql, Guid id, OperatorReason reason, CancellationToken ct)
    {
        await using var batch = database.CreateBatch();
        batch.Add(QueueSql.LockKeyOf, new NpgsqlParameter { Value = id });
        batch.Add(sql, new() { Value = id }, new() { Value = reason.Actor }, new() { Value = reason.Reason }, new() { Value = Now });
        batch.Add($"select pg_notify('{OutboxWriter.Channel}', '')");
        await using var reader = await batch.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct) && reader.GetInt64(0) == 1;
    }

    private async Task<int> ExecuteAsync(CancellationToken ct, params (string Sql, NpgsqlParameter[] Parameters)[] statements)
    {
        await using var batch = database.CreateBatch();
        foreach (var (sql, parameters) in statements)
        {
            batch.Add(sql, parameters);
        }

        await batch.ExecuteNonQueryAsync(ct);
        return (int)batch.BatchCommands[^1].RecordsAffected;
    }

    private static WaitingMessage Read(NpgsqlDataReader reader) =>
        new(
            reader.GetGuid(0), reader.GetString(1), reader.GetString(2), reader.GetString(3), reader.GetInt32(4), Text(reader, 5),
            Text(reader, 6))
        {
            OrderingKey = Text(reader, 7),
            Fence = reader.GetInt64(8),
            Waited = reader.GetTimeSpan(9),
            ExpiresAt = reader.IsDBNull(10) ? null : reader.GetFieldValue<DateTimeOffset>(10),
        };

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    private static NpgsqlParameter[] Told(AttemptFailure failure) =>
    [
        new() { Value = failure.ErrorTypeKept },
        new() { Value = failure.ErrorKept },
        new() { Value = failure.Took },
        new() { Value = failure.Node },
        new() { Value = (object?)failure.TraceId ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
    ];
}
