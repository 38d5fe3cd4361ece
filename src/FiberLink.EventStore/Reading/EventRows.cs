using System.Buffers;
using Npgsql;

namespace FiberLink.EventStore;

/// <summary>Turns the rows of one result into events, without a string in between and with what repeats made once.</summary>
/// <remarks>The columns are those of <see cref="ReadSql"/>, in its order. Values are taken as the bytes that came over the wire.</remarks>
internal sealed class EventRows(NpgsqlDataReader reader, EventCatalogue catalogue) : IDisposable
{
    private readonly MetadataColumns _metadata = new(reader, first: 6);
    private readonly RepeatedText _tenant = new();
    private readonly RepeatedText _key = new();
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(4_096);

    /// <summary>The column after those of the event.</summary>
    public const int NextColumn = 10;

    public RecordedEvent Event(StreamId stream)
    {
        var position = reader.GetInt64(0);
        var name = catalogue.NameOf(Bytes(3));
        return new(
            position,
            stream,
            reader.GetInt64(1),
            reader.GetGuid(2),
            name,
            catalogue.Read(name, Jsonb(4), position),
            reader.GetFieldValue<DateTimeOffset>(5),
            _metadata.Read());
    }

    /// <summary>An event with the stream that its row names.</summary>
    public RecordedEvent Event() => Event(new(_tenant.Of(Bytes(NextColumn)), _key.Of(Bytes(NextColumn + 1))));

    /// <summary>The JSON where an event has its body.</summary>
    public byte[] CopyOfBody() => Jsonb(4).ToArray();

    public void Dispose()
    {
        _metadata.Dispose();
        ArrayPool<byte>.Shared.Return(_buffer);
    }

    // Sent with a version before the text, which is 1.
    private ReadOnlySpan<byte> Jsonb(int column) => Bytes(column)[1..];

    private ReadOnlySpan<byte> Bytes(int column)
    {
        var length = (int)reader.GetBytes(column, 0, _buffer, 0, _buffer.Length);
        if (length == _buffer.Length)
        {
            length = (int)reader.GetBytes(column, 0, null, 0, 0);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = ArrayPool<byte>.Shared.Rent(length + 1);
            reader.GetBytes(column, 0, _buffer, 0, length);
        }

        return _buffer.AsSpan(0, length);
    }
}
