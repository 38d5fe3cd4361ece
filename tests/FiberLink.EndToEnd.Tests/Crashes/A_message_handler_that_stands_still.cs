using System.Diagnostics;
using FiberLink.EndToEnd.Tests.Processes;
using FiberLink.EventStore;
using FiberLink.MessageWorker;
using FiberLink.Messaging;
using FiberLink.Testing;

namespace FiberLink.EndToEnd.Tests.Crashes;

/// <summary>
/// kill -STOP while messages are in hand, until others have them; then kill -CONT. Its handler hears of nothing but the log.
/// </summary>
public sealed class A_message_handler_that_stands_still
{
    private const int Letters = 12;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Writes_nothing_when_another_has_its_messages()
    {
        await using var database = await TestDatabase.CreateAsync(MessageWorker.Letters.Migrations);
        await using var paused = await PausedWithAllAsync(database);
        await using var heir = MessageWorkerProcess.Start(database.ConnectionString, "heir", seed: 2, producers: 0, holds: true);
        await TakenOverAsync(heir, "holding");

        await paused.GoOnAsync(Ct);
        await paused.Process.ResumeAsync(Ct);
        await paused.SaysAsync("refused", Letters, Ct);
        Assert.All(paused.Said("refused"), r => Assert.EndsWith(HandledMarker.LostConstraint, r, StringComparison.Ordinal));

        // It has another number by now, and takes what comes next like anybody.
        await AskAsync(database, Letters);
        await paused.SaysAsync("committed", 1, Ct);
        await heir.GoOnAsync(Ct);
        await AssertDoneAsync(database, heir, paused, 2 * Letters);
    }

    [Fact]
    public async Task Writes_nothing_when_another_has_handled_its_messages()
    {
        await using var database = await TestDatabase.CreateAsync(MessageWorker.Letters.Migrations);
        await using var paused = await PausedWithAllAsync(database);
        await using var heir = MessageWorkerProcess.Start(database.ConnectionString, "heir", seed: 2, producers: 0, holds: true);
        await heir.GoOnAsync(Ct);
        await TakenOverAsync(heir, "committed");

        await paused.GoOnAsync(Ct);
        await paused.Process.ResumeAsync(Ct);
        await paused.SaysAsync("refused", Letters, Ct);
        Assert.All(paused.Said("refused"), r => Assert.EndsWith(HandledMarker.Constraint, r, StringComparison.Ordinal));
        Assert.Empty(paused.Said("committed"));
        await AssertDoneAsync(database, heir, paused, Letters);
    }

    /// <summary>A worker that stands still with all letters there are in hand.</summary>
    private static async Task<MessageWorkerProcess> PausedWithAllAsync(TestDatabase database)
    {
        await AskAsync(database, Letters);
        var worker = MessageWorkerProcess.Start(database.ConnectionString, "paused", seed: 1, producers: 0, holds: true);
        await worker.SaysAsync("holding", Letters, Ct);
        await worker.Process.PauseAsync(Ct);
        return worker;
    }

    private static async Task TakenOverAsync(MessageWorkerProcess heir, string what)
    {
        var began = Stopwatch.GetTimestamp();
        await heir.SaysAsync(what, Letters, Ct);
        TestContext.Current.TestOutputHelper!.WriteLine($"Taken over after {Stopwatch.GetElapsedTime(began)}, the start included");
    }

    private static async Task AssertDoneAsync(
        TestDatabase database, MessageWorkerProcess heir, MessageWorkerProcess paused, int letters)
    {
        var audit = new LetterAudit(database.DataSource);
        Assert.Equal(letters, await audit.AssertAllIsDoneOnceAsync(Ct));
        Assert.True((await audit.DoneByAsync(Ct))[heir.Name] >= Letters);
        await heir.StopAsync(Ct);
        await paused.StopAsync(Ct);
    }

    /// <summary>Every other letter has a key of its own, so that all can be in hand at once.</summary>
    private static async Task AskAsync(TestDatabase database, int count)
    {
        await using var store = MessageWorker.Letters.Open(database.DataSource);
        Letter[] letters =
        [
            .. Enumerable.Range(0, count)
                .Select(n => new Letter(Guid.CreateVersion7(), "demo", n % 2 == 0 ? "" : $"key-{n}", Generations: 0)),
        ];
        Assert.IsType<AppendResult.Appended>(await store.AppendAsync(MessageWorker.Letters.Asking(letters, "demo", "asked"), Ct));
    }
}
