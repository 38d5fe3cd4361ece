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
            Show the service nodes that live, and how many messages wait or were given up, by name, community and state.

            Exit codes: 0 nothing was given up; 1 there are dead letters; 2 wrong usage; 3 the database does not answer.
            """);
        status.SetAction((parsed, ct) => StatusAsync(shared, parsed, ct));

        var choice = new MessagesChoice();
        var list = new Command("list", "List messages that wait or were given up, the oldest first.");
        choice.AddTo(list, withState: true);
        list.SetAction((parsed, ct) => ListAsync(shared, parsed, choice.Read(parsed), ct));

        var id = new Argument<Guid>("id") { Description = "The message's id." };
        var show = new Command("show", "Show all that is known of a message: its body, every failed attempt, what operators did.") { id };
        show.SetAction((parsed, ct) => ShowAsync(shared, parsed, parsed.GetValue(id), ct));
        return new Command("messages", "What waits to be handled, and what could not be.")
        {
            status, list, show, MessagesDecisions.BuildReplay(shared), MessagesDecisions.BuildDiscard(shared),
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
                })]),
            });
        }
        else
        {
            await Printer.TableAsync(
                ["NODE", "NAME", "HOST", "SINCE", "LAST HEARD", "IN HAND"],
                [.. nodes.Select(n => (IReadOnlyList<string>)
                    [Number(n.Id), n.Name, n.Host, Moment(n.StartedAt), Moment(n.HeartbeatAt), Number(n.InHand)])]);
            await Console.Out.WriteLineAsync();
            await Printer.TableAsync(
                ["MESSAGE", "APP", "STATE", "COUNT", "OLDEST"],
                [.. groups.Select(g => (IReadOnlyList<string>)[g.Name, g.Tenant, g.State, Number(g.Count), Moment(g.OldestDueAt)])]);
        }

        return groups.Any(g => g.State == "dead") ? ExitCode.Refused : ExitCode.Done;
    }

    private static async Task<int> ListAsync(SharedOptions shared, ParseResult parsed, MessageFilter filter, CancellationToken ct)
    {
        await using var database = NpgsqlDataSource.Create(shared.HomeOf(parsed).ToolSettings().Database);
        var messages = await new MessageDesk(database).ListAsync(filter, ct);
        if (parsed.GetValue(shared.Json))
        {
            await Printer.JsonAsync(new JsonArray([.. messages.Select(m => (JsonNode)Json(m))]));
            return ExitCode.Done;
        }

        await Printer.TableAsync(
            ["ID", "MESSAGE", "APP", "STATE", "KEY", "ATTEMPTS", "SENT", "LAST ERROR"],
            [.. messages.Select(m => (IReadOnlyList<string>)
            [
                m.Id.ToString(), m.Name, m.Tenant, m.State, m.Key ?? "-", Number(m.Attempts), Moment(m.CreatedAt), m.LastError ?? "-",
            ])]);
        return ExitCode.Done;
    }

    private static async Task<int> ShowAsync(SharedOptions shared, ParseResult parsed, Guid id, CancellationToken ct)
    {
        await using var database = NpgsqlDataSource.Create(shared.HomeOf(parsed).ToolSettings().Database);
        var desk = new MessageDesk(database);
        var message = await desk.FindAsync(id, ct)
            ?? throw new CommandFailedException(
                ExitCode.Refused, $"No message {id} waits, and none was given up. It may have been handled.");
        var json = Json(message);
        json["traceId"] = message.TraceId;
        json["body"] = JsonNode.Parse(message.Body!);
        json["failedAttempts"] = new JsonArray([.. (await desk.AttemptsAsync(id, ct)).Select(a => (JsonNode)new JsonObject
        {
            ["attempt"] = a.Attempt, ["endedAt"] = a.EndedAt, ["seconds"] = a.Took?.TotalSeconds, ["node"] = a.Node,
            ["outcome"] = a.Outcome, ["errorType"] = a.ErrorType, ["error"] = a.Error, ["traceId"] = a.TraceId,
        })]);
        json["operatorActions"] = new JsonArray([.. (await desk.ActionsAsync(id, ct)).Select(a => (JsonNode)new JsonObject
        {
            ["at"] = a.At, ["actor"] = a.Actor, ["action"] = a.Action, ["reason"] = a.Reason,
        })]);
        await Printer.JsonAsync(json);
        return ExitCode.Done;
    }

    private static JsonObject Json(MessageSummary message) => new JsonObject
    {
        ["id"] = message.Id,
        ["name"] = message.Name,
        ["appId"] = message.Tenant,
        ["state"] = message.State,
        ["key"] = message.Key,
        ["attempts"] = message.Attempts,
        ["createdAt"] = message.CreatedAt,
        [message.State is "dead" or "discarded" ? "failedAt" : "dueAt"] = message.At,
        ["errorType"] = message.ErrorType,
        ["lastError"] = message.LastError,
    };

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Moment(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
