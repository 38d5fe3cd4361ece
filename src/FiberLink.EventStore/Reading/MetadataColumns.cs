using System.Buffers;
using System.Text;
using System.Text.Json;
using Npgsql;

namespace FiberLink.EventStore;

/// <summary>Reads an event's metadata. Events of one change have the same, and share it.</summary>
internal sealed class MetadataColumns(NpgsqlDataReader reader, int first) : IDisposable
{
    private const int Columns = 4;
    private const int Missing = -1;

    private readonly int[] _lengths = [Missing, Missing, Missing, Missing];
    private readonly int[] _lastLengths = [Missing, Missing, Missing, Missing];
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(1_024);
    private byte[] _lastBytes = ArrayPool<byte>.Shared.Rent(1_024);
    private EventMetadata _last = EventMetadata.None;

    public EventMetadata Read()
    {
        var length = 0;
        for (var i = 0; i < Columns; i++)
        {
            _lengths[i] = reader.IsDBNull(first + i) ? Missing : ReadColumn(first + i, length);
            length += Math.Max(_lengths[i], 0);
        }

        if (!_lengths.AsSpan().SequenceEqual(_lastLengths) || !_bytes.AsSpan(0, length).SequenceEqual(_lastBytes.AsSpan(0, length)))
        {
            _last = Metadata();
            _lengths.CopyTo(_lastLengths, 0);
            (_bytes, _lastBytes) = (_lastBytes, _bytes);
        }

        return _last;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        ArrayPool<byte>.Shared.Return(_lastBytes);
    }

    private int ReadColumn(int column, int at)
    {
        var length = (int)reader.GetBytes(column, 0, _bytes, at, _bytes.Length - at);
        if (length < _bytes.Length - at)
        {
            return length;
        }

        length = (int)reader.GetBytes(column, 0, null, 0, 0);
        var longer = ArrayPool<byte>.Shared.Rent(at + length + 1);
        _bytes.AsSpan(0, at).CopyTo(longer);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = longer;
        reader.GetBytes(column, 0, _bytes, at, length);
        return length;
    }

    private EventMetadata Metadata()
    {
        var at = 0;
        var correlation = Text(0, ref at);
        var causation = Text(1, ref at);
        var actor = Text(2, ref at);
        return _lengths[3] == Missing
            ? new(correlation, causation, actor, null)
            : new(correlation, causation, actor, TraceParent(_bytes.AsSpan(at + 1, _lengths[3] - 1)));
    }

    private string? Text(int column, ref int at)
    {
        var length = _lengths[column];
        if (length == Missing)
        {
            return null;
        }

        at += length;
        return Encoding.UTF8.GetString(_bytes, at - length, length);
    }

    private static string? TraceParent(ReadOnlySpan<byte> headers)
    {
        // As the database writes a document of this one header.
        var start = "{\"traceparent\": \""u8;
        var end = "\"}"u8;
        if (headers.StartsWith(start) && headers.EndsWith(end))
        {
            var value = headers[start.Length..^end.Length];
            if (value.IndexOfAny((byte)'"', (byte)'\\') < 0)
            {
                return Encoding.UTF8.GetString(value);
            }
        }

        var json = new Utf8JsonReader(headers);
        using var parsed = JsonDocument.ParseValue(ref json);
        return parsed.RootElement is { ValueKind: JsonValueKind.Object } all
            && all.TryGetProperty(ReadSql.TraceParentHeader, out var header)
            && header.ValueKind == JsonValueKind.String
                ? header.GetString()
                : null;
    }
}
