using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.EventStore;

/// <summary>What an error of the database says about the group that it ended.</summary>
internal static class AppendFailures
{
    private const string NotAsPresumed = "FL001";
    private const string ClaimIsTaken = "FL002";

    private static readonly HashSet<string> Presumed = new(StringComparer.Ordinal)
    {
        "pkey_mt_streams_tenant_id_id", "pk_mt_events_stream_and_version", "pkey_mt_events_seq_id", "pk_changes",
    };

    /// <summary>The log is not as the writer thought. Nothing was written; whoever looks first will see how it is.</summary>
    public static bool IsPresumption(PostgresException broken) =>
        broken.SqlState is NotAsPresumed or ClaimIsTaken
        || (broken.SqlState == SqlStates.UniqueViolation && broken.ConstraintName is { } name && Presumed.Contains(name));

    /// <summary>Undone by no fault of the group: the same again may succeed.</summary>
    public static bool IsLostRace(PostgresException broken) =>
        PostgresFailures.IsSerializationConflict(broken) || broken.SqlState == SqlStates.LockNotAvailable || IsPresumption(broken);

    /// <summary>The server answered, and what it answered is that nothing of the transaction is left.</summary>
    /// <remarks>An error ends a transaction before it commits. A session that is ended may have committed just before.</remarks>
    public static bool IsRolledBack(Exception failure) =>
        failure is PostgresException { InvariantSeverity: "ERROR" }
        or OperationCanceledException { InnerException: PostgresException { InvariantSeverity: "ERROR" } };

    /// <summary>The outcome that an error stands for when it ended a change that was alone; null when it is a fault.</summary>
    public static AppendResult? Refusal(Exception failure) =>
        failure is PostgresException
        {
            SqlState: SqlStates.UniqueViolation or SqlStates.CheckViolation,
            ConstraintName: { Length: > 0 } name,
        }
            ? new AppendResult.ConstraintBroken(name)
            : null;
}
