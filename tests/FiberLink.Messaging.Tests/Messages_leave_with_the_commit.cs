using FiberLink.EventStore;
using FiberLink.Postgres;
using FiberLink.Testing;

namespace FiberLink.Messaging.Tests;

public sealed class Messages_leave_with_the_commit(MessagesUnderTest messages) : IClassFixture<MessagesUnderTest>, IAsyncLifetime
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await messages.ResetAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_message_waits_once_its_change_has_committed_with_all_that_was_said_about_it()
    {
        var message = MessagesUnderTest.Message(7);
        await AppendedAsync(MessagesUnderTest.Noting("a", message));

        var taken = Assert.Single(await TakeAsync("one"));

        Assert.Equal(
            new WaitingMessage(message.Id, "note.v1", "demo", """{"number": 7}""", 1, "request-1", "00-trace-01")
            {
                Fence = taken.Fence,
                Waited = taken.Waited,
            },
            taken);
    }

    [Fact]
    public async Task A_change_that_is_refused_sends_nothing()
    {
        var marker = new HandledMarker(Guid.CreateVersion7(), "note.v1");
        await AppendedAsync(MessagesUnderTest.Noting("a", marker));

        var moved = MessagesUnderTest.Noting("b", MessagesUnderTest.Message()) with
        {
            Appends = [new(new("demo", "note-1"), ExpectedVersion.NoStream, [new(Guid.CreateVersion7(), new Noted("b"))])],
        };
        Assert.IsType<AppendResult.VersionMoved>(await messages.Store.AppendAsync(moved, Ct));
        Assert.IsType<AppendResult.ConstraintBroken>(
            await messages.Store.AppendAsync(MessagesUnderTest.Noting("c", MessagesUnderTest.Message(), marker), Ct));

        Assert.Equal("0 1 0", await messages.CountsAsync());
        Assert.Equal(1, await messages.Store.ReadHeadAsync(Ct));
    }

    [Fact]
    public async Task Asking_twice_sends_once()
    {
        var message = MessagesUnderTest.Message();
        await AppendedAsync(MessagesUnderTest.Noting("a", message, message));
        await AppendedAsync(MessagesUnderTest.Noting("b", message));

        Assert.Equal("1 0 0", await messages.CountsAsync());
    }

    [Fact]
    public async Task The_effect_and_the_marker_commit_together_and_take_the_message_off_the_queue()
    {
        var message = MessagesUnderTest.Message();
        await AppendedAsync(MessagesUnderTest.Noting("cause", message));
        var taken = Assert.Single(await TakeAsync("one"));

        await AppendedAsync(MessagesUnderTest.Noting("effect", new HandledMarker(taken.Id, taken.Name), MessagesUnderTest.Message(2)));

        Assert.Equal("1 1 0", await messages.CountsAsync());
        Assert.Equal(2, await messages.Store.ReadHeadAsync(Ct));
    }

    [Fact]
    public async Task A_second_handling_is_refused_by_the_marker_and_writes_nothing()
    {
        var marker = new HandledMarker(Guid.CreateVersion7(), "note.v1");
        await AppendedAsync(MessagesUnderTest.Noting("effect", marker));

        var second = await messages.Store.AppendAsync(MessagesUnderTest.Noting("effect", marker, MessagesUnderTest.Message()), Ct);

        Assert.Equal(new AppendResult.ConstraintBroken(HandledMarker.Constraint), second);
        Assert.Equal("0 1 0", await messages.CountsAsync());
        Assert.Equal(1, await messages.Store.ReadHeadAsync(Ct));
    }

    [Fact]
    public async Task Of_two_handlings_at_once_one_has_its_effect()
    {
        var message = MessagesUnderTest.Message();
        await AppendedAsync(Change.OfRows(EventMetadata.None, MessagesUnderTest.Noon, message));
        var marker = new HandledMarker(message.Id, message.Name);

        // Neither appends events, so nothing but the marker stands between them.
        await using var gate = await UnitOfWork.BeginAsync(messages.Database, Ct);
        await using (var hold = gate.Command("select from messaging.waiting for update"))
        {
            await hold.ExecuteNonQueryAsync(Ct);
        }

        var handlings = Enumerable.Range(2, 2).Select(number => messages.Open().AppendAsync(
            Change.OfRows(EventMetadata.None, MessagesUnderTest.Noon, marker, MessagesUnderTest.Message(number)), Ct)).ToArray();
        await messages.WaitingSessionsAsync(2, Ct);
        await gate.DisposeAsync();
        var results = await Task.WhenAll(handlings);

        Assert.Single(results.OfType<AppendResult.Appended>());
        Assert.Equal(
            new AppendResult.ConstraintBroken(HandledMarker.Constraint),
            Assert.Single(results.OfType<AppendResult.ConstraintBroken>()));
        Assert.Equal("1 1 0", await messages.CountsAsync());
    }

    [Fact]
    public async Task A_commit_with_messages_is_announced_to_other_processes()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var heard = 0;
        var listening = new Notifications(messages.Database, TimeProvider.System).RunAsync(OutboxWriter.Channel, () => heard++, stop.Token);
        await Eventually.HoldsAsync("it listens", () => heard == 1, Ct);

        await AppendedAsync(MessagesUnderTest.Noting("a", MessagesUnderTest.Message()));
        await Eventually.HoldsAsync("the outbox is heard", () => heard == 2, Ct);
        await messages.Queue.ReceiveAsync([MessagesUnderTest.Message()], Ct);
        await Eventually.HoldsAsync("the inbox is heard", () => heard == 3, Ct);

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => listening);
    }

    private async Task<IReadOnlyList<WaitingMessage>> TakeAsync(string owner) =>
        await messages.Queue.TakeAsync(await messages.Queue.JoinAsync(owner, Ct), new(TimeSpan.FromHours(1), 10, long.MaxValue), Ct);

    private async Task AppendedAsync(Change change) =>
        Assert.IsType<AppendResult.Appended>(await messages.Store.AppendAsync(change, Ct));
}
