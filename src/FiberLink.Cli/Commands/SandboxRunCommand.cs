using System.CommandLine;
using System.Globalization;
using FiberLink.Sandbox;

namespace FiberLink.Cli.Commands;

/// <summary><c>sandbox run</c>: a sandbox node alone, for a service that runs elsewhere.</summary>
internal static class SandboxRunCommand
{
    public static Command Build()
    {
        var port = new Option<int>("--port")
        {
            Description = "Where it listens, on 127.0.0.1; 0 takes a free one.",
            DefaultValueFactory = _ => 8227,
        };
        var state = new Option<string?>("--state")
        {
            Description = "A file from which it goes on where it was; without it, nothing is kept.",
        };
        var command = new Command("run", "Run a sandbox node alone, until Ctrl-C.") { port, state };
        command.SetAction((parsed, ct) => RunAsync(parsed.GetValue(port), parsed.GetValue(state), ct));
        return command;
    }

    private static async Task<int> RunAsync(int port, string? state, CancellationToken ct)
    {
        if (port is < 0 or > ushort.MaxValue)
        {
            throw new CommandFailedException(ExitCode.Usage, "--port takes a number from 0 to 65535.");
        }

        var listen = new Uri($"http://127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}");
        var options = new SandboxNodeOptions { Listen = listen, StateFile = state is null ? null : Path.GetFullPath(state) };
        await using var node = await SandboxNode.StartAsync(options, TimeProvider.System, ct);
        Console.WriteLine($"The sandbox node listens on {node.Endpoint.ToString().TrimEnd('/')}");
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, ct);
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C is how it ends.
        }

        return ExitCode.Done;
    }
}
