using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace FiberLink.Crypto.Sealing;

/// <summary>The public half of a key that signs notes: ECDSA on P-256 with SHA-256, which signed notes call type 2.</summary>
public sealed class NoteKey : IEquatable<NoteKey>
{
    private const byte EcdsaType = 2;
    private const string P256 = "1.2.840.10045.3.1.7";

    private readonly byte[] _spki;

    private NoteKey(string name, byte[] spki)
    {
        Name = name;
        _spki = spki;
        Id = BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(spki));
    }

    /// <summary>Whose key it is: the log's origin, or a witness.</summary>
    public string Name { get; }

    /// <summary>The first four bytes of SHA-256 over the key in SPKI form, as its type says.</summary>
    public uint Id { get; }

    /// <summary>Whether a text can be a key's name: no spaces, no plus.</summary>
    public static bool IsName([NotNullWhen(true)] string? text) =>
        text is { Length: > 0 and <= 255 } && !text.Any(c => c == '+' || c < ' ' || char.IsWhiteSpace(c) || char.IsControl(c));

    /// <summary>Takes a key of P-256 in SPKI form.</summary>
    /// <exception cref="ArgumentException">The name can't be one.</exception>
    public static NoteKey From(string name, ECDsa key) =>
        IsName(name)
            ? new(name, key.ExportSubjectPublicKeyInfo())
            : throw new ArgumentException("A key's name has no spaces and no plus.", nameof(name));

    /// <summary>Reads <c>name+id+base64</c>, as <see cref="ToString"/> writes it.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out NoteKey? key)
    {
        key = null;
        if (text?.Split('+', 3) is not [var name, var id, var base64] || !IsName(name))
        {
            return false;
        }

        var bytes = new byte[base64.Length];
        if (!Convert.TryFromBase64String(base64, bytes, out var length) || length < 2 || bytes[0] != EcdsaType
            || !IsP256(bytes.AsSpan(1..length)))
        {
            return false;
        }

        var read = new NoteKey(name, bytes[1..length]);
        key = read.ToString() == text ? read : null;
        return key is not null && id.Length == 8;
    }

    /// <summary>Whether the signature (ASN.1 DER) is this key's over the text.</summary>
    public bool Verifies(string text, ReadOnlySpan<byte> signature)
    {
        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(_spki, out _);
        return key.VerifyData(Encoding.UTF8.GetBytes(text), signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
    }

    public bool Equals(NoteKey? other) => other is not null && Name == other.Name && _spki.AsSpan().SequenceEqual(other._spki);

    public override bool Equals(object? obj) => Equals(obj as NoteKey);

    public override int GetHashCode() => HashCode.Combine(Name, Id);

    /// <summary>The key as it is handed out: <c>name+id+base64</c>, the id in eight digits.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Name}+{Id:x8}+{Convert.ToBase64String([EcdsaType, .. _spki])}");

    private static bool IsP256(ReadOnlySpan<byte> spki)
    {
        try
        {
            using var key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(spki, out var read);
            return read == spki.Length && key.ExportParameters(false).Curve.Oid is { } oid
                && (oid.Value == P256 || oid.FriendlyName == ECCurve.NamedCurves.nistP256.Oid.FriendlyName);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
