using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.Messaging;
using Npgsql;

namespace FiberLink.Cli.Commands;

/// <summary><c>messages show</c>: one message.</summary>
internal static class MessagesShow
{
    public static Command Build(SharedOptions shared)
    {
        var id = new Argument<Guid>("id") { Description = "The message's id." };
        var show = new Command(
            "show",
            """
            Show all that is known of a message: its body, every attempt that failed, what operators did.

            Exit codes: 0 done; 1 it neither waits nor was given up, and the reason says whether it was handled; 2 wrong usage;
            3 the database does not answer.
            """)
        {
            id,
        };
        show.SetAction((parsed, ct) => RunAsync(shared, parsed, parsed.GetValue(id), ct));
        return show;
    }

    private static async Task<int> RunAsync(SharedOptions shared, ParseResult parsed, Guid id, CancellationToken ct)
    {
        await using var database = NpgsqlDataSource.Create(shared.HomeOf(parsed).ToolSettings().Database);
        var desk = new MessageDesk(database);
        if (await desk.FindAsync(id, ct) is not { } message)
        {
            var fates = await new MessageQueue(database, TimeProvider.System).FindAsync([id], ct);
            throw new CommandFailedException(
                ExitCode.Refused,
                fates.GetValueOrDefault(id) is MessageFate.Handled
                    ? $"Message {id} was handled; its effect is all that is kept of it."
                    : $"No message {id} waits, and none was given up. It may have been handled long ago.");
        }

        var (attempts, actions) = (await desk.AttemptsAsync(id, ct), await desk.ActionsAsync(id, ct));
        await (parsed.GetValue(shared.Json) ? Printer.JsonAsync(Json(message, attempts, actions)) : TellAsync(message, attempts, actions));
        return ExitCode.Done;
    }

    private static JsonObject Json(
        MessageSummary message, IReadOnlyList<AttemptRecord> attempts, IReadOnlyList<OperatorAction> actions)
    {
        var json = MessageText.Json(message);
        json["traceId"] = message.TraceId;
        json["body"] = JsonNode.Parse(message.Body!);
        json["failedAttempts"] = new JsonArray([.. attempts.Select(a => (JsonNode)new JsonObject
        {
            ["attempt"] = a.Attempt, ["endedAt"] = a.EndedAt, ["seconds"] = a.Took?.TotalSeconds, ["node"] = a.Node,
            ["outcome"] = a.Outcome, ["errorType"] = a.ErrorType, ["error"] = a.Error, ["traceId"] = a.TraceId,
        })]);
        json["operatorActions"] = new JsonArray([.. actions.Select(a => (JsonNode)new JsonObject
        {
            ["at"] = a.At, ["actor"] = a.Actor, ["action"] = a.Action, ["reason"] = a.Reason,
        })]);
        return json;
    }

    private static async Task TellAsync(
        MessageSummary message, IReadOnlyList<AttemptRecord> attempts, IReadOnlyList<OperatorAction> actions)
    {
        (string Name, string? Value)[] lines =
        [
            ("id", message.Id.ToString()), ("message", message.Name), ("app", message.Tenant), ("state", message.State),
            ("key", message.Key), ("attempts", message.Attempts.ToString(CultureInfo.InvariantCulture)),
            ("sent", MessageText.Moment(message.CreatedAt)), (WordFor(message.State), MessageText.Moment(message.At)),
            ("trace", message.TraceId), ("last error", message.LastError), ("", message.ErrorType),
        ];
        var width = lines.Max(l => l.Name.Length);
        foreach (var (name, value) in lines.Where(l => !string.IsNullOrEmpty(l.Value)))
        {
            await Console.Out.WriteLineAsync($"{name.PadRight(width)}  {value}");
        }

        await Console.Out.WriteLineAsync();
        await Printer.JsonAsync(JsonNode.Parse(message.Body!)!);
        await Console.Out.WriteLineAsync();
        await Printer.TableAsync(
            ["ATTEMPT", "ENDED", "TOOK", "NODE", "OUTCOME", "TRACE", "ERROR"],
            [.. attempts.Select(a => (IReadOnlyList<string>)
            [
                a.Attempt.ToString(CultureInfo.InvariantCulture), MessageText.Moment(a.EndedAt), Seconds(a.Took), a.Node ?? "-", a.Outcome,
                a.TraceId ?? "-", MessageText.Short(a.Error),
            ])]);
        if (actions.Count > 0)
        {
            await Console.Out.WriteLineAsync();
            await Printer.TableAsync(
                ["AT", "WHO", "DID", "WHY"],
                [.. actions.Select(a => (IReadOnlyList<string>)[MessageText.Moment(a.At), a.Actor, a.Action, a.Reason])]);
        }
    }

    private static string WordFor(string state) =>
        state switch { "dead" or "discarded" => "given up", "expired" => "expired", _ => "due" };

    private static string Seconds(TimeSpan? took) =>
        took is { } known ? string.Create(CultureInfo.InvariantCulture, $"{known.TotalSeconds:0.###} s") : "-";
}
