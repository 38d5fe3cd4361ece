using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.EventStore;

/// <summary>Removes claims that have ended: they hold nothing any more, and what they were made of should not outlast its use.</summary>
/// <param name="database">Where the log is.</param>
/// <param name="time">Must not be an hour behind the clock of anybody who claims.</param>
public sealed class EndedClaims(NpgsqlDataSource database, TimeProvider time)
{
    /// <summary>How many are removed at once at most.</summary>
    public const int PruneRowsMax = 1_000;

    // One that somebody is just taking over is left to them: nobody waits for this.
    private const string Prune =
        """
        delete from event_store.claims where (tenant_id, scope, key) in (
            select tenant_id, scope, key from event_store.claims where until < $1 order by until limit $2 for update skip locked)
        """;

    /// <summary>How long they stay after their end.</summary>
    public static TimeSpan KeptFor { get; } = TimeSpan.FromHours(1);

    /// <returns>How many were removed.</returns>
    /// <exception cref="NpgsqlException">The database is away, or cannot be written to.</exception>
    public async Task<int> PruneAsync(CancellationToken ct)
    {
        await using var command = database.Command(Prune, new() { Value = time.GetUtcNow() - KeptFor }, new() { Value = PruneRowsMax });
        return await command.ExecuteNonQueryAsync(ct);
    }
}
