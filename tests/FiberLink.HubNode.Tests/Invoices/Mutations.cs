using System.Buffers.Binary;
using FiberLink.Crypto.Curve;
using FiberLink.Crypto.Molecule;
using FiberLink.HubNode.Invoices;
using FiberLink.HubNode.Invoices.Molecule;

namespace FiberLink.HubNode.Tests.Invoices;

/// <summary>
/// Spoils invoices at one of their layers and puts the layers above back on, signature and checksum included, so that the fault is met
/// where it was made.
/// </summary>
#pragma warning disable CA5394 // Chance by a seed, so that a run can be repeated.
internal sealed class Mutations
{
    private const string Alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

    private static readonly uint[] Words = [0, 1, 4, 8, 12, 16, 0x7fffffff, 0x80000000, uint.MaxValue, uint.MaxValue - 3];

    private static readonly string[] Prefixes =
        ["fibb", "fibd1", "fibt0", "fibt00", "fibt1m", "fibx1", "lnbc1", "fibt340282366920938463463374607431768211456", "f", "fibt~"];

    private readonly Random _random;
    private readonly RandomInvoices _invoices;
    private readonly Forger _payee = new(1);
    private readonly string[] _texts;

    public Mutations(int seed, IEnumerable<string> texts)
    {
        _random = new(seed);
        _invoices = new(_random);
        _texts = [.. texts];
    }

    public static string[] Layers { get; } = ["letters", "groups", "packed bytes", "data", "attributes", "signature", "nothing"];

    /// <summary>The layer's number, what it was made from, and the text.</summary>
    public (int Layer, string From, string Text) Next()
    {
        var from = _random.Next(3) == 0 ? Text(Contents()) : _texts[_random.Next(_texts.Length)];
        var layer = _random.Next(Layers.Length);
        return (layer, from, layer switch
        {
            0 => WithLettersSpoilt(from),
            1 => WithGroupsSpoilt(from),
            2 => WithPackedSpoilt(),
            3 => WithDataSpoilt(),
            4 => WithAttributesSpoilt(),
            5 => WithSignatureSpoilt(),
            _ => from,
        });
    }

    private string WithLettersSpoilt(string text)
    {
        for (var times = _random.Next(1, 4); times > 0 && text.Length > 0; times--)
        {
            var at = _random.Next(text.Length);
            text = _random.Next(9) switch
            {
                0 => text.Remove(at, 1),
                1 => text.Insert(at, $"{Alphabet[_random.Next(32)]}"),
                2 => text[..at],
                3 => text[at..],
                4 => text.Insert(at, new string('q', _random.Next(5_000))),
                5 => $"{text[..at]}{(char)_random.Next(char.MaxValue + 1)}{text[(at + 1)..]}",
                6 => $"{text[..at]}{(char)_random.Next(128)}{text[(at + 1)..]}",
                7 => text.ToUpperInvariant(),
                _ => $"{text[..at]}{Alphabet[_random.Next(32)]}{text[(at + 1)..]}",
            };
        }

        return text;
    }

    private string WithGroupsSpoilt(string text)
    {
        Bech32.Decode(text, out var prefix, out var groups);
        var spoilt = Spoil(groups).Select(g => (byte)(g & 31)).ToArray();
        return _random.Next(5) switch
        {
            0 => Bech32.Encode(Prefixes[_random.Next(Prefixes.Length)], groups),
            1 => Bech32.Encode(prefix + _random.Next(10), groups),
            2 => Bech32.Encode(prefix, [0, .. groups[1..^104]]),
            _ => Bech32.Encode(prefix, spoilt),
        };
    }

    private string WithPackedSpoilt()
    {
        var (prefix, packed) = InvoiceCodec.Pack(Contents());
        return _payee.TextOfPacked(prefix, _random.Next(8) == 0 ? _invoices.Bytes(_random.Next(400)) : Spoil(packed));
    }

