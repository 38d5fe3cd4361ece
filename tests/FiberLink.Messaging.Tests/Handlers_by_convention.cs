using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging.Abstractions;

namespace FiberLink.Messaging.Tests;

/// <summary>A message of these tests.</summary>
public sealed record Note(int Number);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectRequiredConstructorParameters = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(Note))]
internal sealed partial class NoteJson : JsonSerializerContext;

public sealed class Handlers_by_convention(MessagesUnderTest messages) : IClassFixture<MessagesUnderTest>, IAsyncLifetime
{
    private static readonly MessageType<Note> Notes = new("note.v1", NoteJson.Default.Note);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await messages.ResetAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Are_given_the_message_and_what_is_known_of_it()
    {
        var seen = new List<(int, int, string, string?)>();
        await ReceiveAsync(7);

        await DispatchAsync(new HandlerList().On(Notes).By((note, context) =>
            seen.Add((note.Number, context.Attempt, context.Tenant, context.CorrelationId))));

        Assert.Equal([(7, 1, "demo", "request-1")], seen);
        Assert.Equal("0 1 0", await messages.CountsAsync());
    }

    [Fact]
    public async Task Answer_with_messages_that_commit_with_the_marker_and_join_its_request()
    {
        var (one, two) = (Bare(1), Bare(2));
        await ReceiveAsync(7);

        await DispatchAsync(new HandlerList().On(Notes).By((_, _, _) => Task.FromResult<IReadOnlyList<OutgoingMessage>>([one, two])));

        Assert.Equal("2 1 0", await messages.CountsAsync());
        Assert.Equal("request-1", await messages.TextAsync("select distinct correlation_id from messaging.waiting"));
    }

    [Theory]
    [InlineData(true, "1 1 0")]
    [InlineData(false, "0 1 0")]
    public async Task Answer_with_one_message_or_none(bool answers, string counts)
    {
        await ReceiveAsync(7);

        await DispatchAsync(new HandlerList().On(Notes).By((_, _) => answers ? Bare(1) : null));

        Assert.Equal(counts, await messages.CountsAsync());
    }

    [Fact]
    public async Task Commit_the_marker_with_their_own_change_and_say_so()
    {
        await ReceiveAsync(7);

        await DispatchAsync(new HandlerList().On(Notes).By(async (note, context, ct) =>
            await messages.Store.AppendAsync(MessagesUnderTest.Noting($"{note.Number}", context.Marker), ct)
                is EventStore.AppendResult.ConstraintBroken broken
                ? context.Refused(broken.Constraint)
                : context.Committed()));

        Assert.Equal("0 1 0", await messages.CountsAsync());
        Assert.Equal(1, await messages.Store.ReadHeadAsync(Ct));
    }

    [Fact]
    public async Task That_say_nothing_of_their_marker_are_tried_again()
    {
        await ReceiveAsync(7);

        await DispatchAsync(new HandlerList().On(Notes).By((_, _, _) => Task.FromResult<MarkerCommitted>(null!)));

        Assert.Equal("1 0 0", await messages.CountsAsync());
        Assert.Contains("does not say", await messages.TextAsync("select last_error from messaging.waiting"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whose_change_was_refused_for_a_reason_of_its_own_are_not_taken_for_done()
    {
        await ReceiveAsync(7);

        await DispatchAsync(new HandlerList().On(Notes).By((_, context, _) => Task.FromResult(context.Refused("ck_balance"))));

        Assert.Equal("1 0 0", await messages.CountsAsync());
        Assert.Contains("ck_balance", await messages.TextAsync("select last_error from messaging.waiting"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task That_lost_their_message_change_nothing_about_it()
    {
        await ReceiveAsync(7);

        await DispatchAsync(new HandlerList().On(Notes).By(async (_, context, ct) =>
        {
            await messages.EndLeasesAsync();
            await messages.Queue.ReleaseAsync(TimeSpan.FromDays(1), ct);
            throw new MessageLostException(context.Id);
        }));

        Assert.Equal("ready 1 null", await messages.TextAsync(
            "select concat_ws(' ', state, attempts, coalesce(last_error, 'null')) from messaging.waiting"));
    }

    [Theory]
    [InlineData("""{"number": "seven"}""")]
    [InlineData("""{"number": 7, "more": 1}""")]
    [InlineData("{}")]
    [InlineData("null")]
    public async Task Never_see_a_body_that_is_not_what_the_name_promises(string body)
    {
        await messages.Queue.ReceiveAsync([MessagesUnderTest.Message() with { Body = body }], Ct);

        await DispatchAsync(new HandlerList().On(Notes).By((_, _) => Assert.Fail("It was called.")));

        Assert.Equal("0 0 1", await messages.CountsAsync());
    }

    [Fact]
    public async Task Are_registered_once_and_a_message_without_one_waits_for_the_nodes_of_a_newer_version_and_is_given_up_in_the_end()
    {
        await ReceiveAsync(7);
        await DispatchAsync(new HandlerList());

        Assert.Equal("1 0 0", await messages.CountsAsync());
        await messages.ExecuteAsync($"update messaging.waiting set attempts = {RetrySchedule.Default.AttemptsMax - 1}");
        messages.Time.Advance(TimeSpan.FromMinutes(1));
        await DispatchAsync(new HandlerList());
        Assert.Equal("No handler is registered for 'note.v1' on this node.", await messages.TextAsync(
            "select last_error from messaging.dead_letters"));
        Assert.Throws<ArgumentException>(() => new HandlerList().On(Notes).By((_, _) => { }).On(Notes).By((_, _) => { }));
    }

    private static OutgoingMessage Bare(int number) =>
        MessagesUnderTest.Message(number) with { CorrelationId = null, TraceParent = null, DueAt = MessagesUnderTest.Noon.AddHours(1) };

    private Task ReceiveAsync(int number) => messages.Queue.ReceiveAsync([MessagesUnderTest.Message(number)], Ct);

    private async Task DispatchAsync(HandlerList handlers)
    {
        var dispatcher = new MessageDispatcher(
            messages.Queue, new MessageRouter(messages.Queue, handlers), "one", new(), messages.Time,
            NullLogger<MessageDispatcher>.Instance, null);
        Assert.Equal(1, await dispatcher.DispatchBatchAsync(Ct));
    }
}
