using System.Runtime.Versioning;
using System.Text;
using System.Text.Json.Nodes;
using FiberLink.Chain.Signing;

namespace FiberLink.Chain.Tests;

[UnsupportedOSPlatform("windows")]
public sealed class A_keystore : IDisposable
{
    private static readonly byte[] Passphrase = Encoding.UTF8.GetBytes("correct horse battery");

    private readonly string _folder = Directory.CreateTempSubdirectory("fiberlink-keystore").FullName;

    private string File => Path.Combine(_folder, "hub.key");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Gives_its_key_to_whoever_knows_the_passphrase()
    {
        byte[] secret = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];
        using var expected = SigningKey.FromSecret(secret);

        using var created = Opened(Keystore.Create(File, secret, Passphrase, Keystore.IterationsMin));
        using var opened = Opened(Keystore.Open(File, Passphrase));

        Assert.Equal((expected.PublicKey, expected.PublicKey), (created.PublicKey, opened.PublicKey));
        var text = System.IO.File.ReadAllText(File);
        Assert.DoesNotContain(Convert.ToHexString(secret), text, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(expected.PublicKey.ToString(), (string?)JsonNode.Parse(text)!["public_key"]);
        Assert.Equal(Keystore.IterationsMin, (int?)JsonNode.Parse(text)!["iterations"]);
    }

    [Fact]
    public void Draws_another_key_and_another_salt_each_time()
    {
        var other = Path.Combine(_folder, "other.key");
        using var one = Opened(Keystore.Create(File, Passphrase, Keystore.IterationsMin));
        using var two = Opened(Keystore.Create(other, Passphrase, Keystore.IterationsMin));

        Assert.NotEqual(one.PublicKey, two.PublicKey);
        Assert.NotEqual(
            (string?)JsonNode.Parse(System.IO.File.ReadAllText(File))!["salt"],
            (string?)JsonNode.Parse(System.IO.File.ReadAllText(other))!["salt"]);
    }

    [Fact]
    public void Is_its_owners_alone_and_refused_once_it_is_not()
    {
        Create();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));

        foreach (var mode in new[] { UnixFileMode.GroupRead, UnixFileMode.OtherRead, UnixFileMode.GroupWrite, UnixFileMode.UserExecute })
        {
            System.IO.File.SetUnixFileMode(File, UnixFileMode.UserRead | UnixFileMode.UserWrite | mode);
            Assert.Equal(KeystoreRefusal.TooOpen, Refused(Keystore.Open(File, Passphrase)));
        }

        System.IO.File.SetUnixFileMode(File, UnixFileMode.UserRead);
        Opened(Keystore.Open(File, Passphrase)).Dispose();
    }

    [Fact]
    public void Is_never_written_over()
    {
        Create();
        var before = System.IO.File.ReadAllText(File);

        Assert.Equal(KeystoreRefusal.AlreadyThere, Refused(Keystore.Create(File, Passphrase, Keystore.IterationsMin)));
        Assert.Equal(before, System.IO.File.ReadAllText(File));
    }

    [Fact]
    public void Says_what_is_wrong_and_nothing_of_the_secret()
    {
        Create();

        var wrong = Keystore.Open(File, [.. Passphrase, 1]);

        Assert.Equal(KeystoreRefusal.WrongPassphrase, Refused(wrong));
        Assert.DoesNotContain("correct", wrong.ToString(), StringComparison.Ordinal);
        Assert.Equal(KeystoreRefusal.NotReadable, Refused(Keystore.Open(File + ".none", Passphrase)));
        Assert.Equal(
            KeystoreRefusal.NotReadable,
            Refused(Keystore.Create(Path.Combine(_folder, "none", "hub.key"), Passphrase, Keystore.IterationsMin)));
        Assert.Equal(KeystoreRefusal.WeakPassphrase, Refused(Keystore.Create(File, "short"u8, Keystore.IterationsMin)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Keystore.Create(File, Passphrase, Keystore.IterationsMin - 1));
    }

    [Theory]
    [InlineData("version", "2", KeystoreRefusal.UnknownVersion)]
    [InlineData("kdf", "\"scrypt\"", KeystoreRefusal.NotAKeystore)]
    [InlineData("iterations", "1000", KeystoreRefusal.NotAKeystore)]
    [InlineData("iterations", "2000000000", KeystoreRefusal.NotAKeystore)]
    [InlineData("iterations", "200001", KeystoreRefusal.WrongPassphrase)]
    [InlineData("cipher", "\"aes-128-gcm\"", KeystoreRefusal.NotAKeystore)]
    [InlineData("salt", "\"0x00\"", KeystoreRefusal.NotAKeystore)]
    [InlineData("salt", "null", KeystoreRefusal.NotAKeystore)]
    [InlineData("nonce", "\"0x000000000000000000000000\"", KeystoreRefusal.WrongPassphrase)]
    [InlineData("tag", "\"0x00000000000000000000000000000000\"", KeystoreRefusal.WrongPassphrase)]
    [InlineData("public_key", "\"0265666e237a1523e156fddf24b8335f658f90e21330775a679b33b65fbaa38e38\"", KeystoreRefusal.WrongPassphrase)]
    [InlineData("comment", "\"mine\"", KeystoreRefusal.NotAKeystore)]
    public void Of_which_anything_was_changed_gives_no_key(string member, string value, KeystoreRefusal expected)
    {
        Create();
        var json = JsonNode.Parse(System.IO.File.ReadAllText(File))!.AsObject();
        json[member] = JsonNode.Parse(value);
        System.IO.File.WriteAllText(File, json.ToJsonString());

        Assert.Equal(expected, Refused(Keystore.Open(File, Passphrase)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("not json")]
    public void That_is_none_is_named_so(string text)
    {
        Create();
        System.IO.File.WriteAllText(File, text);

        Assert.Equal(KeystoreRefusal.NotAKeystore, Refused(Keystore.Open(File, Passphrase)));
    }

    private void Create() => Opened(Keystore.Create(File, Passphrase, Keystore.IterationsMin)).Dispose();

    private static SigningKey Opened(KeystoreReading reading)
    {
        var opened = Assert.IsType<KeystoreReading.Opened>(reading);
        Assert.Contains(opened.Key.PublicKey.ToString(), opened.ToString(), StringComparison.Ordinal);
        return opened.Key;
    }

    private static KeystoreRefusal Refused(KeystoreReading reading) => Assert.IsType<KeystoreReading.Refused>(reading).Reason;
}
