using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace FiberLink.Chain.Signing.Remote;

/// <summary>One line of JSON each way.</summary>
internal static class SignerLines
{
    private const byte LineEnd = (byte)'\n';
    private const int ChunkBytes = 16 * 1024;

    /// <summary>How many bytes a line of it has, without its end.</summary>
    public static int LengthOf<T>(T value, JsonTypeInfo<T> type) => JsonSerializer.SerializeToUtf8Bytes(value, type).Length;

    public static async Task WriteAsync<T>(Stream stream, T value, JsonTypeInfo<T> type, CancellationToken ct)
    {
        await stream.WriteAsync((byte[])[.. JsonSerializer.SerializeToUtf8Bytes(value, type), LineEnd], ct);
        await stream.FlushAsync(ct);
    }

    /// <summary>Reads up to the end of the line; null for one that is too long.</summary>
    /// <exception cref="IOException">The connection ended before.</exception>
    public static async Task<ReadOnlyMemory<byte>?> ReadAsync(Stream stream, int bytesMax, CancellationToken ct)
    {
        var line = new byte[Math.Min(ChunkBytes, bytesMax + 1)];
        var length = 0;
        while (await stream.ReadAsync(line.AsMemory(length), ct) is var read and > 0)
        {
            var end = line.AsSpan(length, read).IndexOf(LineEnd);
            if (end >= 0)
            {
                return line.AsMemory(0, length + end);
            }

            length += read;
            if (length > bytesMax)
            {
                return null;
            }

            if (length == line.Length)
            {
                Array.Resize(ref line, Math.Min(2 * line.Length, bytesMax + 1));
            }
        }

        throw new EndOfStreamException("The connection ended before the line did.");
    }

    /// <summary>Null for anything but what the type says.</summary>
    public static T? Parse<T>(ReadOnlySpan<byte> line, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(line, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
