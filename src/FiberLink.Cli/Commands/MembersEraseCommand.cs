using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.Events.Members;
using FiberLink.Service;
using FiberLink.Service.Members;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Cli.Commands;

/// <summary><c>members erase</c>: what a member has written becomes unreadable for good.</summary>
internal static class MembersEraseCommand
{
    // Said before and after it is done: nobody may believe that more is gone than is.
    private static readonly string[] Remains =
    [
        "Backups, replicas that lag and archived WAL from before hold the sealed key until they expire: with one of them and the master "
        + "key the texts can be read. After the vault is restored from one, erase again.",
        "A service node that cannot be told may show a text for a minute more.",
        "The book stays: the member's id, tips, posts, amounts, destinations and the reasons that operators gave are in the log for good.",
        "What the forum, chats and mails have of the texts is theirs to erase.",
    ];

    public static Command Build(SharedOptions shared)
    {
        var (app, member) = (MembersCommands.App(), MembersCommands.Member());
        var yes = new Option<bool>("--yes") { Description = "Do it. Without this it is only said what would be erased." };
        var words = new OperatorOptions("no text of the member's belongs in it");
        var erase = new Command(
            "erase",
            """
            Erase what a member has written, for good: the key that it was sealed under is deleted, in the same commit that records it as
            an event. No event is changed, so the log, its proofs, the books and every read model stay right. What the member writes later
            gets a new key, and can be read until that is erased. Doing it again does no harm.

            Exit codes: 0 done, also when there was nothing to erase; 1 refused, and why, or --yes was not said; 2 wrong usage; 3 the
            database does not answer.
            """) { app, member, yes };
        words.AddTo(erase);
        erase.SetAction(async (parsed, ct) =>
        {
            var (by, reason) = words.Read(parsed);
            await using var tools = ServiceHost.BuildTools(shared.HomeOf(parsed).ToolSettings());
            var (of, who) = (parsed.GetValue(app)!, parsed.GetValue(member)!);
            var erasure = tools.GetRequiredService<MemberErasure>();
            var answer = parsed.GetValue(yes)
                ? await erasure.EraseAsync(of, who, by, reason, ct)
                : await erasure.LookAsync(of, who, ct);
            if (answer is ErasureAnswer.Refused refused)
            {
                throw new CommandFailedException(ExitCode.Refused, refused.Why);
            }

            await (parsed.GetValue(shared.Json) ? Printer.JsonAsync(Json(of, who, answer)) : SayAsync(of, who, answer));
            return answer is ErasureAnswer.Found
                ? throw new CommandFailedException(ExitCode.Refused, "Nothing was erased: it cannot be undone. Say --yes to do it.")
                : ExitCode.Done;
        });
        return erase;
    }

    private static async Task SayAsync(string app, string member, ErasureAnswer answer)
    {
        await Console.Out.WriteLineAsync(answer switch
        {
            ErasureAnswer.Found found => $"{member} of {app}: {Texts(found.Texts)} under the key {found.KeyId}.",
            ErasureAnswer.Erased erased => string.Create(
                CultureInfo.InvariantCulture,
                $"Erased at position {erased.Position}: the key {erased.KeyId}, and with it {Texts(erased.Texts)} of {member} of {app}."),
            ErasureAnswer.Nothing { Before: [] } => $"{member} of {app} has written nothing: there is no key, and nothing was done.",
            ErasureAnswer.Nothing => $"It was so already: {member} of {app} has no key, and nothing was done.",
            _ => throw new System.Diagnostics.UnreachableException(),
        });
        foreach (var e in Before(answer))
        {
            await Console.Out.WriteLineAsync($"Erased before: {e.ErasedAt:u} by {e.By} ({e.Reason}), key {e.KeyId}.");
        }

        await Console.Out.WriteLineAsync("What is not erased:");
        foreach (var remains in Remains)
        {
            await Console.Out.WriteLineAsync($"- {remains}");
        }
    }

    private static JsonObject Json(string app, string member, ErasureAnswer answer) => new()
    {
        ["appId"] = app,
        ["member"] = member,
        ["erased"] = answer is ErasureAnswer.Erased,
        ["keyId"] = answer switch
        {
            ErasureAnswer.Found found => found.KeyId.ToString(),
            ErasureAnswer.Erased erased => erased.KeyId.ToString(),
            _ => null,
        },
        ["texts"] = answer switch
        {
            ErasureAnswer.Found found => found.Texts,
            ErasureAnswer.Erased erased => erased.Texts,
            _ => 0,
        },
        ["position"] = answer is ErasureAnswer.Erased done ? done.Position : null,
        ["before"] = new JsonArray([.. Before(answer).Select(e => (JsonNode)new JsonObject
        {
            ["keyId"] = e.KeyId.ToString(), ["at"] = e.ErasedAt, ["by"] = e.By, ["reason"] = e.Reason,
        })]),
        ["remains"] = new JsonArray([.. Remains.Select(r => (JsonNode)r)]),
    };

    private static IReadOnlyList<MemberEvent.TextsErased> Before(ErasureAnswer answer) =>
        answer switch
        {
            ErasureAnswer.Found found => found.Before,
            ErasureAnswer.Nothing nothing => nothing.Before,
            _ => [],
        };

    private static string Texts(long count) => string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? "text" : "texts")}");
}
