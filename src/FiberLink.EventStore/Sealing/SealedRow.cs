using FiberLink.Crypto;
using Npgsql;

namespace FiberLink.EventStore.Sealing;

/// <summary>A row of the log with everything that it is sealed by.</summary>
/// <param name="Position">Its place in the log, from 1.</param>
/// <param name="Version">Its place in its stream, from 1.</param>
/// <param name="Fields">All else that it is sealed by.</param>
/// <param name="StoredHash">The hash that is stored with it; null when an earlier version of the program wrote it.</param>
internal readonly record struct SealedRow(long Position, long Version, SealedFields Fields, byte[]? StoredHash)
{
    /// <summary>The rows behind <c>$1</c>, at most <c>$2</c>.</summary>
    public const string After = $"{Select} where seq_id > $1 order by seq_id limit $2";

    /// <summary>The rows at <c>$1</c>.</summary>
    public const string At = $"{Select} where seq_id = $1";

    /// <summary>The rows of community <c>$3</c> behind <c>$1</c>, up to <c>$2</c>.</summary>
    public const string OfTenant = $"{Select} where seq_id > $1 and seq_id <= $2 and tenant_id = $3 order by seq_id";

    /// <summary>The rows at any of <c>$1</c>.</summary>
    public const string AtAny = $"{Select} where seq_id = any($1) order by seq_id";

    private const string Select =
        """
        select seq_id, version, tenant_id, stream_id, id, type, mt_dotnet_type, data, timestamp, correlation_id, causation_id, user_name,
               headers, entry_hash, bdata is not null
          from event_store.mt_events
        """;

    /// <exception cref="LogNotWholeException">The row is not one that the log can have.</exception>
    public static SealedRow Read(NpgsqlDataReader reader)
    {
        var position = reader.GetInt64(0);
        try
        {
            return reader.GetBoolean(14)
                ? throw new LogNotWholeException(position, "it has a body of bytes, which is never written")
                : new(
                    position,
                    reader.GetInt64(1),
                    new()
                    {
                        Stream = new(reader.GetString(2), reader.GetString(3)),
                        Id = reader.GetGuid(4),
                        Type = reader.GetString(5),
                        DotnetType = Text(reader, 6),
                        Data = reader.GetFieldValue<byte[]>(7),
                        At = reader.GetFieldValue<DateTimeOffset>(8),
                        Correlation = Text(reader, 9),
                        Causation = Text(reader, 10),
                        By = Text(reader, 11),
                        Headers = reader.IsDBNull(12) ? null : reader.GetFieldValue<byte[]>(12),
                    },
                    reader.IsDBNull(13) ? null : reader.GetFieldValue<byte[]>(13));
        }
        catch (InvalidCastException odd)
        {
            throw new LogNotWholeException(position, $"a column has no value that can be read: {odd.Message}");
        }
    }

    /// <summary>The canonical form.</summary>
    /// <exception cref="LogNotWholeException">It has none, so this is not what was appended.</exception>
    public SealedForm Form()
    {
        try
        {
            return SealedForm.Of(Fields);
        }
        catch (FormatException formless)
        {
            throw new LogNotWholeException(Position, $"it cannot be sealed: {formless.Message}");
        }
    }

    /// <summary>The entry that the row gives, which is also the one that is stored with it.</summary>
    /// <exception cref="LogNotWholeException">Another one is stored: the event was changed after it was appended.</exception>
    public Bytes32 Entry()
    {
        var entry = Form().Hash(Version);
        return StoredHash is { } stored && !stored.AsSpan().SequenceEqual(entry)
            ? throw new LogNotWholeException(Position, "the event is not the one that was appended: its hash is another")
            : Bytes32.From(entry);
    }

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}

/// <summary>The log is not what it was, or what is said of it is wrong. Nothing can be sealed, proved or signed on it.</summary>
/// <param name="position">The event; null when it is about the tree.</param>
/// <param name="finding">What is wrong, in words that follow on "position 7: ".</param>
public sealed class LogNotWholeException(long? position, string finding)
    : Exception(position is { } at ? FormattableString.Invariant($"Position {at}: {finding}.") : finding)
{
    /// <summary>The event; null when it is about the tree.</summary>
    public long? Position => position;

    /// <summary>What is wrong with it.</summary>
    public string Finding => finding;
}
