using System.Text.Json;

namespace FiberLink.Messaging.Tests;

/// <summary>What the tests of all queues go by.</summary>
internal static class The_queue
{
    public static TimeSpan LongLease { get; } = TimeSpan.FromHours(1);

    public static TimeSpan SilenceMax { get; } = TimeSpan.FromMinutes(1);

    public static AttemptFailure Failure(string error) => new("System.Exception", error, TimeSpan.FromSeconds(1), "one", "trace-1");

    public static IEnumerable<int> Numbers(IEnumerable<WaitingMessage> taken) =>
        taken.Select(m => JsonDocument.Parse(m.Body).RootElement.GetProperty("number").GetInt32());
}

/// <summary>What every queue owes. A queue enrols with an empty subclass.</summary>
/// <remarks>What happens between transactions that overlap is not here: it needs a database whose transactions can be held open.</remarks>
public abstract partial class The_queue<TMessages>(TMessages messages) : IClassFixture<TMessages>, IAsyncLifetime
    where TMessages : class, IMessagesUnderTest
{
    private readonly Dictionary<string, ServiceNode> _nodes = new(StringComparer.Ordinal);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static DateTimeOffset Noon => MessagesUnderTest.Noon;

    private IMessageStore Queue => messages.Queue;

    public async ValueTask InitializeAsync() => await messages.ResetAsync();

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    private static OutgoingMessage Message(int number = 1, DateTimeOffset? dueAt = null, string? key = null, string tenant = "demo") =>
        MessagesUnderTest.Message(number, dueAt, key, tenant);

    private async Task<ServiceNode> NodeAsync(string name) =>
        _nodes.TryGetValue(name, out var node) ? node : _nodes[name] = await Queue.JoinAsync(name, Ct);

    private async Task<IReadOnlyList<WaitingMessage>> TakeAsync(string node, int limit = 10, long bytes = long.MaxValue) =>
        await Queue.TakeAsync(await NodeAsync(node), new(The_queue.LongLease, limit, bytes), Ct);

    private async Task<WaitingMessage> TakeOneAsync(string node) => Assert.Single(await TakeAsync(node, 1));

    private async Task<IEnumerable<int>> NumbersAsync(string node, int limit = 10) => The_queue.Numbers(await TakeAsync(node, limit));

    private Task<int> ReceiveAsync(params OutgoingMessage[] those) => Queue.ReceiveAsync(those, Ct);

    private Task PutOffAsync(WaitingMessage taken, DateTimeOffset dueAt, bool counts = true) =>
        Queue.PutOffAsync(taken, dueAt, The_queue.Failure("not yet"), counts, Ct);

    private Task GiveUpAsync(WaitingMessage taken, bool stopsKey = false) =>
        Queue.GiveUpAsync(taken, The_queue.Failure("hopeless"), stopsKey, Ct);

    private async Task<MessageFate?> FateAsync(OutgoingMessage message) =>
        (await Queue.FindAsync([message.Id], Ct)).TryGetValue(message.Id, out var fate) ? fate : null;
}

public sealed class The_queue_on_PostgreSQL(MessagesUnderTest messages) : The_queue<MessagesUnderTest>(messages);

public sealed class The_queue_in_memory(MessagesInMemory messages) : The_queue<MessagesInMemory>(messages);
