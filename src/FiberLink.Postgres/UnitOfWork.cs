using System.Data;
using Npgsql;

namespace FiberLink.Postgres;

/// <summary>One connection, one transaction, one commit. Whatever must stand or fall together is written on it.</summary>
public sealed class UnitOfWork : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlTransaction _transaction;

    private UnitOfWork(NpgsqlConnection connection, NpgsqlTransaction transaction)
    {
        _connection = connection;
        _transaction = transaction;
    }

    /// <summary>Takes a connection from the pool and opens a transaction on it.</summary>
    /// <exception cref="NpgsqlException">The server cannot be reached.</exception>
    public static Task<UnitOfWork> BeginAsync(NpgsqlDataSource database, CancellationToken ct) =>
        BeginAsync(database, IsolationLevel.ReadCommitted, ct);

    /// <inheritdoc cref="BeginAsync(NpgsqlDataSource, CancellationToken)"/>
    public static async Task<UnitOfWork> BeginAsync(NpgsqlDataSource database, IsolationLevel isolation, CancellationToken ct)
    {
        var connection = await database.OpenConnectionAsync(ct);
        try
        {
            return new UnitOfWork(connection, await connection.BeginTransactionAsync(isolation, ct));
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>One statement inside the transaction.</summary>
    public NpgsqlCommand Command(string sql, params NpgsqlParameter[] parameters)
    {
        var command = _connection.Command(sql, parameters);
        command.Transaction = _transaction;
        return command;
    }

    /// <summary>An empty batch inside the transaction; statements are added with <see cref="NpgsqlBatchExtensions.Add"/>.</summary>
    public NpgsqlBatch Batch() => new(_connection, _transaction);

    /// <summary>Makes everything written here durable. When it throws, whether the commit happened is unknown.</summary>
    public Task CommitAsync(CancellationToken ct) => _transaction.CommitAsync(ct);

    /// <summary>Rolls back unless <see cref="CommitAsync"/> was reached.</summary>
    public async ValueTask DisposeAsync()
    {
        await _transaction.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
