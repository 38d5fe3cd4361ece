namespace FiberLink.Postgres;

/// <summary>What the private server may lose.</summary>
public enum Durability
{
    /// <summary>Nothing that was committed.</summary>
    Safe = 1,

    /// <summary>Everything, if the machine stops: no flushing to disk. For tests.</summary>
    Fast = 2,
}

/// <summary>Where and how the private server runs.</summary>
public sealed record PrivatePostgresOptions
{
    public const int DefaultPort = 54329;

    /// <summary>Gets <c>postgres</c> (the data, or a link to it), <c>run</c> (the socket) and <c>postgres.log</c>.</summary>
    public required string Directory { get; init; }

    /// <summary>Only a part of the socket's name; nothing listens on the network.</summary>
    public int Port { get; init; } = DefaultPort;

    /// <summary>Whether to throw away the data that is there.</summary>
    public bool Fresh { get; init; }

    public Durability Durability { get; init; } = Durability.Safe;

    /// <summary>Hears, in plain sentences, what takes long or is placed elsewhere.</summary>
    public IProgress<string>? Log { get; init; }
}

/// <summary>There are no usable PostgreSQL binaries; the message says how to get them.</summary>
public sealed class PostgresIsMissingException(string finding) : Exception(
    $"""
    {finding} FiberLink needs PostgreSQL {PostgresBinaries.OldestMajor} or newer. Install it, then run the same command again:
      Debian, Ubuntu:  sudo apt-get install -y --no-install-recommends postgresql
      Fedora:          sudo dnf install -y postgresql-server
      macOS:           brew install postgresql@17 && export PATH="$(brew --prefix postgresql@17)/bin:$PATH"
    Nothing has to be configured or started; only the binaries are used.
    """);

/// <summary>The private server could not be prepared, started or reached; the message says why.</summary>
public sealed class PrivatePostgresException(string message) : Exception(message);
