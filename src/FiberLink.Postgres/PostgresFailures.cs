using System.Net.Sockets;
using Npgsql;

namespace FiberLink.Postgres;

/// <summary>What a failed statement means for the caller: try again, somebody else was first, or a fault.</summary>
public static class PostgresFailures
{
    /// <summary>Whether the same work, done again from the start, may succeed: a lost connection, a restart, a deadlock.</summary>
    /// <remarks>After a lost connection the outcome of a commit is unknown, so the repeated work must recognise itself.</remarks>
    public static bool IsTransient(Exception failure) => failure switch
    {
        PostgresException { SqlState: SqlStates.AdminShutdown or SqlStates.CrashShutdown } => true,
        NpgsqlException npgsql => npgsql.IsTransient || npgsql.InnerException is IOException or SocketException or TimeoutException,
        _ => false,
    };

    /// <summary>Whether a transaction lost a race with another and only has to run again.</summary>
    public static bool IsSerializationConflict(Exception failure) =>
        failure is PostgresException { SqlState: SqlStates.SerializationFailure or SqlStates.DeadlockDetected };

    /// <summary>The name of the constraint that refused the row, or null when the failure is of another kind.</summary>
    public static string? ViolatedConstraint(Exception failure) => failure is PostgresException
    {
        SqlState: SqlStates.UniqueViolation or SqlStates.CheckViolation or SqlStates.ForeignKeyViolation
            or SqlStates.ExclusionViolation or SqlStates.NotNullViolation,
    } refused
        ? refused.ConstraintName ?? refused.ColumnName
        : null;

    /// <summary>Whether exactly the named constraint refused the row.</summary>
    public static bool IsViolationOf(Exception failure, string constraint) =>
        string.Equals(ViolatedConstraint(failure), constraint, StringComparison.Ordinal);
}
