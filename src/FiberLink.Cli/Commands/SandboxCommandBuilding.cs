using System.CommandLine;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.Sandbox.Control;

using Names = FiberLink.Service.Startup.ServiceSettings.Names;

namespace FiberLink.Cli.Commands;

/// <summary>How each of these commands finds the node and prints what came of it.</summary>
internal sealed class SandboxCommandBuilding(SharedOptions shared, Option<string?> node)
{
    private static readonly TimeSpan CallTimeMax = TimeSpan.FromSeconds(30);

    public Command OnInvoice(
        string name,
        string description,
        Argument<string> invoice,
        Func<SandboxControl, ParseResult, CancellationToken, Task<SandboxListing>> act,
        params Option[] options)
    {
        var command = Create(name, description, [invoice, .. options], async (sandbox, parsed, ct) =>
        {
            var now = await act(sandbox, parsed, ct);
            await (parsed.GetValue(shared.Json)
                ? Printer.JsonAsync(SandboxCommands.ToJson(now))
                : Console.Out.WriteLineAsync($"{now.PaymentHash} is {now.Status}."));
        });
        return command;
    }

    public Command Switch(
        string name, string description, Func<SandboxControl, ParseResult, CancellationToken, Task> act, params Symbol[] inputs) =>
        Create(name, description, inputs, async (sandbox, parsed, ct) =>
        {
            await act(sandbox, parsed, ct);
            await (parsed.GetValue(shared.Json)
                ? Printer.JsonAsync(new JsonObject { ["done"] = true })
                : Console.Out.WriteLineAsync("Done."));
        });

    public Command Show(string name, string description, Func<SandboxControl, bool, CancellationToken, Task> show) =>
        Create(name, description, [], (sandbox, parsed, ct) => show(sandbox, parsed.GetValue(shared.Json), ct));

    /// <summary>A command that prints what came of it by itself.</summary>
    public Command Create(
        string name, string description, IReadOnlyList<Symbol> inputs, Func<SandboxControl, ParseResult, CancellationToken, Task> act)
    {
        var command = new Command(name, description);
        foreach (var input in inputs)
        {
            if (input is Argument argument)
            {
                command.Arguments.Add(argument);
            }
            else
            {
                command.Options.Add((Option)input);
            }
        }

        command.SetAction(async (parsed, ct) =>
        {
            using var http = new HttpClient { Timeout = CallTimeMax };
            await act(new SandboxControl(http, NodeOf(parsed)), parsed, ct);
            return ExitCode.Done;
        });
        return command;
    }

    private Uri NodeOf(ParseResult parsed)
    {
        var text = parsed.GetValue(node) ?? shared.HomeOf(parsed).Variable(Names.NodeUrl)
            ?? throw new CommandFailedException(ExitCode.Usage, $"No 'fiberlink dev' runs here: name --node, or set {Names.NodeUrl}.");
        return HttpAddress.Parse(text, "a node");
    }
}
