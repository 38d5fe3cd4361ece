using FiberLink.HubNode.Changes;
using FiberLink.Testing;

namespace FiberLink.HubNode.Tests;

/// <summary>A watch over changes, its clock and its log; and what a node says to one.</summary>
internal sealed class ChangeScene
{
    public const string Subscribed = """{"jsonrpc":"2.0","id":1,"result":4711}""";

    public DrivenTime Time { get; } = new();

    public LogLines<WebSocketNodeChanges> Log { get; } = new();

    public static string InvoiceChange(int number, string status) =>
        Change("PutCkbInvoiceStatus", $$"""{"payment_hash":"{{InvoiceAnswers.Hash(number)}}","invoice_status":"{{status}}"}""");

    public static string Change(string kind, string value) =>
        $$$"""{"jsonrpc":"2.0","method":"store_changes","params":{"subscription":4711,"result":{"{{{kind}}}":{{{value}}} } } }""";

    public static async Task SubscribedAsync(RawConnection connection)
    {
        await connection.ReceiveAsync();
        await connection.SendAsync(Subscribed);
    }

    /// <summary>Lets a pause of the client's pass, when it has begun: a random part of it, up to a half, may be missing.</summary>
    public async Task PauseAsync(TimeSpan length, TimeSpan early = default)
    {
        await Eventually.HoldsAsync(
            "it pauses", () => Time.NextDueIn is { } due && due > length / 2 - TimeSpan.FromMilliseconds(1) && due <= length, Scene.Ct);
        Time.Advance(length - early);
    }

    public async Task<List<NodeChange>> HearAsync(Uri endpoint, int count)
    {
        await using var ear = Listen(endpoint);
        var heard = new List<NodeChange>();
        while (heard.Count < count)
        {
            heard.Add(await ear.NextAsync());
        }

        return heard;
    }

    public Ear Listen(Uri endpoint, TimeSpan? pings = null, CancellationToken? stop = null)
    {
        var options = new HubNodeOptions
        {
            Endpoint = endpoint,
            CallTimeout = Scene.CallTimeout,
            PingInterval = pings ?? TimeSpan.FromSeconds(10),
        };
        var changes = new WebSocketNodeChanges(Wire.NewHttpClient(), options, Time, Log);
        return new(changes.WatchAsync(stop ?? Scene.Ct).GetAsyncEnumerator(Scene.Ct));
    }
}

/// <summary>Reads one change after the other.</summary>
internal sealed class Ear : IAsyncDisposable
{
    private readonly IAsyncEnumerator<NodeChange> _changes;
    private Task<bool>? _next;

    /// <summary>Begins at once: an enumerable does nothing before it is read.</summary>
    public Ear(IAsyncEnumerator<NodeChange> changes) => (_changes, _next) = (changes, changes.MoveNextAsync().AsTask());

    public async Task<NodeChange> NextAsync()
    {
        Assert.True(await (_next ?? _changes.MoveNextAsync().AsTask()));
        _next = null;
        return _changes.Current;
    }

    public async ValueTask DisposeAsync()
    {
        if (_next is { IsCompleted: false })
        {
            // It cannot be disposed while it is read; the test has failed or ends before the node told anything.
            return;
        }

        await _changes.DisposeAsync();
    }
}
