using System.Data;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.EventStore.Daemon;

/// <summary>The session that holds a shard's lock and writes its pages.</summary>
/// <remarks>
/// The lock and the means to write are one and the same: whoever has lost the one, because the server ended the session or the
/// node was thought dead, has lost the other. A node that only was paused can therefore not write beside its successor.
/// One caller at a time. Needs a connection of its own to the server, not one that a proxy shares by transaction.
/// </remarks>
internal sealed class DaemonSession : IAsyncDisposable
{
    /// <summary>The first half of the locks by which nodes are seen; the second is the node's number.</summary>
    public const int NodesLock = 0x464C4E44;

    private const int AnswerSecondsMax = 5;

    private const string TryLock = "select pg_try_advisory_lock($1)";

    private const string Lock = "select pg_advisory_lock($1)";

    // So that the server notices within seconds when a node's machine is gone, and frees what it held.
    private const string Belong =
        """
        select pg_advisory_lock_shared($1, $2), set_config('tcp_keepalives_idle', '3', false),
               set_config('tcp_keepalives_interval', '1', false), set_config('tcp_keepalives_count', '3', false)
        """;

    private const string TryLocks = "select key from unnest($1::bigint[]) as key where pg_try_advisory_lock(key)";

    private const string Unlocks = "select pg_advisory_unlock(key) from unnest($1::bigint[]) as key";

    private const string UnlockAll = "select pg_advisory_unlock_all()";

    private readonly NpgsqlConnection _connection;

    private DaemonSession(NpgsqlConnection connection) => _connection = connection;

    /// <summary>False for good once the session is known to be gone, and every lock with it.</summary>
    public bool IsOpen => _connection.State == ConnectionState.Open;

    /// <summary>A session by which others see that the node is alive.</summary>
    public static async Task<DaemonSession> OfNodeAsync(NpgsqlDataSource database, int node, CancellationToken ct)
    {
        var session = new DaemonSession(await database.OpenConnectionAsync(ct));
        return await session.DoneAsync(s => s.AnswerAsync(Belong, [new() { Value = NodesLock }, new() { Value = node }], ct));
    }

    /// <summary>Takes the lock if nobody holds it; does not wait.</summary>
    /// <returns>Null when another session holds it.</returns>
    public static async Task<DaemonSession?> TryTakeAsync(NpgsqlDataSource database, long key, int node, CancellationToken ct)
    {
        var session = await OfNodeAsync(database, node, ct);
        var isTaken = false;
        await session.DoneAsync(async s => isTaken = await s.AnswerAsync(TryLock, [new() { Value = key }], ct) is true);
        if (isTaken)
        {
            return session;
        }

        await session.DisposeAsync();
        return null;
    }

    /// <summary>Waits for the lock, for a while that only the token ends.</summary>
    public static async Task<DaemonSession> TakeAsync(NpgsqlDataSource database, long key, CancellationToken ct)
    {
        var session = new DaemonSession(await database.OpenConnectionAsync(ct));
        return await session.DoneAsync(s => s.AnswerAsync(Lock, [new() { Value = key }], ct, secondsMax: 0));
    }

    /// <summary>An empty batch. Without a transaction begun, all its statements are one: one round trip, all or nothing.</summary>
    public NpgsqlBatch Batch() => new(_connection);

    /// <summary>Takes further locks for as long as <paramref name="act"/> runs.</summary>
    /// <returns>False when one of them is held by another session; then nothing was done.</returns>
    public async Task<bool> WithAllAsync(IReadOnlyList<long> keys, Func<Task> act, CancellationToken ct)
    {
        var taken = new List<long>();
        try
        {
            await using (var command = _connection.Command(TryLocks, new NpgsqlParameter { Value = keys.ToArray() }))
            await using (var reader = await command.ExecuteReaderAsync(ct))
            {
                while (await reader.ReadAsync(ct))
                {
                    taken.Add(reader.GetInt64(0));
                }
            }

            if (taken.Count == keys.Count)
            {
                await act();
            }

            return taken.Count == keys.Count;
        }
        finally
        {
            if (IsOpen && taken.Count > 0)
            {
                await AnswerAsync(Unlocks, [new() { Value = taken.ToArray() }], CancellationToken.None);
            }
        }
    }

    /// <summary>Lets go of every lock. A lost session has let go already.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (IsOpen)
            {
                // The pool resets a session only when it is used again, so the locks are given back by hand.
                await AnswerAsync(UnlockAll, [], CancellationToken.None);
            }
        }
        catch (NpgsqlException)
        {
            // The session is gone, and the locks with it. If the server only was slow, the pool must not keep the session.
            NpgsqlConnection.ClearPool(_connection);
        }
        finally
        {
            await _connection.DisposeAsync();
        }
    }

    private async Task<DaemonSession> DoneAsync(Func<DaemonSession, Task> act)
    {
        try
        {
            await act(this);
            return this;
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    private async Task<object?> AnswerAsync(
        string sql, NpgsqlParameter[] parameters, CancellationToken ct, int secondsMax = AnswerSecondsMax)
    {
        await using var command = _connection.Command(sql, parameters);
        command.CommandTimeout = secondsMax;
        return await command.ExecuteScalarAsync(ct);
    }
}
