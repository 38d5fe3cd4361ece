using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.Messaging;
using Npgsql;

namespace FiberLink.Cli.Commands;

/// <summary><c>messages replay</c> and <c>messages discard</c>: what becomes of dead letters. Both are put on record.</summary>
internal static class MessagesDecisions
{
    private const string ExitCodes =
        """


        Exit codes: 0 done, also when it was done before; 1 there is no such message; 2 wrong usage; 3 the database does not answer.
        """;

    private delegate Task<bool> Decide(MessageQueue queue, Guid id, OperatorReason reason, CancellationToken ct);

    public static Command BuildReplay(SharedOptions shared) =>
        Build(
            shared,
            "replay",
            "Have dead letters handled once more, in their place if their key waits for them; by its id, also a message that was discarded "
            + "or has expired. Doing it twice is harmless." + ExitCodes,
            "replayed",
            (queue, id, reason, ct) => queue.ReplayAsync(id, reason, ct));

    public static Command BuildDiscard(SharedOptions shared) =>
        Build(
            shared,
            "discard",
            "Want no more of dead letters. They stay on record and can still be replayed; a key that waits for them goes on." + ExitCodes,
            "discarded",
            (queue, id, reason, ct) => queue.DiscardAsync(id, reason, ct));

    private static Command Build(SharedOptions shared, string verb, string description, string done, Decide decide)
    {
        var id = new Argument<Guid?>("id")
        {
            Description = "A dead letter's id; without it, all that the options name, up to the limit.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var reason = new Option<string>("--reason") { Description = "Why; it is kept, with who did it and when.", Required = true };
        var choice = new MessagesChoice();
        var command = new Command(verb, description) { id, reason };
        choice.AddTo(command, withState: false);
        command.SetAction((parsed, ct) => RunAsync(
            shared, parsed, parsed.GetValue(id), choice.Read(parsed, "dead"), parsed.GetValue(reason)!, done, decide, ct));
        return command;
    }

    private static async Task<int> RunAsync(
        SharedOptions shared,
        ParseResult parsed,
        Guid? id,
        MessageFilter filter,
        string why,
        string done,
        Decide decide,
        CancellationToken ct)
    {
        var reason = ReasonOf(why);
        if (id is null == (filter is { Name: null, Tenant: null, Key: null, OlderThan: null }))
        {
            throw new CommandFailedException(
                ExitCode.Usage, "Name one message by its id, or several by --name, --tenant, --key or --older-than.");
        }

        await using var database = NpgsqlDataSource.Create(shared.HomeOf(parsed).ToolSettings().Database);
        var queue = new MessageQueue(database, TimeProvider.System);
        var chosen = id is { } one ? [one] : (await new MessageDesk(database).ListAsync(filter, ct)).Select(m => m.Id).ToArray();
        var changed = new List<Guid>();
        foreach (var message in chosen)
        {
            if (await decide(queue, message, reason, ct))
            {
                changed.Add(message);
            }
        }

        if (changed.Count == 0 && id is { } missing && (await queue.FindAsync([missing], ct)).Count == 0)
        {
            throw new CommandFailedException(ExitCode.Refused, $"There is no message {missing}.");
        }

        await (parsed.GetValue(shared.Json)
            ? Printer.JsonAsync(new JsonObject { [done] = new JsonArray([.. changed.Select(c => (JsonNode)c)]) })
            : Console.Out.WriteLineAsync(changed.Count switch
            {
                0 => "No dead letter is concerned: nothing was done.",
                _ => $"{done}: {string.Join(", ", changed)}{(chosen.Length == filter.Limit && id is null ? MayBeMore(filter.Limit) : "")}",
            }));
        return ExitCode.Done;
    }

    /// <exception cref="CommandFailedException">It is no text, or too long a one.</exception>
    public static OperatorReason ReasonOf(string why)
    {
        if (string.IsNullOrWhiteSpace(why))
        {
            throw new CommandFailedException(ExitCode.Usage, "--reason takes a text: it is what others will go by.");
        }

        try
        {
            return new($"operator:{Environment.UserName}", why);
        }
        catch (ArgumentException refused)
        {
            throw new CommandFailedException(ExitCode.Usage, $"--reason: {refused.Message.Split(" (")[0]}");
        }
    }

    private static string MayBeMore(int limit) =>
        string.Create(CultureInfo.InvariantCulture, $"{Environment.NewLine}These are {limit}, as many as --limit says: there may be more.");
}
