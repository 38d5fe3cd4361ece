using Npgsql;

namespace FiberLink.Postgres;

/// <summary>
/// The single gate through which SQL text reaches the server. Callers pass text that is a constant or an embedded script;
/// values go in as parameters, <c>$1</c> first.
/// </summary>
public static class NpgsqlBatchExtensions
{
    /// <summary>Adds one statement to the batch; all statements of a batch travel in one round trip.</summary>
    /// <returns>The statement, so that its row count can be read after the batch has run.</returns>
    public static NpgsqlBatchCommand Add(this NpgsqlBatch batch, string sql, params NpgsqlParameter[] parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.AddRange(parameters);
        batch.BatchCommands.Add(command);
        return command;
    }

    /// <summary>One statement on an open connection.</summary>
    public static NpgsqlCommand Command(this NpgsqlConnection connection, string sql, params NpgsqlParameter[] parameters) =>
        Written(connection.CreateCommand(), sql, parameters);

    /// <summary>One statement on a connection of its own, taken from the pool while it runs.</summary>
    public static NpgsqlCommand Command(this NpgsqlDataSource database, string sql, params NpgsqlParameter[] parameters) =>
        Written(database.CreateCommand(), sql, parameters);

    private static NpgsqlCommand Written(NpgsqlCommand command, string sql, NpgsqlParameter[] parameters)
    {
#pragma warning disable CA2100 // The gate described above.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.Parameters.AddRange(parameters);
        return command;
    }
}
