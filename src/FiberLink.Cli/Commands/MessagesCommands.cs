using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.Messaging;
using Npgsql;

namespace FiberLink.Cli.Commands;

/// <summary><c>messages</c>: what waits to be handled, and what could not be.</summary>
internal static class MessagesCommands
{
    private const int GroupsMax = 500;

    public static Command Build(SharedOptions shared)
    {
        var status = new Command(
            "status",
            """
            Show the service nodes that live, and how many messages wait, were given up or have expired, by name, community and state.
            OLDEST is since when the first of them is due, or was given up. More than 10,000 in one state are an estimate (~).

            Exit codes: 0 nothing was given up; 1 there are dead letters; 2 wrong usage; 3 the database does not answer.
            """);
        status.SetAction((parsed, ct) => StatusAsync(shared, parsed, ct));

        var choice = new MessagesChoice();
        var list = new Command(
            "list",
            """
            List messages that wait, were given up or have expired, the oldest first. DUE OR ENDED is when one may be handled next, or when
            it was given up or has expired.

            Exit codes: 0 done, also when there are none; 2 wrong usage; 3 the database does not answer.
            """);
        choice.AddTo(list, withState: true);
        list.SetAction((parsed, ct) => ListAsync(shared, parsed, choice.Read(parsed), ct));

        return new Command("messages", "What waits to be handled, and what could not be.")
        {
            status, list, MessagesShow.Build(shared), MessagesDecisions.BuildReplay(shared), MessagesDecisions.BuildDiscard(shared),
            MessagesSchedulesCommands.Build(shared),
        };
    }

    private static async Task<int> StatusAsync(SharedOptions shared, ParseResult parsed, CancellationToken ct)
    {
        await using var database = NpgsqlDataSource.Create(shared.HomeOf(parsed).ToolSettings().Database);
        var nodes = await new MessageDesk(database).NodesAsync(ct);
        var groups = await new MessageQueue(database, TimeProvider.System).BacklogAsync(GroupsMax, ct);
        if (parsed.GetValue(shared.Json))
        {
            await Printer.JsonAsync(new JsonObject
            {
                ["nodes"] = new JsonArray([.. nodes.Select(n => (JsonNode)new JsonObject
                {
                    ["id"] = n.Id, ["name"] = n.Name, ["host"] = n.Host, ["startedAt"] = n.StartedAt, ["heartbeatAt"] = n.HeartbeatAt,
                    ["inHand"] = n.InHand,
                })]),
                ["messages"] = new JsonArray([.. groups.Select(g => (JsonNode)new JsonObject
                {
                    ["name"] = g.Name, ["appId"] = g.Tenant, ["state"] = g.State, ["count"] = g.Count, ["oldestAt"] = g.OldestDueAt,
                    ["isEstimated"] = g.IsEstimated,
                })]),
            });
        }
        else
        {
            if (nodes.Count == 0)
            {
                await Console.Out.WriteLineAsync("No service node lives: nothing is handled until one does.");
            }

            await Printer.TableAsync(
                ["NODE", "NAME", "HOST", "SINCE", "LAST HEARD", "IN HAND"],
                [.. nodes.Select(n => (IReadOnlyList<string>)
                    [Number(n.Id), n.Name, n.Host, MessageText.Moment(n.StartedAt), MessageText.Moment(n.HeartbeatAt), Number(n.InHand)])]);
            await Console.Out.WriteLineAsync();
            await Printer.TableAsync(
                ["MESSAGE", "APP", "STATE", "COUNT", "OLDEST"],
                [.. groups.Select(g => (IReadOnlyList<string>)[g.Name, g.Tenant, g.State, Count(g), MessageText.Moment(g.OldestDueAt)])]);
        }

        return groups.Any(g => g.State == "dead") ? ExitCode.Refused : ExitCode.Done;
    }

    private static async Task<int> ListAsync(SharedOptions shared, ParseResult parsed, MessageFilter filter, CancellationToken ct)
    {
        await using var database = NpgsqlDataSource.Create(shared.HomeOf(parsed).ToolSettings().Database);
        var messages = await new MessageDesk(database).ListAsync(filter, ct);
        if (parsed.GetValue(shared.Json))
        {
            await Printer.JsonAsync(new JsonArray([.. messages.Select(m => (JsonNode)MessageText.Json(m))]));
            return ExitCode.Done;
        }

        await Printer.TableAsync(
            ["ID", "MESSAGE", "APP", "STATE", "KEY", "ATTEMPTS", "SENT", "DUE OR ENDED", "LAST ERROR"],
            [.. messages.Select(m => (IReadOnlyList<string>)
            [
                m.Id.ToString(), m.Name, m.Tenant, m.State, MessageText.Short(m.Key), Number(m.Attempts), MessageText.Moment(m.CreatedAt),
                MessageText.Moment(m.At), MessageText.Short(m.LastError),
            ])]);
        return ExitCode.Done;
    }

    private static string Count(Backlog group) => (group.IsEstimated ? "~" : "") + Number(group.Count);

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
