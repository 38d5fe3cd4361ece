using System.Text.Json;
using FiberLink.Chain.Addresses;
using FsCheck;
using FsCheck.Fluent;

namespace FiberLink.Chain.Tests;

public sealed class Reading_addresses
{
    private const string Address = "ckt1qzda0cr08m85hc8jlnfp3zer7xulejywt49kt2rr0vthywaa50xwsqdnnw7qkdnnclfkg59uzn8umtfd2kwxceqgutnjd";

    private static readonly ChainParameters Testnet = ChainParameters.Testnet;

    private static readonly byte[] Payload =
        [0, .. Testnet.Sighash.CodeHash.ToBytes(), 1, .. Convert.FromHexString("b39bbc0b3673c7d36450bc14cfcdad2d559c6c64")];

    public static TheoryData<string, string, string, string> Recorded()
    {
        var data = new TheoryData<string, string, string, string>();
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Vectors", "addresses.json")));
        foreach (var entry in document.RootElement.EnumerateArray())
        {
            var script = entry.GetProperty("script");
            data.Add(
                entry.GetProperty("address").GetString()!,
                script.GetProperty("hrp").GetString()!,
                script.GetProperty("args").GetString()!,
                entry.TryGetProperty("private_key", out var key) ? key.GetString()! : "");
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Recorded))]
    public void Recorded_ones_are_of_the_usual_lock_and_are_written_as_they_were(string text, string prefix, string args, string secret)
    {
        var chain = prefix == "ckb" ? ChainParameters.Mainnet : Testnet;
        var owner = chain.Sighash.With(ByteString.Parse(args));

        Assert.Equal(new AddressReading.Read(owner, AddressFormat.Full), AddressCodec.Read(text, chain));
        Assert.Equal(new AddressReading.Read(owner, AddressFormat.Full), AddressCodec.Read(text.ToUpperInvariant(), chain));
        Assert.Equal(text, AddressCodec.Write(owner, chain));

        // One of the recorded keys was shortened before it was written down, and has not this address.
        if (secret.Length > 0 && !secret.EndsWith("ffffff", StringComparison.Ordinal))
        {
            using var key = SigningKey.FromSecret(Convert.FromHexString(secret));
            Assert.Equal(owner, chain.LockOf(key.PublicKey));
        }
    }

    [Theory]
    [MemberData(nameof(Recorded))]
    public void One_of_another_network_is_refused_by_that_name(string text, string prefix, string args, string secret)
    {
        var other = prefix == "ckb" ? Testnet : ChainParameters.Mainnet;

        var refused = Refused(AddressCodec.Read(text, other));

        Assert.Equal(AddressRefusal.WrongNetwork, refused.Reason);
        Assert.Contains(prefix, refused.Detail, StringComparison.Ordinal);
        Assert.NotNull(args + secret);
    }

    [Fact]
    public void Formats_of_old_are_read_and_written_anew()
    {
        var hash = Payload[1..33];
        var args = Payload[34..];

        Reads([1, 0, .. args], Testnet.Sighash.With(ByteString.From(args)), AddressFormat.KnownLock);
        Reads([1, 1, .. args], Testnet.Multisig.With(ByteString.From(args)), AddressFormat.KnownLock);
        Reads([1, 2, .. args], Testnet.AnyoneCanPay.With(ByteString.From(args)), AddressFormat.KnownLock);
        Reads([1, 2, .. args, 3, 4], Testnet.AnyoneCanPay.With(ByteString.From([.. args, 3, 4])), AddressFormat.KnownLock);
        Reads([2, .. hash, .. args], new(Bytes32.From(hash), ScriptHashType.Data, ByteString.From(args)), AddressFormat.FullData);
        Reads([4, .. hash], new(Bytes32.From(hash), ScriptHashType.Type, ByteString.Empty), AddressFormat.FullType);

        static void Reads(byte[] payload, Script owner, AddressFormat format)
        {
            var text = Bech32.Encode("ckt", Bech32.ToGroups(payload), Bech32Checksum.Bech32);
            Assert.Equal(new AddressReading.Read(owner, format), AddressCodec.Read(text, Testnet));
            Assert.Equal(
                new AddressReading.Read(owner, AddressFormat.Full), AddressCodec.Read(AddressCodec.Write(owner, Testnet), Testnet));
        }
    }

    [Fact]
    public void Whatever_is_wrong_has_its_own_name()
    {
        var args = Payload[34..];

        Is(AddressRefusal.TooLong, new string('q', AddressCodec.LettersMax + 1));
        Is(AddressRefusal.MixedCase, $"C{Address[1..]}");
        Is(AddressRefusal.NotBech32, "");
        Is(AddressRefusal.NotBech32, "ckt1");
        Is(AddressRefusal.NotBech32, Address.Replace('q', 'b'));
        Is(AddressRefusal.BadChecksum, $"{Address[..^1]}q");
        Is(AddressRefusal.NotCkb, Bech32.Encode("bc", Bech32.ToGroups(Payload)));
        Is(AddressRefusal.WrongLength, Bech32.Encode("ckt", []));
        Is(AddressRefusal.WrongLength, Bech32.Encode("ckt", [.. Bech32.ToGroups(Payload), 0, 0]));
        Is(AddressRefusal.WrongLength, Of(Payload[..33]));
        Is(AddressRefusal.UnknownHashType, Of([.. Payload[..33], 3, .. args]));
        Is(AddressRefusal.UnknownFormat, Of([3, .. Payload[1..]]));
        Is(AddressRefusal.UnknownFormat, Old([3, .. Payload[1..]]));
        Is(AddressRefusal.WrongLength, Old([1]));
        Is(AddressRefusal.UnknownLock, Old([1, 3, .. args]));
        Is(AddressRefusal.WrongLength, Old([1, 0, .. args, 0]));
        Is(AddressRefusal.WrongLength, Old([1, 0, .. args[1..]]));
        Is(AddressRefusal.WrongLength, Old([1, 2, .. args, 0, 0, 0]));
        Is(AddressRefusal.WrongLength, Old([4, .. Payload[1..32]]));

        static string Of(byte[] payload) => Bech32.Encode("ckt", Bech32.ToGroups(payload));
        static string Old(byte[] payload) => Bech32.Encode("ckt", Bech32.ToGroups(payload), Bech32Checksum.Bech32);
        static void Is(AddressRefusal reason, string text) => Assert.Equal(reason, Refused(AddressCodec.Read(text, Testnet)).Reason);
    }

    [Fact]
    public void A_format_with_the_checksum_of_another_is_unknown()
    {
        // The older checksum does not notice letters that come in before a last p.
        var full = Bech32.Encode("ckt", Bech32.ToGroups(Payload), Bech32Checksum.Bech32);
        var old = Bech32.Encode("ckt", Bech32.ToGroups([1, 0, .. Payload[34..]]));

        Assert.Equal(AddressRefusal.UnknownFormat, Refused(AddressCodec.Read(full, Testnet)).Reason);
        Assert.Equal(AddressRefusal.UnknownFormat, Refused(AddressCodec.Read(old, Testnet)).Reason);
    }

    [Fact]
    public void No_changed_letter_is_read_and_no_text_throws() =>
        Prop.ForAll<ushort, byte, string>((at, change, text) =>
        {
            var index = 4 + (at % (Address.Length - 4));
            var other = "qpzry9x8gf2tvdw0s3jn54khce6mua7l".Where(c => c != Address[index]).ElementAt(change % 31);
            return AddressCodec.Read($"{Address[..index]}{other}{Address[(index + 1)..]}", Testnet) is AddressReading.Refused
                && AddressCodec.Read(text ?? "", Testnet) is AddressReading.Refused
                && AddressCodec.Read("ckt1" + text, Testnet) is AddressReading.Refused
                && AddressCodec.Read(Address.Insert(index, text ?? ""), Testnet) is var reading
                && (string.IsNullOrEmpty(text) || reading is AddressReading.Refused);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void What_nobody_could_read_is_not_written()
    {
        var tooLong = Testnet.Sighash.With(ByteString.From(new byte[700]));

        Assert.Throws<ArgumentException>(() => AddressCodec.Write(tooLong, Testnet));
    }

    [Fact]
    public void A_development_chain_has_its_own_locks()
    {
        var own = Testnet with
        {
            NodeName = "ckb_dev",
            AnyoneCanPay = Testnet.AnyoneCanPay with { CodeHash = Bytes32.Parse($"0x{new string('d', 64)}") },
        };
        var text = Bech32.Encode("ckt", Bech32.ToGroups([1, 2, .. Payload[34..]]), Bech32Checksum.Bech32);

        Assert.Equal(
            own.AnyoneCanPay.With(ByteString.From(Payload.AsSpan(34))), ((AddressReading.Read)AddressCodec.Read(text, own)).Lock);
    }

    private static AddressReading.Refused Refused(AddressReading reading) => Assert.IsType<AddressReading.Refused>(reading);
}
