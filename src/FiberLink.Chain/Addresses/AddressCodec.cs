namespace FiberLink.Chain.Addresses;

/// <summary>
/// Addresses as texts and back (RFC 21). Every format that was ever in use is read; only the full one is written. The network is the
/// reader's to know: an address of another one is refused, whatever else is right with it.
/// </summary>
public static class AddressCodec
{
    /// <summary>The longest text that is read, in letters: what other software reads, too.</summary>
    public const int LettersMax = 1023;

    private const byte FullMark = 0;
    private const byte ShortMark = 1;
    private const byte FullDataMark = 2;
    private const byte FullTypeMark = 4;

    private static readonly string[] PrefixesOfCkb = ["ckb", "ckt"];

    /// <summary>Reads an address. Never throws, whatever the text.</summary>
    /// <param name="text">All lower or all upper case.</param>
    /// <param name="chain">Whose addresses are read.</param>
    public static AddressReading Read(string text, ChainParameters chain)
    {
        if (text.Length > LettersMax)
        {
            return Refuse(AddressRefusal.TooLong, $"The text has {text.Length} letters; an address has at most {LettersMax}.");
        }

        var isOld = false;
        var outer = Bech32.Decode(text, out var prefix, out var groups);
        if (outer == Bech32Reading.BadChecksum && Bech32.Decode(text, out prefix, out groups, Bech32Checksum.Bech32) == Bech32Reading.Read)
        {
            (outer, isOld) = (Bech32Reading.Read, true);
        }

        if (outer != Bech32Reading.Read)
        {
            return RefuseOuter(outer);
        }

        return RefusePrefix(prefix, chain) is { } refused ? refused
            : Bech32.FromGroups(groups) is not [var mark, .. var payload]
                ? Refuse(AddressRefusal.WrongLength, "The address is empty, or does not end with fewer than five zero bits.")
            : isOld ? ReadOld(mark, payload, chain)
            : mark == FullMark ? ReadFull(payload)
            : Refuse(AddressRefusal.UnknownFormat, $"No address with this checksum is of format {mark}.");
    }

    /// <summary>Writes the full format, in lower case.</summary>
    /// <exception cref="ArgumentException">The arguments are too long for an address.</exception>
    public static string Write(Script owner, ChainParameters chain)
    {
        byte[] payload = [FullMark, .. owner.CodeHash.ToBytes(), (byte)owner.HashType, .. owner.Args.Span];
        var text = Bech32.Encode(chain.AddressPrefix, Bech32.ToGroups(payload));
        return text.Length <= LettersMax
            ? text
            : throw new ArgumentException($"The address would have {text.Length} letters; {LettersMax} are read.", nameof(owner));
    }

    private static AddressReading ReadFull(ReadOnlySpan<byte> payload)
    {
        if (payload.Length <= Bytes32.Length)
        {
            return TooShort(payload.Length + 1);
        }

        var hashType = (ScriptHashType)payload[Bytes32.Length];
        return Enum.IsDefined(hashType)
            ? new AddressReading.Read(
                new(Bytes32.From(payload[..Bytes32.Length]), hashType, ByteString.From(payload[(Bytes32.Length + 1)..])),
                AddressFormat.Full)
            : Refuse(AddressRefusal.UnknownHashType, $"The address has hash type {payload[Bytes32.Length]}, which is unknown.");
    }

    private static AddressReading ReadOld(byte mark, ReadOnlySpan<byte> payload, ChainParameters chain) => mark switch
    {
        ShortMark => ReadShort(payload, chain),
        FullDataMark => ReadOldFull(payload, ScriptHashType.Data, AddressFormat.FullData),
        FullTypeMark => ReadOldFull(payload, ScriptHashType.Type, AddressFormat.FullType),
        _ => Refuse(AddressRefusal.UnknownFormat, $"No address with this checksum is of format {mark}."),
    };

    private static AddressReading ReadOldFull(ReadOnlySpan<byte> payload, ScriptHashType hashType, AddressFormat format) =>
        payload.Length < Bytes32.Length
            ? TooShort(payload.Length + 1)
            : new AddressReading.Read(
                new(Bytes32.From(payload[..Bytes32.Length]), hashType, ByteString.From(payload[Bytes32.Length..])), format);

    private static AddressReading ReadShort(ReadOnlySpan<byte> payload, ChainParameters chain)
    {
        // Only a cell to which anybody may add says two things more: the least that may be added, of coins and of a token.
        const int LimitsMax = 2;
        const byte AnyoneCanPay = 2;
        if (payload.IsEmpty)
        {
            return TooShort(1);
        }

        KnownScript? known = payload[0] switch
        {
            0 => chain.Sighash,
            1 => chain.Multisig,
            AnyoneCanPay => chain.AnyoneCanPay,
            _ => null,
        };
        var args = payload[1..];
        var most = ChainParameters.KeyHashLength + (payload[0] == AnyoneCanPay ? LimitsMax : 0);
        return known is null
            ? Refuse(AddressRefusal.UnknownLock, $"The address is of lock number {payload[0]}, which is unknown.")
            : args.Length < ChainParameters.KeyHashLength || args.Length > most
                ? Refuse(AddressRefusal.WrongLength, $"The address has {args.Length} bytes of arguments, which its lock cannot have.")
                : new AddressReading.Read(known.With(ByteString.From(args)), AddressFormat.KnownLock);
    }

    private static AddressReading.Refused? RefusePrefix(string prefix, ChainParameters chain) =>
        prefix == chain.AddressPrefix ? null
        : PrefixesOfCkb.Contains(prefix, StringComparer.Ordinal)
            ? Refuse(
                AddressRefusal.WrongNetwork,
                $"The address is of another network: it begins with {prefix}, and here addresses begin with {chain.AddressPrefix}.")
        : Refuse(AddressRefusal.NotCkb, $"The text is no address of CKB, which begins with {chain.AddressPrefix}.");

    private static AddressReading.Refused RefuseOuter(Bech32Reading outer) => outer switch
    {
        Bech32Reading.MixedCase => Refuse(AddressRefusal.MixedCase, "The text has upper and lower case in it."),
        Bech32Reading.BadChecksum =>
            Refuse(AddressRefusal.BadChecksum, "The text's checksum is wrong: a letter was changed, or it is no address."),
        Bech32Reading.NoSeparator => Refuse(AddressRefusal.NotBech32, "The text has no 1 that ends a prefix, so it is no address."),
        Bech32Reading.TooShort => Refuse(AddressRefusal.NotBech32, "The text ends before its checksum."),
        _ => Refuse(AddressRefusal.NotBech32, "The text has a letter that addresses don't have."),
    };

    private static AddressReading.Refused TooShort(int length) =>
        Refuse(AddressRefusal.WrongLength, $"The address has {length} bytes, fewer than its format needs.");

    private static AddressReading.Refused Refuse(AddressRefusal reason, string detail) => new(reason, detail);
}
