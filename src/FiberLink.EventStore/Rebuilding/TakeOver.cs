using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.EventStore.Rebuilding;

/// <summary>Puts a generation in the live tables' place, in one transaction.</summary>
/// <remarks>
/// The live position is held first, so that neither an append nor the daemon comes between; then the last events are shown; then
/// the live tables are locked, for as long as it takes to change a few rows of the catalogue. Who holds the position waits for
/// tables no longer than a moment, and gives both back when somebody reads for longer: nobody queues behind a rebuild.
/// </remarks>
internal sealed class TakeOver(
    NpgsqlDataSource database, Generation generation, GenerationBuild build, RebuildReport report, TimeProvider time)
{
    private static readonly TimeSpan LockWaitMin = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LockWaitMax = TimeSpan.FromMilliseconds(500);

    // Four times as long as it waited: others have four fifths of the time to themselves.
    private const int PauseFactor = 4;

    // Should this process stall with the log's head in its hands.
    private const string Bounds =
        """
        select set_config('lock_timeout', $1, true), set_config('idle_in_transaction_session_timeout', '10s', true),
               set_config('search_path', '', true)
        """;

    // Those who will not let go in a moment; it is not worth stopping the appends for them.
    private const string Holders =
        """
        select distinct format('process %s (%s)', who.pid, coalesce(nullif(who.application_name, ''), who.backend_type))
          from pg_locks as held
          join pg_stat_activity as who on who.pid = held.pid
         where held.granted and held.relation in (select to_regclass(name) from unnest($1::text[]) as name)
           and held.database = (select oid from pg_database where datname = current_database())
           and who.pid <> pg_backend_pid() and who.xact_start < clock_timestamp() - interval '250 milliseconds'
         limit 3
        """;

    private IEnumerable<string> LiveTables => generation.Tables.Names.Select(generation.Live);

    /// <summary>Tries until it is done or patience ends.</summary>
    /// <returns>The position that is shown from now on; or who held the tables at last.</returns>
    public async Task<(long? Position, string HeldBy)> RunAsync(TimeSpan patience, CancellationToken ct)
    {
        var started = time.GetTimestamp();
        var wait = LockWaitMin;
        while (true)
        {
            var heldBy = await HoldersAsync(ct);
            if (heldBy.Length == 0 && await TryAsync(wait, ct) is { } position)
            {
                return (position, "");
            }

            if (time.GetElapsedTime(started) >= patience)
            {
                return (null, heldBy.Length == 0 ? "readers who come and go" : heldBy);
            }

            await Task.Delay(wait * PauseFactor, time, ct);
            wait = heldBy.Length > 0 ? wait : wait * 2 < LockWaitMax ? wait * 2 : LockWaitMax;
            await build.ToHeadAsync(ct);
        }
    }

    private async Task<string> HoldersAsync(CancellationToken ct)
    {
        await using var command = database.Command(Holders, new NpgsqlParameter { Value = LiveTables.ToArray() });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var holders = new List<string>();
        while (await reader.ReadAsync(ct))
        {
            holders.Add(reader.GetString(0));
        }

        return string.Join(", ", holders);
    }

    private async Task<long?> TryAsync(TimeSpan lockWait, CancellationToken ct)
    {
        var before = generation.Positions.ToArray();
        try
        {
            await using var work = await UnitOfWork.BeginAsync(database, ct);
            await HoldAsync(work, lockWait, ct);
            var target = (await LivePosition.ReadAsync(work, generation.Model, ct)).Head;
            report.Say(RebuildStep.TakingOver, generation.Position, target);
            await GenerationBook.AdoptSkipsAsync(work, generation, ct);
            await build.WithinAsync(work, target, _ => true, ct);
            await CarriedOver.PrivilegesAsync(work, generation, ct);
            await using (var tables = work.Command($"lock table {string.Join(", ", LiveTables)} in access exclusive mode"))
            {
                await tables.ExecuteNonQueryAsync(ct);
            }

            await CarriedOver.ColumnsAsync(work, generation, ct);
            await SwapAsync(work, ct);
            return generation.Position;
        }
        catch (Exception again) when (IsForAnotherTry(again))
        {
            before.CopyTo(generation.Positions, 0);
            return null;
        }
    }

    private async Task HoldAsync(UnitOfWork work, TimeSpan lockWait, CancellationToken ct)
    {
        await using var batch = work.Batch();
        batch.Add(Bounds, new NpgsqlParameter { Value = $"{(int)lockWait.TotalMilliseconds}ms" });
        LivePosition.AddHold(batch, generation.Model);
        await batch.ExecuteNonQueryAsync(ct);
    }

    private async Task SwapAsync(UnitOfWork work, CancellationToken ct)
    {
        await using var batch = work.Batch();
        batch.Add($"drop table {string.Join(", ", LiveTables)}");
        foreach (var table in generation.Tables.Names)
        {
            batch.Add($"alter table {generation.Next(table)} set schema {SqlName.Quote(generation.Tables.Schema)}");
        }

        batch.Add($"drop schema {SqlName.Quote(generation.Schema)}");
        LivePosition.AddJump(batch, generation.Model, generation.Position);
        GenerationBook.AddEndShards(batch, generation.Projection, generation.Number);
        var told = GenerationBook.AddLive(batch, generation.Projection, generation.Number);
        await batch.ExecuteNonQueryAsync(ct);
        if (told.RecordsAffected != 1)
        {
            throw new GenerationMovedException(generation.Projection, generation.Number);
        }

        // Past this line the outcome is the database's to tell.
        await work.CommitAsync(CancellationToken.None);
    }

    // A lock that was not to be had; or an event that cannot be shown, which the next catching up finds and names.
    private static bool IsForAnotherTry(Exception broken) =>
        broken is PostgresException { SqlState: SqlStates.LockNotAvailable }
        || PostgresFailures.IsSerializationConflict(broken)
        || (broken is not PostgresException { SqlState: SqlStates.DependentObjectsStillExist }
            && ProjectionStatements.IsAboutTheEvents(broken));
}
