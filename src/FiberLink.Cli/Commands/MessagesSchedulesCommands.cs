using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.Messaging;
using Npgsql;

namespace FiberLink.Cli.Commands;

/// <summary><c>messages schedules</c>: what is sent again and again. What is decided about it is put on record.</summary>
internal static class MessagesSchedulesCommands
{
    private const string ExitCodes =
        """


        Exit codes: 0 done, also when it was done before; 1 there is no such schedule, or only a newer version can resume it;
        2 wrong usage; 3 the database does not answer.
        """;

    private delegate Task<bool> Decide(Schedules schedules, string name, OperatorReason reason, CancellationToken ct);

    public static Command Build(SharedOptions shared)
    {
        var list = new Command(
            "list",
            """
            List all schedules, paused ones and those that nobody declares any more as well. EXPIRES AFTER is how long a message is worth
            handling.

            Exit codes: 0 done, also when there are none; 2 wrong usage; 3 the database does not answer.
            """);
        list.SetAction((parsed, ct) => ListAsync(shared, parsed, ct));
        return new Command("schedules", "What is sent again and again.")
        {
            list,
            Build(
                shared,
                "pause",
                "Have a schedule send nothing until it is resumed. Messages that it has sent are handled all the same." + ExitCodes,
                "paused",
                (schedules, name, reason, ct) => schedules.PauseAsync(name, reason, ct)),
            Build(
                shared,
                "resume",
                "Have a schedule go on from now. What fell into the pause is not caught up." + ExitCodes,
                "resumed",
                (schedules, name, reason, ct) => schedules.ResumeAsync(name, reason, TimeProvider.System.GetUtcNow(), ct)),
        };
    }

    private static Command Build(SharedOptions shared, string verb, string description, string done, Decide decide)
    {
        var name = new Argument<string>("name") { Description = "The schedule's name." };
        var reason = new Option<string>("--reason") { Description = "Why; it is kept, with who did it and when.", Required = true };
        var command = new Command(verb, description) { name, reason };
        command.SetAction((parsed, ct) => DecideAsync(
            shared, parsed, parsed.GetValue(name)!, parsed.GetValue(reason)!, done, decide, ct));
        return command;
    }

    private static async Task<int> DecideAsync(
        SharedOptions shared, ParseResult parsed, string name, string why, string done, Decide decide, CancellationToken ct)
    {
        var reason = MessagesDecisions.ReasonOf(why);
        await using var database = NpgsqlDataSource.Create(shared.HomeOf(parsed).ToolSettings().Database);
        var schedules = new Schedules(database);
        var isChanged = await ChangedAsync(schedules, name, reason, decide, ct);
        if (!isChanged && (await schedules.ListAsync(ct)).All(s => s.Name != name))
        {
            throw new CommandFailedException(ExitCode.Refused, $"There is no schedule '{name}'.");
        }

        await (parsed.GetValue(shared.Json)
            ? Printer.JsonAsync(new JsonObject { [done] = isChanged ? new JsonArray(name) : [] })
            : Console.Out.WriteLineAsync(isChanged ? $"{done}: {name}" : $"{name} is {done} already: nothing was done."));
        return ExitCode.Done;
    }

    private static async Task<bool> ChangedAsync(
        Schedules schedules, string name, OperatorReason reason, Decide decide, CancellationToken ct)
    {
        try
        {
            return await decide(schedules, name, reason, ct);
        }
        catch (FormatException newer)
        {
            throw new CommandFailedException(
                ExitCode.Refused, $"{newer.Message} A newer version has declared {name}: resume it with that one.");
        }
    }

    private static async Task<int> ListAsync(SharedOptions shared, ParseResult parsed, CancellationToken ct)
    {
        await using var database = NpgsqlDataSource.Create(shared.HomeOf(parsed).ToolSettings().Database);
        var schedules = await new Schedules(database).ListAsync(ct);
        if (parsed.GetValue(shared.Json))
        {
            await Printer.JsonAsync(new JsonArray([.. schedules.Select(s => (JsonNode)Json(s))]));
            return ExitCode.Done;
        }

        await Printer.TableAsync(
            ["SCHEDULE", "OWNER", "WHEN", "CATCHES UP", "MESSAGE", "APP", "STATE", "NEXT", "LAST DUE", "FIRED", "SKIPPED", "EXPIRES AFTER"],
            [.. schedules.Select(s => (IReadOnlyList<string>)
            [
                s.Name, s.Owner, s.Recurrence, s.CatchUp, s.MessageName, s.Tenant, StateOf(s), Moment(s.NextDueAt), Moment(s.LastDueAt),
                Moment(s.LastFiredAt), s.Skipped.ToString(CultureInfo.InvariantCulture),
                s.ExpiresAfter?.ToString("c", CultureInfo.InvariantCulture) ?? "-",
            ])]);
        return ExitCode.Done;
    }

    private static JsonObject Json(ScheduleRecord schedule) => new()
    {
        ["name"] = schedule.Name,
        ["owner"] = schedule.Owner,
        ["recurrence"] = schedule.Recurrence,
        ["catchUp"] = schedule.CatchUp,
        ["message"] = schedule.MessageName,
        ["appId"] = schedule.Tenant,
        ["state"] = StateOf(schedule),
        ["nextDueAt"] = schedule.NextDueAt,
        ["lastDueAt"] = schedule.LastDueAt,
        ["lastFiredAt"] = schedule.LastFiredAt,
        ["skipped"] = schedule.Skipped,
        ["expiresAfterSeconds"] = schedule.ExpiresAfter?.TotalSeconds,
    };

    private static string StateOf(ScheduleRecord schedule) =>
        schedule.IsOrphaned ? "orphaned" : schedule.IsPaused ? "paused" : "active";

    private static string Moment(DateTimeOffset? at) =>
        at is { } known ? known.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) : "-";
}
