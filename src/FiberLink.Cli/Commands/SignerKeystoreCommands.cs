using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using FiberLink.Chain;
using FiberLink.Chain.Addresses;
using FiberLink.Chain.Signing;
using FiberLink.Cli.Output;
using FiberLink.Crypto;

namespace FiberLink.Cli.Commands;

/// <summary><c>signer keystore</c>: the file with the wallet's key.</summary>
internal static class SignerKeystoreCommands
{
    private const string HexPrefix = "0x";

    public static Command Build(SharedOptions shared) => new("keystore", "The file with the wallet's key, sealed under a passphrase.")
    {
        BuildCreate(shared),
        BuildAddress(shared),
        BuildCheck(shared),
    };

    private static Command BuildCreate(SharedOptions shared)
    {
        var (file, network, passphrase) = (File(), SignerCommands.Network(), SignerCommands.PassphraseFile());
        var import = new Option<string?>("--import")
        {
            Description = "A file with a private key in 64 hexadecimal digits, to seal instead of a new one. Destroy it afterwards.",
        };
        var command = new Command(
            "create", "Draw a key and seal it in a new file. A file that is there is left alone. Make a copy, apart from the passphrase.")
        {
            file, network, passphrase, import,
        };
        command.SetAction((parsed, _) =>
        {
            // A name that is wrong is better known before there is a key.
            var chain = SignerCommands.ChainOf(parsed.GetValue(network)!);
            var secret = parsed.GetValue(import) is { } from ? ReadKey(from) : null;
            var words = SignerPassphrase.Read(parsed.GetValue(passphrase), twice: true);
            try
            {
                using var key = Key(secret is null
                    ? Keystore.Create(parsed.GetValue(file)!, words)
                    : Keystore.Create(parsed.GetValue(file)!, secret, words));
                return ShowAsync(key.PublicKey, chain, parsed.GetValue(shared.Json));
            }
            catch (ArgumentException)
            {
                throw new CommandFailedException(ExitCode.Usage, "The file to import holds no private key.");
            }
            finally
            {
                CryptographicOperations.ZeroMemory(words);
                CryptographicOperations.ZeroMemory(secret);
            }
        });
        return command;
    }

    private static Command BuildAddress(SharedOptions shared)
    {
        var (file, network) = (File(), SignerCommands.Network());
        var command = new Command("address", "Say whose key the file says it holds, without the passphrase: 'check' makes sure.")
        {
            file, network,
        };
        command.SetAction((parsed, _) => ShowAsync(
            Keystore.ReadLabel(parsed.GetValue(file)!) switch
            {
                KeystoreReading.Labelled { PublicKey: var key } => key,
                var refused => throw Failed(refused),
            },
            SignerCommands.ChainOf(parsed.GetValue(network)!),
            parsed.GetValue(shared.Json)));
        return command;
    }

    private static Command BuildCheck(SharedOptions shared)
    {
        var (file, network, passphrase) = (File(), SignerCommands.Network(), SignerCommands.PassphraseFile());
        var command = new Command("check", "Open the file with its passphrase, and say whose key is in it; exit code 1 when it won't open.")
        {
            file, network, passphrase,
        };
        command.SetAction((parsed, _) =>
        {
            using var key = Open(parsed.GetValue(file)!, parsed.GetValue(passphrase));
            return ShowAsync(key.PublicKey, SignerCommands.ChainOf(parsed.GetValue(network)!), parsed.GetValue(shared.Json));
        });
        return command;
    }

    /// <summary>The key; the caller's to dispose of. The passphrase is wiped.</summary>
    /// <exception cref="CommandFailedException">There is none, or the passphrase is another.</exception>
    public static SigningKey Open(string file, string? passphraseFile)
    {
        var words = SignerPassphrase.Read(passphraseFile);
        try
        {
            return Key(Keystore.Open(file, words));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(words);
        }
    }

    private static Argument<string> File() => new("keystore") { Description = "The keystore file." };

    private static SigningKey Key(KeystoreReading reading) =>
        reading is KeystoreReading.Opened opened ? opened.Key : throw Failed(reading);

    private static CommandFailedException Failed(KeystoreReading reading) =>
        new(ExitCode.Refused, ((KeystoreReading.Refused)reading).Detail);

    private static byte[] ReadKey(string path)
    {
        var text = SignerPassphrase.ReadSecretFile(path, "private key");
        var secret = new byte[SigningKey.SecretLength];
        try
        {
            var digits = text.AsSpan(text.AsSpan().StartsWith("0x"u8) ? HexPrefix.Length : 0);
            return digits.Length == 2 * secret.Length
                && Convert.FromHexString(digits, secret, out _, out _) == System.Buffers.OperationStatus.Done
                    ? secret
                    : throw new CommandFailedException(ExitCode.Usage, "The file to import is not 64 hexadecimal digits.");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(text);
        }
    }

    private static async Task<int> ShowAsync(PublicKey key, ChainParameters chain, bool asJson)
    {
        var address = AddressCodec.Write(chain.LockOf(key), chain);
        await (asJson
            ? Printer.JsonAsync(new JsonObject { ["address"] = address, ["publicKey"] = key.ToString() })
            : Console.Out.WriteLineAsync($"address     {address}\npublic key  {key}"));
        return ExitCode.Done;
    }
}
