using System.Globalization;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.EventStore;

/// <summary>Which position the log was at when.</summary>
public sealed class LogTimes(NpgsqlDataSource database)
{
    private const string TimeOf = "select timestamp from event_store.mt_events where seq_id = $1";
    private const string Head = "select position from event_store.log_head";

    /// <summary>The time that an event carries; null when there is no such position.</summary>
    public async Task<DateTimeOffset?> TimeOfAsync(long position, CancellationToken ct)
    {
        await using var command = database.Command(TimeOf, new NpgsqlParameter { Value = position });
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct) ? reader.GetFieldValue<DateTimeOffset>(0) : null;
    }

    /// <summary>
    /// The last position at a time: the event there carries no later one, and the next event does. 0 is before the first.
    /// </summary>
    /// <remarks>
    /// Times are the clocks of those who gave the commands, so those of neighbours may stand the other way round; where they do, the
    /// position is one of those at which the time is passed. The same log answers the same each time, in some twenty look-ups.
    /// </remarks>
    public async Task<long> PositionAtAsync(DateTimeOffset at, CancellationToken ct)
    {
        await using var command = database.Command(Head);
        var (before, after) = (0L, Convert.ToInt64(await command.ExecuteScalarAsync(ct), CultureInfo.InvariantCulture) + 1);
        while (after - before > 1)
        {
            var middle = before + ((after - before) / 2);
            if (await TimeOfAsync(middle, ct) <= at)
            {
                before = middle;
            }
            else
            {
                after = middle;
            }
        }

        return before;
    }
}
