using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging.Abstractions;

namespace FiberLink.Messaging.Tests;

/// <summary>A message of these tests, as it is sent today.</summary>
public sealed record Memo(string Words, string Language)
{
    public string Words { get; } = Words.Length > 0 ? Words : throw new ArgumentException("A memo has words.", nameof(Words));
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(Memo))]
internal sealed partial class MemoJson : JsonSerializerContext;

/// <summary>In memory: it is not about the database.</summary>
public sealed class Messages_of_older_versions : IAsyncLifetime
{
    private static readonly MessageType<Memo> Memos = new("memo.v3", MemoJson.Default.Memo);
    private static readonly MessageUpcast First =
        new("memo.v1", "memo.v2", old => new JsonObject { ["words"] = old["text"]!.DeepClone() });

    private static readonly MessageUpcast Second =
        new("memo.v2", "memo.v3", old => new JsonObject { ["words"] = old["words"]!.DeepClone(), ["language"] = "en" });

    private readonly MessagesInMemory _messages = new();
    private readonly List<Memo> _seen = [];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private HandlerList Handlers => Registered(null).Reading(First).Reading(Second);

    public async ValueTask InitializeAsync() => await _messages.ResetAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData("memo.v1", """{"text": "hello"}""")]
    [InlineData("memo.v2", """{"words": "hello"}""")]
    [InlineData("memo.v3", """{"words": "hello", "language": "en"}""")]
    public async Task Are_read_in_the_present_shape_step_by_step(string name, string body)
    {
        Assert.Equal(MessageFate.Handled, await HandledAsync(Handlers, name, body));

        Assert.Equal([new("hello", "en")], _seen);
        Assert.Equal(new Memo("hello", "en"), Handlers.Read(name, body));
    }

    [Theory]
    [InlineData("memo.v1", "{}")]
    [InlineData("memo.v1", """{"text": 1}""")]
    [InlineData("memo.v1", """{"text": ""}""")]
    [InlineData("memo.v1", "[]")]
    [InlineData("memo.v2", "null")]
    [InlineData("memo.v3", """{"words": "hello"}""")]
    [InlineData("memo.v3", """{"words": "hello", "language": "en", "tone": "warm"}""")]
    [InlineData("memo.v3", """{"words": null, "language": "en"}""")]
    public async Task Are_dead_letters_at_once_when_they_are_not_what_their_name_promises(string name, string body)
    {
        Assert.Equal(MessageFate.DeadLetter, await HandledAsync(Handlers, name, body));

        Assert.Empty(_seen);
        var refused = Assert.Throws<CannotBeHandledException>(() => Handlers.Read(name, body));
        Assert.StartsWith($"The body of '{name}' cannot be read: ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Have_the_options_of_the_type_that_they_become_and_share_its_room()
    {
        var handlers = Registered(new() { ConcurrencyMax = 1, Retries = RetrySchedule.Default with { AttemptsMax = 1 } })
            .Reading(First).Reading(Second);
        var dispatcher = Dispatcher(handlers);
        await ReceiveAsync("memo.v1", """{"text": "one"}""");
        await ReceiveAsync("memo.v2", """{"words": "two"}""");
        await ReceiveAsync("memo.v3", """{"words": "three", "language": "en"}""");

        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(1, await dispatcher.DispatchBatchAsync(Ct));
        }

        Assert.Equal(["one", "three", "two"], _seen.Select(m => m.Words).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Have_one_way_to_be_read()
    {
        Assert.Throws<ArgumentException>(() => Handlers.Reading(First));
        Assert.Throws<ArgumentException>(() => Handlers.Reading(new("memo.v3", "memo.v4", o => o)));
        Assert.Throws<ArgumentException>(() => Handlers.On(new MessageType<Memo>("memo.v1", MemoJson.Default.Memo)).By((_, _) => { }));
    }

    [Fact]
    public void That_become_nothing_or_go_round_in_a_circle_are_unknown()
    {
        var lost = new HandlerList().Reading(new("a.v1", "b.v1", o => o)).Reading(new("b.v1", "a.v1", o => o)).Reading(First);

        Assert.Throws<CannotBeHandledException>(() => lost.Read("a.v1", "{}"));
        Assert.Throws<CannotBeHandledException>(() => lost.Read("memo.v1", "{}"));
    }

    private HandlerList Registered(HandlerOptions? options) =>
        new HandlerList().On(Memos, options).By((memo, _) =>
        {
            _seen.Add(memo);
        });

    private async Task<MessageFate> HandledAsync(HandlerList handlers, string name, string body)
    {
        var id = await ReceiveAsync(name, body);
        Assert.Equal(1, await Dispatcher(handlers).DispatchBatchAsync(Ct));
        return (await _messages.Queue.FindAsync([id], Ct))[id];
    }

    private async Task<Guid> ReceiveAsync(string name, string body)
    {
        var message = MessagesUnderTest.Message() with { Name = name, Body = body };
        await _messages.Queue.ReceiveAsync([message], Ct);
        return message.Id;
    }

    private MessageDispatcher Dispatcher(HandlerList handlers) =>
        new(
            _messages.Queue, new MessageRouter(_messages.Queue, handlers), "one", new(), _messages.Time,
            NullLogger<MessageDispatcher>.Instance, null);
}
