namespace FiberLink.HubNode.Invoices.Compression;

/// <summary>What came of unpacking.</summary>
internal enum Unpacking
{
    Done = 1,

    /// <summary>The bits ran out before the end was found.</summary>
    RanOut = 2,

    /// <summary>There is more than was to be unpacked at most.</summary>
    TooLong = 3,
}

/// <summary>
/// The code that packs an invoice's data: arithmetic coding in 48 bits over bytes and an end mark, each as likely as it has been common so
/// far. Bit for bit that of the node, as the signature is over the packed bytes.
/// </summary>
internal static class AdaptiveCode
{
    public static byte[] Pack(ReadOnlySpan<byte> data)
    {
        var encoder = new Encoder(data.Length + 16);
        foreach (var value in data)
        {
            encoder.Write(value);
        }

        return encoder.Finish();
    }

    /// <summary>Reads until the end mark; what may follow is not looked at.</summary>
    /// <param name="packed">The bytes that <see cref="Pack"/> gave.</param>
    /// <param name="lengthMax">How many bytes to unpack at most: a few bytes can stand for very many.</param>
    /// <param name="data">Empty unless it is <see cref="Unpacking.Done"/>.</param>
    public static Unpacking TryUnpack(ReadOnlySpan<byte> packed, int lengthMax, out byte[] data)
    {
        data = [];
        var bits = new BitReader(packed);
        var counts = new SymbolCounts();
        var range = CodeRange.Full;
        var point = 0UL;
        for (var i = 0; i < CodeRange.Bits; i++)
        {
            point = (point << 1) | bits.Next();
        }

        var unpacked = new List<byte>(Math.Min(lengthMax, 4 * packed.Length));
        while (!bits.HasRunOut)
        {
            var (symbol, below, count) = counts.Find(range, point);
            if (symbol == SymbolCounts.End)
            {
                data = [.. unpacked];
                return Unpacking.Done;
            }

            if (unpacked.Count == lengthMax)
            {
                return Unpacking.TooLong;
            }

            unpacked.Add((byte)symbol);
            range = range.Narrowed(below, below + count, counts.Total);
            counts.Count(symbol);
            Shift(ref range, ref point, ref bits);
        }

        return Unpacking.RanOut;
    }

    private static void Shift(ref CodeRange range, ref ulong point, ref BitReader bits)
    {
        while (range.IsInOneHalf)
        {
            var start = range.High < CodeRange.Half ? 0 : CodeRange.Half;
            range = range.DoubledFrom(start);
            point = (2 * (point - start)) | bits.Next();
        }

        while (range.IsAroundTheMiddle)
        {
            range = range.DoubledFrom(CodeRange.Quarter);
            point = (2 * (point - CodeRange.Quarter)) | bits.Next();
        }
    }

    /// <summary>The highest bit first; behind the last one there are 48 zeros, and no more.</summary>
    private ref struct BitReader(ReadOnlySpan<byte> bytes)
    {
        private readonly ReadOnlySpan<byte> _bytes = bytes;
        private int _at;

        public readonly bool HasRunOut => _at > (8 * _bytes.Length) + CodeRange.Bits;

        public ulong Next()
        {
            var (index, bit) = (_at / 8, 7 - (_at % 8));
            _at++;
            return index < _bytes.Length ? (ulong)(_bytes[index] >> bit) & 1 : 0;
        }
    }

    private sealed class Encoder(int bytesExpected)
    {
        private readonly SymbolCounts _counts = new();
        private readonly BitWriter _bits = new(bytesExpected);
        private CodeRange _range = CodeRange.Full;
        private int _pending;

        public void Write(int symbol)
        {
            var below = _counts.Below(symbol);
            _range = _range.Narrowed(below, _counts.Below(symbol + 1), _counts.Total);
            _counts.Count(symbol);

            while (_range.IsInOneHalf)
            {
                var isLower = _range.High < CodeRange.Half;
                Emit(!isLower);
                _range = _range.DoubledFrom(isLower ? 0 : CodeRange.Half);
            }

            while (_range.IsAroundTheMiddle)
            {
                _pending++;
                _range = _range.DoubledFrom(CodeRange.Quarter);
            }
        }

        public byte[] Finish()
        {
            Write(SymbolCounts.End);
            _pending++;
            Emit(_range.Low > CodeRange.Quarter);
            return _bits.ToArray();
        }

        private void Emit(bool bit)
        {
            _bits.Write(bit);
            for (; _pending > 0; _pending--)
            {
                _bits.Write(!bit);
            }
        }
    }
}
