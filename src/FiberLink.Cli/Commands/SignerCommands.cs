using System.CommandLine;
using FiberLink.Chain;

namespace FiberLink.Cli.Commands;

/// <summary><c>signer</c>: the process that holds the wallet's key, and what an operator asks it.</summary>
internal static class SignerCommands
{
    public static Command Build(SharedOptions shared) => new(
        "signer",
        """
        The process that holds the key of the hub's wallet on the chain and signs within limits of its own.

        docs/guides/run-the-signer.md tells how it is set up, and what to do about each refusal.
        """)
    {
        SignerKeystoreCommands.Build(shared),
        SignerRunCommand.Build(),
        SignerAskCommands.BuildStatus(shared),
        SignerAskCommands.BuildForget(shared),
    };

    public static Option<string?> PassphraseFile() => new("--passphrase-file")
    {
        Description = "A file with the passphrase, which only its owner may read. Without it, the passphrase is asked for.",
    };

    public static Option<string> Network() => new("--network")
    {
        Description = "Whose addresses are written: mainnet, or testnet (also for a development chain).",
        DefaultValueFactory = _ => "testnet",
    };

    /// <exception cref="CommandFailedException">There is no such network.</exception>
    public static ChainParameters ChainOf(string network) => network switch
    {
        "mainnet" => ChainParameters.Mainnet,
        "testnet" => ChainParameters.Testnet,
        _ => throw new CommandFailedException(ExitCode.Usage, "--network takes 'mainnet' or 'testnet'."),
    };
}
