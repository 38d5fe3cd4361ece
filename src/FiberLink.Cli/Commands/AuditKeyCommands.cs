using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.Service.Audit;

namespace FiberLink.Cli.Commands;

/// <summary><c>audit key</c>: the key that signs checkpoints.</summary>
internal static class AuditKeyCommands
{
    public static Command Build(SharedOptions shared) => new("key", "The key that signs checkpoints.")
    {
        BuildCreate(shared),
        BuildList(shared),
        BuildRotate(shared),
    };

    private static Command BuildCreate(SharedOptions shared)
    {
        var file = new Argument<string>("file")
        {
            Description = "A new file. Its folder must be writable for the service: what was signed last is kept beside it.",
        };
        var passphrase = Passphrase();
        var command = new Command("create", "Draw a key (ECDSA on P-256), write it under a passphrase, and print its public half.")
        {
            file, passphrase,
        };
        command.SetAction(async (parsed, _) =>
        {
            var settings = shared.HomeOf(parsed).SealingSettings();
            using var signer = AuditKeyFile.Create(parsed.GetValue(file)!, settings.Origin, Read(parsed.GetValue(passphrase), twice: true));
            await Console.Out.WriteLineAsync(signer.Key.ToString());
            return ExitCode.Done;
        });
        return command;
    }

    private static Command BuildList(SharedOptions shared)
    {
        var command = new Command("list", "The keys that have signed, the first one first: give it to auditors, by another way than this.");
        command.SetAction(async (parsed, ct) =>
        {
            await using var tools = new AuditTools(shared.HomeOf(parsed).ToolSettings());
            var keys = await tools.Keys.ReadAsync(ct);
            if (parsed.GetValue(shared.Json))
            {
                await Printer.JsonAsync(new JsonArray([.. keys.Select(k => (JsonNode)new JsonObject
                {
                    ["number"] = k.Number,
                    ["key"] = k.Key.ToString(),
                    ["sinceSize"] = k.SinceSize,
                    ["voucher"] = k.Voucher,
                })]));
                return ExitCode.Done;
            }

            foreach (var key in keys)
            {
                await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"since {key.SinceSize}  {key.Key}"));
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static Command BuildRotate(SharedOptions shared)
    {
        var file = new Argument<string>("file") { Description = "The file with the new key, as 'audit key create' wrote it." };
        var passphrase = Passphrase();
        var command = new Command(
            "rotate",
            """
            Hand over to a new key: both sign a checkpoint of the log as it is now, and the old one vouches for the new one. Then put the
            new file in the old one's place. With the same passphrase the service takes it up by itself; with another one it has to be
            told that and started again. What stands beside the old file (.signed) stays there.
            """) { file, passphrase };
        command.SetAction(async (parsed, ct) =>
        {
            await using var tools = new AuditTools(shared.HomeOf(parsed).ToolSettings());
            using var old = tools.OpenKey();
            var words = Read(parsed.GetValue(passphrase), twice: false);
            using var next = AuditKeyFile.Open(parsed.GetValue(file)!, tools.Settings.Origin, words);
            await new EventStore.Sealing.LogSealer(tools.Database).SealAsync(null, ct);
            var key = await tools.Keys.RotateAsync(old, next, tools.Book, ct)
                ?? throw new CommandFailedException(
                    ExitCode.Refused, $"The key in '{tools.Settings.KeyFile}' is not the one that signs this log.");
            await Console.Out.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture, $"From {key.SinceSize} events on checkpoints are signed by {key.Key}"));
            return ExitCode.Done;
        });
        return command;
    }

    private static Option<string?> Passphrase() =>
        new("--passphrase-file") { Description = "A file with the passphrase, for its owner alone; else it is asked for." };

    private static string Read(string? file, bool twice)
    {
        var bytes = SignerPassphrase.Read(file, twice);
        try
        {
            return Encoding.UTF8.GetString(bytes);
        }
        finally
        {
            System.Security.Cryptography.CryptographicOperations.ZeroMemory(bytes);
        }
    }
}
