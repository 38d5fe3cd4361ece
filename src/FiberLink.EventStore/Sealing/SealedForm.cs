using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using FiberLink.Crypto.Sealing;

namespace FiberLink.EventStore.Sealing;

/// <summary>
/// The canonical form (RFC 8785) of an event with everything that the log says of it but its position, which is its place in the tree.
/// </summary>
/// <remarks>
/// One JSON object; names of what there is none of are left out: at, by, causation, correlation, data, dotnet_type, headers, id, leaf (the
/// form's own version, 1), stream, tenant, type, version. The version sorts last, so that all else is written before it is known.
/// </remarks>
internal readonly struct SealedForm
{
    private const string Time = "yyyy-MM-ddTHH:mm:ss.ffffffZ";
    private const int Room = 512;
    private const int VersionLengthMax = 24;

    private readonly byte[] _start;

    private SealedForm(byte[] start) => _start = start;

    /// <summary>The form of an event that is about to be stored.</summary>
    /// <exception cref="FormatException">The body has no canonical form.</exception>
    public static SealedForm Of(StreamId stream, Guid id, StoredEvent stored, DateTimeOffset at, EventMetadata metadata) =>
        Of(
            new()
            {
                Stream = stream,
                Id = id,
                Type = stored.Name,
                DotnetType = stored.DotnetType,
                Data = stored.Body,
                At = at,
                Correlation = metadata.CorrelationId,
                Causation = metadata.CausationId,
                By = metadata.Actor,
                Headers = metadata.TraceParent is null ? null : AppendSql.Headers(metadata),
            });

    /// <summary>The form of what is stored.</summary>
    /// <inheritdoc cref="Of(StreamId, Guid, StoredEvent, DateTimeOffset, EventMetadata)"/>
    public static SealedForm Of(in SealedFields fields)
    {
        using var output = new CanonicalBuffer(Room + fields.Data.Length);
        output.Write("{\"at\":\""u8);
        Ascii(output, fields.At.UtcDateTime.ToString(Time, System.Globalization.CultureInfo.InvariantCulture));
        output.Write("\","u8);
        Text(output, "\"by\":"u8, fields.By);
        Text(output, "\"causation\":"u8, fields.Causation);
        Text(output, "\"correlation\":"u8, fields.Correlation);
        output.Write("\"data\":"u8);
        CanonicalJson.WriteExact(output, fields.Data.Span);
        output.Write(","u8);
        Text(output, "\"dotnet_type\":"u8, fields.DotnetType);
        if (fields.Headers is { } headers)
        {
            output.Write("\"headers\":"u8);
            CanonicalJson.WriteExact(output, headers);
            output.Write(","u8);
        }

        output.Write("\"id\":\""u8);
        fields.Id.TryFormat(output.GetSpan(36), out var length);
        output.Advance(length);
        output.Write("\",\"leaf\":1,"u8);
        Text(output, "\"stream\":"u8, fields.Stream.Key);
        Text(output, "\"tenant\":"u8, fields.Stream.Tenant);
        Text(output, "\"type\":"u8, fields.Type);
        output.Write("\"version\":"u8);
        return new(output.WrittenSpan.ToArray());
    }

    /// <summary>The entry: SHA-256 over the form, 32 bytes.</summary>
    public byte[] Hash(long version)
    {
        var length = _start.Length + VersionLengthMax;
        var rented = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            return SHA256.HashData(rented.AsSpan(0, Write(version, rented)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>The form itself: UTF-8.</summary>
    public byte[] Bytes(long version)
    {
        var bytes = new byte[_start.Length + VersionLengthMax];
        return bytes[..Write(version, bytes)];
    }

    private int Write(long version, Span<byte> to)
    {
        _start.CopyTo(to);
        Utf8Formatter.TryFormat(version, to[_start.Length..], out var digits);
        to[_start.Length + digits] = (byte)'}';
        return _start.Length + digits + 1;
    }

    private static void Text(CanonicalBuffer output, ReadOnlySpan<byte> name, string? text)
    {
        if (text is null)
        {
            return;
        }

        output.Write(name);
        CanonicalJson.WriteText(output, text);
        output.Write(","u8);
    }

    private static void Ascii(CanonicalBuffer output, string text) =>
        output.Advance(Encoding.ASCII.GetBytes(text, output.GetSpan(text.Length)));
}

/// <summary>What an event is sealed by.</summary>
internal readonly record struct SealedFields
{
    public required StreamId Stream { get; init; }

    public required Guid Id { get; init; }

    public required string Type { get; init; }

    public required string? DotnetType { get; init; }

    /// <summary>JSON in UTF-8.</summary>
    public required ReadOnlyMemory<byte> Data { get; init; }

    public required DateTimeOffset At { get; init; }

    public required string? Correlation { get; init; }

    public required string? Causation { get; init; }

    public required string? By { get; init; }

    /// <summary>JSON in UTF-8.</summary>
    public required byte[]? Headers { get; init; }
}
