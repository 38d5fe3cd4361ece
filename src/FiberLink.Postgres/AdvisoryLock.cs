using System.Data;
using Npgsql;

namespace FiberLink.Postgres;

/// <summary>A lock by name, held by one session of one database, so that exactly one service node runs a watcher.</summary>
/// <remarks>
/// It says who should work, not who may write: a holder that lost its connection notices only when it asks. What it writes
/// must therefore be safe to write twice. One caller at a time; the connection is not shared between threads.
/// </remarks>
public sealed class AdvisoryLock : IAsyncDisposable
{
    private const int AnswerSecondsMax = 5;

    private readonly NpgsqlConnection _connection;
    private readonly long _key;

    private AdvisoryLock(NpgsqlConnection connection, string name, long key)
    {
        _connection = connection;
        _key = key;
        Name = name;
    }

    /// <summary>What is locked.</summary>
    public string Name { get; }

    /// <summary>Takes the lock if nobody holds it; does not wait. It occupies one connection of the pool until disposed.</summary>
    /// <returns>The lock, or null when another session holds it.</returns>
    /// <exception cref="NpgsqlException">The server cannot be reached.</exception>
    public static async Task<AdvisoryLock?> TryTakeAsync(NpgsqlDataSource database, string name, CancellationToken ct)
    {
        var key = AdvisoryKey.Of(name);
        var connection = await database.OpenConnectionAsync(ct);
        try
        {
            await using var command = connection.Command("select pg_try_advisory_lock($1)", new NpgsqlParameter { Value = key });

            // Without the token from here: a lock taken for a caller who has just left would stay in the pool.
            if (await command.ExecuteScalarAsync(CancellationToken.None) is true)
            {
                return new AdvisoryLock(connection, name, key);
            }
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }

        await connection.DisposeAsync();
        return null;
    }

    /// <summary>Whether the session that holds the lock is alive. False for good once it has been false.</summary>
    public async Task<bool> IsStillHeldAsync(CancellationToken ct)
    {
        if (_connection.State != ConnectionState.Open)
        {
            return false;
        }

        try
        {
            await using var command = _connection.Command("select 1");
            command.CommandTimeout = AnswerSecondsMax;
            await command.ExecuteScalarAsync(ct);
            return true;
        }
        catch (NpgsqlException)
        {
            // No answer counts as lost; closing makes that true for the server as well.
            await DisposeAsync();
            return false;
        }
    }

    /// <summary>Lets go. A lost connection has let go already.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_connection.State == ConnectionState.Open)
            {
                // The pool resets a session only when it is used again, so the lock is given back by hand.
                await using var command = _connection.Command("select pg_advisory_unlock($1)", new NpgsqlParameter { Value = _key });
                command.CommandTimeout = AnswerSecondsMax;
                await command.ExecuteNonQueryAsync();
            }
        }
        catch (NpgsqlException)
        {
            // The session is gone, and the lock with it. If the server only was slow, the pool must not keep the session.
            NpgsqlConnection.ClearPool(_connection);
        }
        finally
        {
            await _connection.DisposeAsync();
        }
    }
}
