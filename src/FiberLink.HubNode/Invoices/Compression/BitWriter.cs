namespace FiberLink.HubNode.Invoices.Compression;

/// <summary>Bits into bytes, the highest bit first, the last byte filled up with zeros.</summary>
internal sealed class BitWriter(int bytesExpected)
{
    private readonly List<byte> _bytes = new(bytesExpected);
    private int _current;
    private int _count;

    public void Write(bool bit)
    {
        _current = (_current << 1) | (bit ? 1 : 0);
        if (++_count == 8)
        {
            _bytes.Add((byte)_current);
            (_current, _count) = (0, 0);
        }
    }

    public byte[] ToArray() => _count == 0 ? [.. _bytes] : [.. _bytes, (byte)(_current << (8 - _count))];
}
