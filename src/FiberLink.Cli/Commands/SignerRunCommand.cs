using System.CommandLine;
using System.Diagnostics;
using System.Runtime.Versioning;
using FiberLink.Chain.Node;
using FiberLink.Chain.Signing.Remote;
using FiberLink.Crypto;

using Names = FiberLink.Service.Startup.ServiceSettings.Names;

namespace FiberLink.Cli.Commands;

/// <summary><c>signer run</c>: the signer itself, until it is told to stop.</summary>
internal static class SignerRunCommand
{
    // A debugger of the same user may attach through it, whatever the kernel was told.
    private const string Diagnostics = "DOTNET_EnableDiagnostics";

    public static Command Build()
    {
        var settings = new Option<string>("--settings") { Description = "The settings file.", Required = true };
        var passphrase = SignerCommands.PassphraseFile();
        var command = new Command(
            "run",
            """
            Run the signer until Ctrl-C or SIGTERM. What is in the journal by then is still answered.

            Exit codes: 0 it was stopped; 1 the keystore won't open; 2 a setting is wrong, the journal damaged or a place not safe, by name;
            3 a file cannot be read.
            """)
        {
            settings, passphrase,
        };
        command.SetAction((parsed, ct) => OperatingSystem.IsLinux()
            ? RunAsync(parsed.GetValue(settings)!, parsed.GetValue(passphrase), ct)
            : throw new CommandFailedException(ExitCode.Usage, "A signer runs on Linux alone: elsewhere nobody can tell who connects."));
        return command;
    }

    [SupportedOSPlatform("linux")]
    private static async Task<int> RunAsync(string settingsFile, string? passphraseFile, CancellationToken ct)
    {
        // Before there is anything in memory that a dump could show.
        SayOfDumps();
        var settings = SignerSettings.Read(settingsFile);
        using var key = SignerKeystoreCommands.Open(settings.Keystore, passphraseFile ?? settings.PassphraseFile);
        using var http = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        var node = settings.Node is { } uri ? new JsonRpcCkbNode(http, new() { Endpoint = uri }, TimeProvider.System) : null;
        await using (await SignerServer.StartAsync(Options(settings), key, node, TimeProvider.System, ct))
        {
            Say($"The signer listens at {settings.Socket}");
            Say($"It signs for {Wallet(settings, key)}");
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);
            }
            catch (OperationCanceledException)
            {
                // That is how it ends.
            }
        }

        Say("The signer has stopped.");
        return ExitCode.Done;
    }

    private static string Wallet(SignerSettings settings, SigningKey key) =>
        $"{Chain.Addresses.AddressCodec.Write(settings.Policy.Chain.LockOf(key.PublicKey), settings.Policy.Chain)}, key {key.PublicKey}";

    private static SignerServerOptions Options(SignerSettings settings)
    {
        var stopAt = Environment.GetEnvironmentVariable(Names.StopAt);
        return new()
        {
            Policy = settings.Policy,
            SocketPath = settings.Socket,
            JournalPath = settings.Journal,
            AllowedUserIds = settings.AllowedUserIds,
            BelievesClients = settings.BelievesClients,
            Say = Say,
            AtStepAsync = (step, _) => StopAt(stopAt, step),
        };
    }

    /// <summary>For tests alone, as in the service: the process kills itself at a step.</summary>
    private static Task StopAt(string? wanted, SignerStep step)
    {
        if ($"signer:{step}".Equals(wanted, StringComparison.OrdinalIgnoreCase))
        {
            using var self = Process.GetCurrentProcess();
            self.Kill();
        }

        return Task.CompletedTask;
    }

    [SupportedOSPlatform("linux")]
    private static void SayOfDumps()
    {
        foreach (var problem in SignerMemory.ForbidDumps())
        {
            Say($"WARNING: {problem} The key may be in a memory dump.");
        }

        if (Environment.GetEnvironmentVariable(Diagnostics) != "0")
        {
            Say($"WARNING: {Diagnostics} is not 0: programs of this user can have .NET write a memory dump, with the key in it.");
        }
    }

    private static void Say(string line) => Console.Out.WriteLine(line);
}
