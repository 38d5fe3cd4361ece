using FiberLink.EventStore.Projections;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.EventStore.Tests;

/// <summary>Locks that a test holds to stop others at a certain line, until it lets go.</summary>
internal sealed class Gate : IAsyncDisposable
{
    private readonly UnitOfWork _work;

    private Gate(UnitOfWork work) => _work = work;

    /// <summary>Holds the log's head, so that whoever appends waits just before the events.</summary>
    public static Task<Gate> AtHeadAsync(NpgsqlDataSource database) =>
        AtAsync(database, "select position from event_store.log_head for update");

    /// <summary>Holds whatever the statement locks.</summary>
    public static async Task<Gate> AtAsync(NpgsqlDataSource database, string sql)
    {
        var work = await UnitOfWork.BeginAsync(database, CancellationToken.None);
        await using var command = work.Command(sql);
        await command.ExecuteNonQueryAsync();
        return new Gate(work);
    }

    /// <summary>Lets go, and leaves no trace.</summary>
    public ValueTask DisposeAsync() => _work.DisposeAsync();
}

/// <summary>A projection whose statement waits while a test holds the lock of its name.</summary>
internal sealed class WaitingProjection : IProjection
{
    public const string Hold = "select pg_advisory_xact_lock(4711)";

    public string Name => "Waiting";

    public void Project(IReadOnlyList<RecordedEvent> events, NpgsqlBatch batch) => batch.Add(Hold);
}
