using System.CommandLine;
using System.Text.Json.Nodes;
using FiberLink.Chain.Signing.Remote;
using FiberLink.Cli.Output;
using FiberLink.Crypto;

namespace FiberLink.Cli.Commands;

/// <summary><c>signer status</c> and <c>signer forget</c>: what an operator asks a signer that runs.</summary>
internal static class SignerAskCommands
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    public static Command BuildStatus(SharedOptions shared)
    {
        var (socket, settings) = Options();
        var command = new Command(
            "status", "Whose wallet it signs for, its limits, and what is used of them within the hour; exit code 1 when it cannot sign.")
        {
            socket, settings,
        };
        command.SetAction(async (parsed, ct) =>
        {
            var door = Door(parsed.GetValue(socket), parsed.GetValue(settings));
            var (status, problem) = await door.StatusAsync(ct);
            if (status is null)
            {
                throw new CommandFailedException(ExitCode.Unavailable, problem!);
            }

            await (parsed.GetValue(shared.Json) ? Printer.JsonAsync(Json(status)) : SayAsync(status));
            return status.JournalWorks ? ExitCode.Done : ExitCode.Refused;
        });
        return command;
    }

    public static Command BuildForget(SharedOptions shared)
    {
        var (socket, settings) = Options();
        var transaction = new Option<string>("--tx") { Description = "The transaction's hash.", Required = true };
        var reason = new Option<string>("--reason") { Description = "Why; it is kept in the journal.", Required = true };
        var command = new Command(
            "forget",
            """
            Have the signer sign other transactions that spend the same cells. Only for one that can never be on the chain any more: look
            there first. What it let out goes on counting for its hour.

            Exit codes: 0 done; 1 the signer does not know the transaction; 2 wrong usage; 3 it does not answer or refuses.
            """)
        {
            transaction, reason, socket, settings,
        };
        command.SetAction(async (parsed, ct) =>
        {
            if (!Bytes32.TryParse(parsed.GetValue(transaction), out var hash))
            {
                throw new CommandFailedException(ExitCode.Usage, "--tx takes a transaction's hash: 0x and 64 hexadecimal digits.");
            }

            var door = Door(parsed.GetValue(socket), parsed.GetValue(settings));
            var (forgotten, problem) = await door.ForgetAsync(hash, parsed.GetValue(reason)!, ct);
            if (forgotten is not { } wasKnown)
            {
                throw new CommandFailedException(ExitCode.Unavailable, problem!);
            }

            await (parsed.GetValue(shared.Json)
                ? Printer.JsonAsync(new JsonObject { ["forgotten"] = wasKnown })
                : Console.Out.WriteLineAsync(wasKnown ? $"{hash} is forgotten." : $"The signer does not know {hash}."));
            return wasKnown ? ExitCode.Done : ExitCode.Refused;
        });
        return command;
    }

    private static (Option<string?> Socket, Option<string?> Settings) Options() => (
        new("--socket") { Description = "The signer's socket." },
        new("--settings") { Description = "Or the signer's settings file, which names it." });

    private static SignerDoor Door(string? socket, string? settings) => (socket, settings) switch
    {
        ({ } path, null) => new(Path.GetFullPath(path), Deadline, TimeProvider.System),
        (null, { } file) => new(SignerSettings.Read(file).Socket, Deadline, TimeProvider.System),
        _ => throw new CommandFailedException(ExitCode.Usage, "Name the signer by --socket or by --settings."),
    };

    private static JsonObject Json(SignerStatus status) => new()
    {
        ["address"] = status.Address,
        ["publicKey"] = status.PublicKey,
        ["network"] = status.Network,
        ["looksCellsUp"] = status.LooksCellsUp,
        ["journalWorks"] = status.JournalWorks,
        ["feeCap"] = status.FeeCap.ToString(),
        ["transactions"] = status.Transactions,
        ["inputsHeld"] = status.InputsHeld,
        ["limits"] = new JsonArray([.. status.Assets.Select(a => new JsonObject
        {
            ["asset"] = a.Asset,
            ["perTransaction"] = a.PerTransaction.ToString(),
            ["perHour"] = a.PerHour.ToString(),
            ["usedWithinHour"] = a.UsedWithinHour.ToString(),
        })]),
    };

    private static async Task SayAsync(SignerStatus status)
    {
        await Console.Out.WriteLineAsync(
            $"""
            address       {status.Address}
            public key    {status.PublicKey}
            network       {status.Network}
            cells         {(status.LooksCellsUp ? "looked up at its node" : "NOT looked up: clients are believed, for tests alone")}
            fee           at most {status.FeeCap} shannon
            journal       {status.Transactions} transactions, {status.InputsHeld} cells held{(status.JournalWorks ? "" : "; BROKEN")}

            """);
        await Printer.TableAsync(
            ["ASSET", "PER TRANSACTION", "PER HOUR", "USED"],
            [.. status.Assets.Select(
                a => (string[])[a.Asset, a.PerTransaction.ToString(), a.PerHour.ToString(), a.UsedWithinHour.ToString()])]);
    }
}
