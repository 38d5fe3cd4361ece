using Npgsql;

namespace FiberLink.Postgres;

/// <summary>Connection strings as people write them.</summary>
public static class ConnectionText
{
    /// <summary>
    /// Turns a <c>postgresql://user:password@host:port/database?key=value</c> URI, as psql takes it, or an Npgsql connection
    /// string into an Npgsql connection string. A unix socket is the <c>host</c> key of the query, as libpq has it.
    /// </summary>
    /// <exception cref="FormatException">It is neither; the message does not repeat the text, which may hold a password.</exception>
    public static string Parse(string text)
    {
        try
        {
            return text.StartsWith("postgresql://", StringComparison.Ordinal) || text.StartsWith("postgres://", StringComparison.Ordinal)
                ? FromUri(text)
                : Check(new NpgsqlConnectionStringBuilder(text));
        }
        catch (Exception broken) when (broken is ArgumentException or UriFormatException or FormatException or KeyNotFoundException)
        {
            throw new FormatException("the text cannot be read as a PostgreSQL connection", broken);
        }
    }

    private static string FromUri(string text)
    {
        // libpq allows an empty host before the path, which System.Uri does not.
        var uri = new Uri(text.Replace("@/", "@socket/", StringComparison.Ordinal).Replace(":///", "://socket/", StringComparison.Ordinal));
        var builder = new NpgsqlConnectionStringBuilder
        {
            Host = uri.Host == "socket" ? null : uri.Host,
            Database = Uri.UnescapeDataString(uri.AbsolutePath.TrimStart('/')),
        };
        if (uri.Port > 0)
        {
            builder.Port = uri.Port;
        }

        var user = uri.UserInfo.Split(':', 2);
        if (user[0].Length > 0)
        {
            builder.Username = Uri.UnescapeDataString(user[0]);
        }

        if (user.Length == 2)
        {
            builder.Password = Uri.UnescapeDataString(user[1]);
        }

        foreach (var pair in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (key, value) = pair.Split('=', 2) is [var k, var v] ? (k, Uri.UnescapeDataString(v)) : (pair, "");
            builder[key switch { "dbname" => "Database", "user" => "Username", "sslmode" => "SSL Mode", _ => key }] =
                key == "sslmode" ? value.Replace("-", "", StringComparison.Ordinal) : value;
        }

        return Check(builder);
    }

    private static string Check(NpgsqlConnectionStringBuilder builder) =>
        builder.Host is { Length: > 0 } ? builder.ConnectionString : throw new FormatException("no host is named");
}
