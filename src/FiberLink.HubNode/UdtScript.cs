using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace FiberLink.HubNode;

/// <summary>
/// The type script that makes a user-defined token: two tokens are the same exactly when their scripts are equal. Text is kept in
/// lower case, so equality of values is equality of scripts.
/// </summary>
public sealed record UdtScript
{
    /// <summary>The longest arguments that are read, in bytes. A token's arguments are 32 bytes or a little more.</summary>
    public const int ArgsLengthMax = 4096;

    private const int HeaderLength = 16;
    private const int CodeHashEnd = HeaderLength + Bytes32.Length;
    private const int ArgsStart = CodeHashEnd + 1;
    private const int ArgsBodyStart = ArgsStart + sizeof(uint);

    /// <summary>Takes the three parts as CKB's JSON writes them.</summary>
    /// <param name="codeHash"><c>0x</c> and 64 digits.</param>
    /// <param name="hashType"><c>data</c>, <c>type</c>, <c>data1</c> or <c>data2</c>.</param>
    /// <param name="args"><c>0x</c> and an even number of digits.</param>
    /// <exception cref="ArgumentException">A part is not written so.</exception>
    public UdtScript(string codeHash, string hashType, string args)
    {
        if (!Bytes32.TryParse(codeHash, out var hash))
        {
            throw new ArgumentException("A code hash is 0x and 64 hexadecimal digits.", nameof(codeHash));
        }

        if (HashTypeByte(hashType) is null)
        {
            throw new ArgumentException("A hash type is data, type, data1 or data2.", nameof(hashType));
        }

        if (!HexBytes.TryParse(args, ArgsLengthMax, out var bytes))
        {
            throw new ArgumentException($"Arguments are 0x and hexadecimal digits for at most {ArgsLengthMax} bytes.", nameof(args));
        }

        CodeHash = hash.ToHex();
        HashType = hashType;
        Args = HexBytes.Format(bytes);
    }

    public string CodeHash { get; }

    public string HashType { get; }

    public string Args { get; }

    /// <summary>Reads the molecule encoding that invoices carry; answers false for anything that is not exactly one script.</summary>
    public static bool TryFromMolecule(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out UdtScript? script)
    {
        script = null;
        if (bytes.Length < ArgsBodyStart || bytes.Length - ArgsBodyStart > ArgsLengthMax
            || !WordsAre(bytes, (uint)bytes.Length, HeaderLength, CodeHashEnd, ArgsStart)
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes[ArgsStart..]) != bytes.Length - ArgsBodyStart
            || HashTypeName(bytes[CodeHashEnd]) is not { } hashType)
        {
            return false;
        }

        script = new(HexBytes.Format(bytes[HeaderLength..CodeHashEnd]), hashType, HexBytes.Format(bytes[ArgsBodyStart..]));
        return true;
    }

    /// <summary>The molecule encoding of this script: a table of three fields, little endian.</summary>
    public byte[] ToMolecule()
    {
        var args = Convert.FromHexString(Args.AsSpan(2));
        var bytes = new byte[ArgsBodyStart + args.Length];
        ReadOnlySpan<uint> words = [(uint)bytes.Length, HeaderLength, CodeHashEnd, ArgsStart];
        for (var i = 0; i < words.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(i * sizeof(uint)), words[i]);
        }

        Convert.FromHexString(CodeHash.AsSpan(2)).CopyTo(bytes, HeaderLength);
        bytes[CodeHashEnd] = HashTypeByte(HashType)!.Value;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(ArgsStart), (uint)args.Length);
        args.CopyTo(bytes, ArgsBodyStart);
        return bytes;
    }

    private static bool WordsAre(ReadOnlySpan<byte> bytes, params ReadOnlySpan<uint> words)
    {
        for (var i = 0; i < words.Length; i++)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[(i * sizeof(uint))..]) != words[i])
            {
                return false;
            }
        }

        return true;
    }

    private static byte? HashTypeByte(string name) => name switch
    {
        "data" => 0,
        "type" => 1,
        "data1" => 2,
        "data2" => 4,
        _ => null,
    };

    private static string? HashTypeName(byte value) => value switch
    {
        0 => "data",
        1 => "type",
        2 => "data1",
        4 => "data2",
        _ => null,
    };
}
