using System.Buffers;

namespace FiberLink.Crypto.Sealing;

/// <summary>Bytes that are written behind each other, in memory that is borrowed.</summary>
public sealed class CanonicalBuffer(int room) : IBufferWriter<byte>, IDisposable
{
    private const int LeastRoom = 256;

    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(Math.Max(LeastRoom, room));

    /// <summary>How many bytes are written.</summary>
    public int WrittenCount { get; private set; }

    public ReadOnlySpan<byte> WrittenSpan => _bytes.AsSpan(0, WrittenCount);

    /// <summary>Forgets what is behind the first bytes.</summary>
    public void ResetTo(int count) => WrittenCount = Math.Min(count, WrittenCount);

    public void Advance(int count) => WrittenCount += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Grow(Math.Max(1, sizeHint));
        return _bytes.AsMemory(WrittenCount);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Grow(Math.Max(1, sizeHint));
        return _bytes.AsSpan(WrittenCount);
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
        WrittenCount = 0;
    }

    private void Grow(int by)
    {
        if (_bytes.Length - WrittenCount >= by)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(2 * _bytes.Length, WrittenCount + by));
        WrittenSpan.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }
}
