using System.Text.Json.Nodes;
using FiberLink.Messaging;
using FiberLink.Service.Messages;
using FiberLink.Testing;
using Npgsql;

namespace FiberLink.EndToEnd.Tests.Development;

/// <summary><c>messages</c>, as processes, beside a service that runs.</summary>
public sealed class Looking_after_messages
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Shows_who_works_and_what_waits_and_wants_a_reason_for_what_is_decided()
    {
        await using var folder = new DevFolder();
        await using var dev = await folder.StartDevAsync(Ct);
        var nothing = Guid.NewGuid().ToString();

        var status = await folder.JsonAsync(Ct, "messages", "status");
        Assert.Single((JsonArray)status["nodes"]!);
        Assert.Contains("IN HAND", await folder.DoAsync(Ct, "messages", "status"), StringComparison.Ordinal);
        Assert.Contains("LAST ERROR", await folder.DoAsync(Ct, "messages", "list", "--state", "dead"), StringComparison.Ordinal);
        await folder.EndsAsync(2, "--state takes one of", "messages", "list", "--state", "lost");
        await folder.EndsAsync(1, "No message", "messages", "show", nothing);
        await folder.EndsAsync(2, "--reason", "messages", "replay", nothing);
        await folder.EndsAsync(2, "--reason takes a text", "messages", "replay", nothing, "--reason", " ");
        await folder.EndsAsync(2, "by its id, or several", "messages", "discard", "--reason", "x");
        await folder.EndsAsync(2, "by its id, or several", "messages", "discard", nothing, "--name", "n", "--reason", "x");
        await folder.EndsAsync(1, "There is no message", "messages", "discard", nothing, "--reason", "x");
        await folder.EndsAsync(
            2, "--reason: Reason has 2001 characters; 2000 is the most.", "messages", "discard", nothing, "--reason",
            new string('x', 2_001));
        Assert.Contains(
            "nothing was done",
            await folder.DoAsync(Ct, "messages", "replay", "--name", "none.v1", "--reason", "x"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shows_one_message_in_lines_or_as_JSON_and_says_what_became_of_those_that_are_not_there()
    {
        await using var folder = new DevFolder();
        await using var dev = await folder.StartDevAsync(Ct);
        await using var database = NpgsqlDataSource.Create((string)(await folder.DevFileAsync(Ct))["connectionString"]!);
        var queue = new MessageQueue(database, TimeProvider.System);
        var now = TimeProvider.System.GetUtcNow();
        OutgoingMessage[] sent =
        [
            Message("""{"surprise": 1}""", now),
            Message(IssueInvoice.Type.Write(new(Guid.Empty)), now) with { ExpiresAt = now },
        ];
        var handled = Guid.CreateVersion7();
        await queue.ReceiveAsync(sent, Ct);
        await queue.FinishAsync(new(handled, IssueInvoice.Name), [], Ct);
        await Eventually.HoldsAsync(
            "both are finished",
            async () => (await queue.FindAsync([.. sent.Select(m => m.Id)], Ct)).Values.Order()
                .SequenceEqual([MessageFate.DeadLetter, MessageFate.Expired]),
            Ct);

        var lines = await folder.DoAsync(Ct, "messages", "show", $"{sent[0].Id}");
        Assert.All(
            (string[])["state       dead", "given up", "OUTCOME", "surprise"], s => Assert.Contains(s, lines, StringComparison.Ordinal));
        Assert.Equal("dead", (string?)(await folder.JsonAsync(Ct, "messages", "show", $"{sent[0].Id}"))["state"]);
        Assert.Contains($"{sent[1].Id}", await folder.DoAsync(Ct, "messages", "list", "--state", "expired"), StringComparison.Ordinal);
        await folder.EndsAsync(1, "was handled", "messages", "show", $"{handled}");
        await folder.EndsAsync(1, "expired", "messages", "status");
        await folder.EndsAsync(
            0, "there may be more", "messages", "discard", "--name", IssueInvoice.Name, "--limit", "1", "--reason", "x");

        static OutgoingMessage Message(string body, DateTimeOffset now) =>
            new(Guid.CreateVersion7(), IssueInvoice.Name, "demo", body, now, null, null);
    }

    [Fact]
    public async Task Shows_pauses_and_resumes_what_is_sent_again_and_again()
    {
        await using var folder = new DevFolder();
        await using var dev = await folder.StartDevAsync(Ct);
        await using var database = NpgsqlDataSource.Create((string)(await folder.DevFileAsync(Ct))["connectionString"]!);
        var list = new ScheduleList("tests").Send(
            "hourly", Recurrence.Every(TimeSpan.FromHours(1)), CatchUp.All(24), IssueInvoice.Type, "demo", new(Guid.Empty));
        await new Schedules(database).DeclareAsync(list, DateTimeOffset.UnixEpoch, Ct);

        Assert.Contains("every 01:00:00", await folder.DoAsync(Ct, "messages", "schedules", "list"), StringComparison.Ordinal);
        await folder.EndsAsync(2, "--reason", "messages", "schedules", "pause", "hourly");
        await folder.EndsAsync(2, "--reason takes a text", "messages", "schedules", "pause", "hourly", "--reason", " ");
        await folder.EndsAsync(1, "There is no schedule", "messages", "schedules", "resume", "daily", "--reason", "x");
        await folder.EndsAsync(0, "paused: hourly", "messages", "schedules", "pause", "hourly", "--reason", "x");
        await folder.EndsAsync(0, "nothing was done", "messages", "schedules", "pause", "hourly", "--reason", "x");
        Assert.Equal("paused", (string?)(await folder.JsonAsync(Ct, "messages", "schedules", "list"))[0]!["state"]);
        Assert.Single((JsonArray)(await folder.JsonAsync(Ct, "messages", "schedules", "resume", "hourly", "--reason", "x"))["resumed"]!);
        var resumed = Assert.Single(await new Schedules(database).ListAsync(Ct));
        Assert.True(resumed is { IsPaused: false } && resumed.NextDueAt > DateTimeOffset.UnixEpoch.AddYears(50));
    }
}
