using System.Globalization;
using System.Text.Json.Nodes;
using FiberLink.HubNode;
using FiberLink.Projections.Communities;
using FiberLink.Service.Reconciliation;
using FiberLink.Service.Startup;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Cli.Commands;

/// <summary>What the commands that compare the log with the node have in common.</summary>
internal static class NodeTools
{
    /// <exception cref="CommandFailedException">There is no such community.</exception>
    public static async Task RequireAppAsync(IServiceProvider tools, string app, CancellationToken ct)
    {
        if (await tools.GetRequiredService<CommunitiesQuery>().FindAsync(app, ct) is null)
        {
            throw new CommandFailedException(
                ExitCode.Usage, $"There is no community '{app}'; 'fiberlink communities list' has them all.");
        }
    }

    /// <summary>Of a node on another network every invoice would be unknown, and that would say nothing.</summary>
    /// <exception cref="CommandFailedException">It does not answer, or is on another network.</exception>
    public static async Task RequireNodeAsync(ServiceProvider tools, ServiceSettings settings, CancellationToken ct)
    {
        var info = NodeView.Value(await tools.GetRequiredService<IHubNode>().GetInfoAsync(ct));
        if (info.Currency != settings.Network)
        {
            throw new CommandFailedException(
                ExitCode.Usage,
                $"The node is on {info.Currency}, and {ServiceSettings.Names.Network} says {settings.Network}: nothing was compared.");
        }
    }

    public static async Task SayFatesAsync(MessageFates fates)
    {
        if (fates.Sent == 0)
        {
            return;
        }

        await Console.Out.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"News: {fates.Sent}, of which {fates.Handled} handled, {fates.Waiting} waiting, {fates.DeadLetters} in dead letters."));
        if (fates.NobodyHandles)
        {
            await Console.Error.WriteLineAsync(
                "No service has taken any of it: none runs on this database. It is kept, and handled as soon as one does.");
        }

        if (fates.DeadLetters > 0)
        {
            await Console.Error.WriteLineAsync(
                "What is in dead letters was given up and is not tried again: see docs/runbooks/alarms.md, 1102.");
        }
    }

    public static JsonObject Json(MessageFates fates) =>
        new()
        {
            ["sent"] = fates.Sent,
            ["handled"] = fates.Handled,
            ["waiting"] = fates.Waiting,
            ["deadLetters"] = fates.DeadLetters,
            ["nobodyHandles"] = fates.NobodyHandles,
        };
}
