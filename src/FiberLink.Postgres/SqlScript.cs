using System.Reflection;

namespace FiberLink.Postgres;

/// <summary>SQL lives in .sql files next to the code that runs it, and travels inside the assembly.</summary>
public static class SqlScript
{
    /// <summary>The text of an embedded script.</summary>
    /// <param name="assembly">The assembly that carries the script.</param>
    /// <param name="fileName">The file's name, with its folder when the name alone is not unique: <c>TipStatus/tip_status.sql</c>.</param>
    /// <exception cref="InvalidOperationException">No script, or more than one, ends with that name.</exception>
    public static string Read(Assembly assembly, string fileName)
    {
        // The compiler joins folders and file with dots, and the suffix must start at such a joint: "end.sql" is not "append.sql".
        var suffix = "." + fileName.Replace('/', '.');
        var names = assembly.GetManifestResourceNames().Where(n => n.EndsWith(suffix, StringComparison.Ordinal)).ToArray();

        if (names is not [var name])
        {
            throw new InvalidOperationException(
                $"{names.Length} scripts named {fileName} are embedded in {assembly.GetName().Name}; there must be one.");
        }

        using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