    private string WithDataSpoilt()
    {
        var data = ContentsForm.Write(Contents());
        if (_random.Next(3) == 0)
        {
            var at = _random.Next(data.Length / 4) * 4;
            BinaryPrimitives.WriteUInt32LittleEndian(data.AsSpan(at), Words[_random.Next(Words.Length)]);
        }

        return _payee.TextOf("fibt42", _random.Next(3) == 0 ? data : Spoil(data));
    }

    private string WithAttributesSpoilt()
    {
        var contents = Contents();
        var attributes = contents.Attributes.Select(AttributeForm.Write).ToList();
        for (var times = _random.Next(1, 3); times > 0; times--)
        {
            attributes.Insert(_random.Next(attributes.Count + 1), SpoiltAttribute(attributes));
        }

        var data = ContentsForm.Write(contents);
        return _payee.TextOf("fibb", MoleculeWriter.Items(data[16..32], data[32..64], MoleculeWriter.Items([.. attributes])));
    }

    private byte[] SpoiltAttribute(List<byte[]> attributes) => _random.Next(7) switch
    {
        0 => attributes[_random.Next(attributes.Count)],
        1 => Spoil(attributes[_random.Next(attributes.Count)]),
        2 => [.. MoleculeWriter.Word((uint)_random.Next(12)), .. _invoices.Bytes(_random.Next(40))],
        3 => [.. MoleculeWriter.Word((uint)_random.Next(12)), .. MoleculeWriter.TableOfBytes(_invoices.Bytes(_random.Next(40)))],
        4 => [.. MoleculeWriter.Word((uint)_random.Next(12)), .. MoleculeWriter.TableOfBytes(new byte[_random.Next(20_000)])],
        5 => [8, 0, 0, 0, (byte)_random.Next(4)],
        _ => [.. MoleculeWriter.Word((uint)_random.Next(4)), .. _invoices.Bytes(_random.Next(2) * 8 + 8)],
    };

    private string WithSignatureSpoilt()
    {
        var (prefix, packed) = InvoiceCodec.Pack(Contents());
        var right = _payee.Sign(SigningDigest.Of(prefix, packed));
        return InvoiceCodec.Encode(prefix, packed, _random.Next(6) switch
        {
            0 => new(right.R, Secp256k1.Negated(right.S), right.RecoveryId ^ 1),
            1 => new(right.R, right.S, _random.Next(6)),
            2 => new(UInt256.FromBigEndian(_invoices.Bytes(32)), right.S, right.RecoveryId),
            3 => new(right.R, UInt256.FromBigEndian(_invoices.Bytes(32)), right.RecoveryId),
            4 => new(UInt256.From(_random.Next(3)), UInt256.From(_random.Next(3)), _random.Next(4)),
            _ => new(UInt256.From(Forger.Order - _random.Next(3)), UInt256.From(Forger.Order / 2 - _random.Next(3) + 1), _random.Next(4)),
        });
    }

    private byte[] Spoil(byte[] bytes)
    {
        for (var times = _random.Next(1, 4); times > 0; times--)
        {
            var at = _random.Next(bytes.Length + 1);
            var some = _invoices.Bytes(_random.Next(1, 5));
            bytes = _random.Next(7) switch
            {
                0 => [.. bytes[..at], .. some, .. bytes[at..]],
                1 => bytes[..at],
                2 => bytes[at..],
                3 => [.. bytes, .. new byte[_random.Next(1, 10)]],
                4 => [.. bytes[..at], .. bytes[Math.Min(bytes.Length, at + some.Length)..]],
                5 => [.. bytes[..at], .. some, .. bytes[Math.Min(bytes.Length, at + some.Length)..]],
                _ => [.. bytes.Index().Select(b => b.Index == at ? (byte)(b.Item ^ (1 << _random.Next(8))) : b.Item)],
            };
        }

        return bytes;
    }

    private InvoiceContents Contents() => _invoices.Next(_random.Next(3) == 0 ? null : _payee.PublicKey) is var contents
        && contents.Attributes.IsEmpty ? contents with { Attributes = [new InvoiceAttribute.ExpiryTime(1)] } : contents;

    private string Text(InvoiceContents contents)
    {
        var (prefix, packed) = InvoiceCodec.Pack(contents);
        return _payee.TextOfPacked(prefix, packed);
    }
}
