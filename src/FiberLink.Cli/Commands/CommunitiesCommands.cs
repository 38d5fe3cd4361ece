using System.CommandLine;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.Projections.Communities;
using FiberLink.Service;
using FiberLink.Service.Communities;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Cli.Commands;

/// <summary><c>communities</c>: who may sign requests.</summary>
internal static class CommunitiesCommands
{
    private static readonly TimeSpan OverlapDefault = TimeSpan.FromHours(24);

    public static Command Build(SharedOptions shared)
    {
        var app = new Argument<string>("app") { Description = "The community's id, as it signs requests." };
        var name = new Option<string>("--name") { Description = "What people call it. [default: its id]", DefaultValueFactory = _ => "" };
        var secret = new Option<string?>("--secret") { Description = "Its secret, at least 8 characters. [default: a random one]" };
        var create = new Command("create", "Register a community and print its secret, which is not told again.") { app, name, secret };
        create.SetAction((parsed, ct) => ChangeAsync(
            shared, parsed, app, (admin, id) => admin.RegisterAsync(id, parsed.GetValue(name)!, parsed.GetValue(secret), ct)));

        var overlap = Durations.Option("--overlap", "How long the present secret stays valid beside the new one. [default: 1d]");
        var rotate = new Command("rotate-secret", "Give a community a new secret and print it.") { app, overlap, secret };
        rotate.SetAction((parsed, ct) => ChangeAsync(
            shared,
            parsed,
            app,
            (admin, id) => admin.RotateSecretAsync(id, parsed.GetValue(secret), parsed.GetValue(overlap) ?? OverlapDefault, ct)));

        var list = new Command("list", "List the communities.");
        list.SetAction((parsed, ct) => ListAsync(shared, parsed, ct));
        return new Command("communities", "The communities and their secrets.") { create, list, rotate };
    }

    private static async Task<int> ChangeAsync(
        SharedOptions shared, ParseResult parsed, Argument<string> app, Func<CommunityAdministration, string, Task<CommunityAnswer>> change)
    {
        await using var tools = ServiceHost.BuildTools(shared.HomeOf(parsed).ToolSettings());
        var id = parsed.GetValue(app)!;
        switch (await change(tools.GetRequiredService<CommunityAdministration>(), id))
        {
            case CommunityAnswer.Done done when parsed.GetValue(shared.Json):
                await Printer.JsonAsync(new JsonObject { ["appId"] = id, ["secret"] = done.Secret });
                return ExitCode.Done;
            case CommunityAnswer.Done done:
                await Console.Out.WriteLineAsync(done.Secret);
                return ExitCode.Done;
            case CommunityAnswer.Refused refused:
                throw new CommandFailedException(ExitCode.Refused, refused.Why);
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private static async Task<int> ListAsync(SharedOptions shared, ParseResult parsed, CancellationToken ct)
    {
        await using var tools = ServiceHost.BuildTools(shared.HomeOf(parsed).ToolSettings());
        var all = await tools.GetRequiredService<CommunitiesQuery>().ListAsync(ct);
        if (parsed.GetValue(shared.Json))
        {
            await Printer.JsonAsync(new JsonArray([.. all.Select(c => (JsonNode)new JsonObject
            {
                ["appId"] = c.AppId,
                ["name"] = c.Name,
                ["registeredAt"] = c.RegisteredAt,
                ["secretId"] = c.SecretId,
                ["previousSecretValidUntil"] = c.PreviousValidUntil,
            })]));
            return ExitCode.Done;
        }

        await Printer.TableAsync(
            ["APP", "NAME", "REGISTERED", "PREVIOUS SECRET VALID UNTIL"],
            [.. all.Select(c => (IReadOnlyList<string>)
                [c.AppId, c.Name, $"{c.RegisteredAt:u}", c.PreviousValidUntil is { } until ? $"{until:u}" : "-"])]);
        return ExitCode.Done;
    }
}
