using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.EventStore;

/// <summary>Frees the log's head from a writer that took it and then stood still, such as a process that was stopped.</summary>
/// <remarks>
/// A writer sends a group in one piece and the server commits it by itself, so this is for the case that the piece was cut off
/// in the middle. A session that is idle in a transaction ends by its own limit; one whose client stopped sending doesn't.
/// </remarks>
internal static class HeadGuard
{
    private const string EndStuckWriters =
        """
        select count(pg_terminate_backend(a.pid))
          from pg_stat_activity as a
          join pg_locks as l on l.pid = a.pid and l.granted
         where l.relation = 'event_store.log_head'::regclass and l.mode in ('RowShareLock', 'RowExclusiveLock')
           and a.pid <> pg_backend_pid() and a.usename = current_user and a.datname = current_database()
           and a.wait_event = 'ClientRead' and a.state_change < clock_timestamp() - interval '10 seconds'
        """;

    /// <returns>How many sessions were ended.</returns>
    public static async Task<long> EndStuckWritersAsync(NpgsqlDataSource database, CancellationToken ct)
    {
        await using var command = database.Command(EndStuckWriters);
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }
}
