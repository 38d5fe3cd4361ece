using System.Security.Cryptography;
using System.Text;

namespace FiberLink.Postgres;

/// <summary>One step from an empty database to the present one. Once released, its text never changes.</summary>
/// <param name="Id">Unique, at most <see cref="IdLengthMax"/> characters; migrations are applied in the ordinal order of their ids.</param>
/// <param name="Sql">One or more statements that may run inside a transaction.</param>
public sealed record Migration(string Id, string Sql)
{
    public const int IdLengthMax = 200;

    /// <summary>SHA-256 of the text in lower-case hex, the same whichever line endings the checkout has.</summary>
    public string Checksum => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Sql.ReplaceLineEndings("\n"))));
}

/// <summary>How the database differs from what the program expects.</summary>
/// <param name="Missing">Expected, not applied.</param>
/// <param name="Changed">Applied with another text.</param>
/// <param name="Unknown">Applied, but not in the program's list: the database is newer than the program.</param>
public sealed record SchemaDifference(IReadOnlyList<string> Missing, IReadOnlyList<string> Changed, IReadOnlyList<string> Unknown)
{
    /// <summary>Whether everything expected is there, unchanged. Unknown migrations do no harm: the next version may be starting.</summary>
    public bool IsCurrent => Missing.Count == 0 && Changed.Count == 0;

    public override string ToString() =>
        $"missing: {List(Missing)}; changed: {List(Changed)}; unknown: {List(Unknown)}";

    private static string List(IReadOnlyList<string> ids) => ids.Count == 0 ? "none" : string.Join(", ", ids);
}

/// <summary>A migration could not be applied; the ones before it were, and stay.</summary>
public sealed class MigrationException(string id, string reason, Exception? cause = null)
    : Exception($"Migration {id}: {reason}", cause)
{
    /// <summary>The migration at fault.</summary>
    public string MigrationId { get; } = id;
}
