using FiberLink.Postgres;
using FiberLink.Testing;
using Npgsql;

namespace FiberLink.Service.Tests.Scene;

/// <summary>Holds the log's head: whoever appends waits just before the events, until it is let go.</summary>
internal sealed class HeldHead : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;

    private HeldHead(NpgsqlConnection connection) => _connection = connection;

    public static async Task<HeldHead> OfAsync(TestDatabase database)
    {
        var held = new HeldHead(await database.DataSource.OpenConnectionAsync(Ct));
        await held._connection.BeginTransactionAsync(Ct);
        await using var hold = held._connection.Command("select position from event_store.log_head for update");
        await hold.ExecuteScalarAsync(Ct);
        return held;
    }

    // What was begun ends with its connection.
    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}
