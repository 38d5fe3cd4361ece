using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace FiberLink.Crypto.Liabilities;

/// <summary>The hashes of a tree of liabilities. Each begins with a byte of its own, so that none passes for another.</summary>
public static class LiabilityHash
{
    private const byte LeafPrefix = 0x10;
    private const byte NodePrefix = 0x11;
    private const byte NamePrefix = 0x12;
    private const byte SaltPrefix = 0x13;
    private const byte ScopePrefix = 0x14;
    private const string Version = "fiberlink liabilities v1";
    private const int UnitsLength = 16;

    /// <summary>What a tree is about: a leaf of one is none of another.</summary>
    /// <param name="tenant">The community.</param>
    /// <param name="asset">The asset's code.</param>
    /// <param name="position">The log's position that the balances are of.</param>
    public static Bytes32 Scope(string tenant, string asset, long position)
    {
        using var input = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        input.AppendData([ScopePrefix]);
        Append(input, Version);
        Append(input, tenant);
        Append(input, asset);
        Span<byte> number = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(number, position);
        input.AppendData(number);
        return Bytes32.From(input.GetHashAndReset());
    }

    /// <summary>The member's own salt in one tree.</summary>
    /// <param name="salt">The tree's.</param>
    /// <param name="member">The member's id.</param>
    public static Bytes32 MemberSalt(Bytes32 salt, string member) => Keyed(salt, "member", Encoding.UTF8.GetBytes(member));

    /// <summary>A member's name in one tree: tells nothing to whoever doesn't know the salt.</summary>
    /// <param name="memberSalt">The member's own.</param>
    /// <param name="member">The member's id.</param>
    public static Bytes32 Name(Bytes32 memberSalt, string member) =>
        Bytes32.From(SHA256.HashData([NamePrefix, .. memberSalt.ToBytes(), .. Encoding.UTF8.GetBytes(member)]));

    /// <summary>The name of a leaf that is nobody's.</summary>
    public static Bytes32 Padding(Bytes32 salt, long number)
    {
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        return Keyed(salt, "padding", bytes);
    }

    /// <summary>What a publication says of its salt, so that it can't be another one afterwards.</summary>
    public static Bytes32 OfSalt(Bytes32 salt) => Bytes32.From(SHA256.HashData([SaltPrefix, .. salt.ToBytes()]));

    /// <summary>A leaf.</summary>
    /// <param name="scope">The tree's.</param>
    /// <param name="name">Whose.</param>
    /// <param name="units">Smallest units.</param>
    public static LiabilityNode Leaf(Bytes32 scope, Bytes32 name, UInt128 units)
    {
        Span<byte> input = stackalloc byte[1 + (2 * Bytes32.Length) + UnitsLength];
        input[0] = LeafPrefix;
        scope.CopyTo(input[1..]);
        name.CopyTo(input[(1 + Bytes32.Length)..]);
        BinaryPrimitives.WriteUInt128BigEndian(input[(1 + (2 * Bytes32.Length))..], units);
        return new(Of(input), units);
    }

    /// <summary>
    /// A node over two others. Both sums are hashed, each beside its own hash: were it their total alone, each child could be shown with
    /// a sum that makes up for a false one of the other, and a balance would count for nothing.
    /// </summary>
    /// <exception cref="OverflowException">The total is 2¹²⁸ or more.</exception>
    public static LiabilityNode Node(LiabilityNode left, LiabilityNode right)
    {
        const int Half = UnitsLength + Bytes32.Length;
        Span<byte> input = stackalloc byte[1 + (2 * Half)];
        input[0] = NodePrefix;
        BinaryPrimitives.WriteUInt128BigEndian(input[1..], left.Sum);
        left.Hash.CopyTo(input[(1 + UnitsLength)..]);
        BinaryPrimitives.WriteUInt128BigEndian(input[(1 + Half)..], right.Sum);
        right.Hash.CopyTo(input[(1 + Half + UnitsLength)..]);
        return new(Of(input), checked(left.Sum + right.Sum));
    }

    private static Bytes32 Of(ReadOnlySpan<byte> input)
    {
        Span<byte> hash = stackalloc byte[Bytes32.Length];
        SHA256.HashData(input, hash);
        return Bytes32.From(hash);
    }

    private static Bytes32 Keyed(Bytes32 salt, string purpose, byte[] data)
    {
        byte[] input = [.. Encoding.ASCII.GetBytes(purpose), 0, .. data];
        return Bytes32.From(HMACSHA256.HashData(salt.ToBytes(), input));
    }

    // With its length before it: two texts can't be cut at another place.
    private static void Append(IncrementalHash input, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(length, checked((ushort)bytes.Length));
        input.AppendData(length);
        input.AppendData(bytes);
    }
}

/// <summary>A leaf, or what two nodes come to.</summary>
/// <param name="Hash">Over all below it.</param>
/// <param name="Sum">Smallest units; never below zero, as there is no sign to write one with.</param>
public readonly record struct LiabilityNode(Bytes32 Hash, UInt128 Sum);
