namespace FiberLink.Postgres;

/// <summary>The five-character codes of PostgreSQL that this system reacts to; everything else is a fault.</summary>
public static class SqlStates
{
    public const string NotNullViolation = "23502";
    public const string ForeignKeyViolation = "23503";
    public const string UniqueViolation = "23505";
    public const string CheckViolation = "23514";
    public const string ExclusionViolation = "23P01";
    public const string SerializationFailure = "40001";
    public const string DeadlockDetected = "40P01";
    public const string DuplicateDatabase = "42P04";
    public const string UndefinedTable = "42P01";
    public const string ObjectInUse = "55006";
    public const string LockNotAvailable = "55P03";
    public const string QueryCanceled = "57014";
    public const string AdminShutdown = "57P01";
    public const string CrashShutdown = "57P02";
    public const string CannotConnectNow = "57P03";
    public const string InvalidCatalogName = "3D000";
    public const string InvalidSchemaName = "3F000";
    public const string DependentObjectsStillExist = "2BP01";
}
