using System.CommandLine;
using System.Globalization;

namespace FiberLink.Cli.Commands;

/// <summary><c>dev</c>: everything on one machine, for trying and developing.</summary>
internal static class DevCommand
{
    public static Command Build(SharedOptions shared)
    {
        var fresh = new Option<bool>("--fresh") { Description = "Throw the data away and start over." };
        var port = Port("--port", "The service's port.", DevOptions.ServicePort);
        var nodePort = Port("--node-port", "The sandbox node's port.", DevOptions.NodePort);
        var chainPort = Port("--chain-port", "The sandbox chain's port.", DevOptions.CkbPort);
        var databasePort = Port(
            "--database-port",
            "The private PostgreSQL's port; it names a socket, nothing listens on the network.",
            DevOptions.DatabasePort);
        var command = new Command(
            "dev",
            """
            Run a private PostgreSQL, a sandbox Fiber node, a sandbox chain with a wallet, and the service, with a community to try
            things as. Ctrl-C stops all of it; the data stays for the next time.

            FIBERLINK_DATABASE, FIBERLINK_NODE_URL and FIBERLINK_URLS put a server, a node or addresses of your own in their place;
            FIBERLINK_CKB_URL, FIBERLINK_SIGNER_SOCKET and FIBERLINK_SIGNER_PUBKEY together a chain.
            """) { fresh, port, nodePort, chainPort, databasePort };
        command.SetAction((parsed, ct) => new DevSession(
            shared.HomeOf(parsed),
            new DevOptions(
                parsed.GetValue(fresh),
                parsed.GetValue(port),
                parsed.GetValue(nodePort),
                parsed.GetValue(chainPort),
                parsed.GetValue(databasePort))).RunAsync(ct));
        return command;
    }

    private static Option<int> Port(string name, string description, int standard)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => standard };
        option.Validators.Add(result =>
        {
            // What is no number at all has been refused before.
            if (result.Tokens is [var token]
                && long.TryParse(token.Value, CultureInfo.InvariantCulture, out var port)
                && port is < 0 or > ushort.MaxValue)
            {
                result.AddError($"{name} takes a port, 0 to {ushort.MaxValue}; 0 takes a free one.");
            }
        });
        return option;
    }
}

/// <summary>How <c>dev</c> is to run.</summary>
internal sealed record DevOptions(bool Fresh, int Port, int SandboxPort, int ChainPort, int PostgresPort)
{
    public const int ServicePort = 8080;
    public const int NodePort = 8227;
    public const int CkbPort = 8114;
    public const int DatabasePort = 54329;
}
