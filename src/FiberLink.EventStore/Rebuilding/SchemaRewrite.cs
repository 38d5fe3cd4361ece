using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Npgsql;

namespace FiberLink.EventStore.Rebuilding;

/// <summary>Lets a read model's SQL work on tables of the same names in another schema. The one place where this is done.</summary>
/// <param name="from">The schema that the SQL names.</param>
/// <param name="to">The schema it is to work in.</param>
/// <param name="others">The database's other schemas, which the SQL must not name.</param>
internal sealed partial class SchemaRewrite(string from, string to, IReadOnlySet<string> others)
{
    // A projection has a handful of statements and runs them for each page.
    private readonly ConcurrentDictionary<string, string> _rewritten = new(StringComparer.Ordinal);

    /// <exception cref="NotRebuildableException">The SQL names a schema that is not the read model's.</exception>
    public string Rewrite(string sql) => _rewritten.GetOrAdd(sql, text => Token().Replace(text, Replace));

    /// <summary>Rewrites every statement of a batch from a place on.</summary>
    /// <exception cref="NotRebuildableException">A statement names a schema that is not the read model's.</exception>
    public void Rewrite(NpgsqlBatch batch, int first)
    {
        for (var i = first; i < batch.BatchCommands.Count; i++)
        {
            batch.BatchCommands[i].CommandText = Rewrite(batch.BatchCommands[i].CommandText);
        }
    }

    private string Replace(Match token)
    {
        // Without a name it is a comment or a text in quotes, where any word may stand.
        if (!token.Groups["name"].Success)
        {
            return token.Value;
        }

        var name = token.Groups["quoted"].Success ? token.Groups["name"].Value : Folded(token.Groups["name"].Value);
        return name == from ? $"{SqlName.Quote(to)}."
            : others.Contains(name) ? throw new NotRebuildableException($"its SQL names the schema {name}, and may only name {from}.")
            : token.Value;
    }

    // As the server folds a name without quotes.
#pragma warning disable CA1308
    private static string Folded(string name) => name.ToLowerInvariant();
#pragma warning restore CA1308

    // A comment, a text in quotes, or a name with a dot behind it that no dot stands before.
    [GeneratedRegex(
        """--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|(?<![\w$.])(?:(?<quoted>")(?<name>[^"]+)"|(?<name>[A-Za-z_][\w$]*))\s*\.""",
        RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex Token();
}

/// <summary>Names of tables, schemas and columns in SQL that is put together.</summary>
internal static class SqlName
{
    public static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    public static string Quote(string schema, string name) => $"{Quote(schema)}.{Quote(name)}";
}
