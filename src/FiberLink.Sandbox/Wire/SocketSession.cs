using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using FiberLink.Sandbox.Control;
using FiberLink.Sandbox.Subscriptions;

namespace FiberLink.Sandbox.Wire;

/// <summary>One WebSocket: calls with their answers as they are done, and changes once it has subscribed.</summary>
internal sealed class SocketSession(
    WebSocket socket, IAnswerCalls calls, StoreChanges changes, Faults faults, TimeProvider time, CancellationToken stop)
    : ISubscriber, IDisposable
{
    private const int ChunkBytes = 16 * 1024;
    private static readonly TimeSpan OvertakenWithin = TimeSpan.FromMilliseconds(50);

    private readonly SemaphoreSlim _sending = new(1, 1);
    private JsonNode? _overtaken;
    private int? _subscription;

    /// <summary>Answers until the other side goes, or a fault cuts the line.</summary>
    public async Task RunAsync()
    {
        var answering = new List<Task>();
        try
        {
            while (await ReceiveAsync() is { } message && !faults.IsAway)
            {
                answering.RemoveAll(a => a.IsCompletedSuccessfully);
                answering.Add(AnswerAsync(message));
            }
        }
        catch (Exception gone) when (IsGone(gone))
        {
            // The other side doesn't wait for a farewell.
        }
        finally
        {
            changes.Leave(this);
            socket.Abort();
            await Task.WhenAll(answering);
        }
    }

    public void Dispose() => _sending.Dispose();

    public async Task TellAsync(JsonObject change, CancellationToken ct)
    {
        if (faults.IsAway)
        {
            socket.Abort();
            return;
        }

        await SendAsync(new JsonObject
        {
            ["jsonrpc"] = "2.0",
            ["method"] = "store_changes",
            ["params"] = new JsonObject { ["subscription"] = _subscription, ["result"] = change.DeepClone() },
        });
    }

    private async Task AnswerAsync(byte[] message)
    {
        try
        {
            if (faults.TakeDelay() is var delay && delay > TimeSpan.Zero)
            {
                await Task.Delay(delay, time, stop);
            }

            if (faults.TakeCutBefore())
            {
                socket.Abort();
                return;
            }

            // Only calls lose their answers by the number: when somebody begins to listen is chance.
            var hasSubscribed = false;
            var answer = await calls.AnswerAsync(message, () =>
            {
                hasSubscribed = true;
                return Subscribe();
            });
            if ((!hasSubscribed && faults.TakeLostAnswer()) || faults.TakeCutAfter())
            {
                socket.Abort();
                return;
            }

            if (answer is not null)
            {
                await SendInTurnAsync(answer);
            }
        }
        catch (OperationCanceledException)
        {
            // The node stops.
        }
        catch (NodePanicException)
        {
            socket.Abort();
        }
    }

    private async Task SendInTurnAsync(JsonNode answer)
    {
        if (!faults.AnswersAreReordered)
        {
            await SendOrTwiceAsync(answer);
            return;
        }

        if (Interlocked.Exchange(ref _overtaken, null) is { } earlier)
        {
            await SendOrTwiceAsync(answer);
            await SendOrTwiceAsync(earlier);
            return;
        }

        // Whoever comes next overtakes it; when nobody does it is sent all the same.
        Interlocked.Exchange(ref _overtaken, answer);
        await Task.Delay(OvertakenWithin, time, stop);
        if (Interlocked.CompareExchange(ref _overtaken, null, answer) == answer)
        {
            await SendOrTwiceAsync(answer);
        }
    }

    private async Task SendOrTwiceAsync(JsonNode answer)
    {
        await SendAsync(answer);
        if (faults.AnswersAreDoubled)
        {
            await SendAsync(answer);
        }
    }

    private int Subscribe()
    {
        _subscription = changes.Subscribe(this);
        return _subscription.Value;
    }

    private async Task SendAsync(JsonNode message)
    {
        try
        {
            await _sending.WaitAsync(stop);
            try
            {
                await socket.SendAsync(Encoding.UTF8.GetBytes(message.ToJsonString()), WebSocketMessageType.Text, true, stop);
            }
            finally
            {
                _sending.Release();
            }
        }
        catch (Exception gone) when (IsGone(gone) || gone is ObjectDisposedException)
        {
            // It has left meanwhile; the receiving side notices.
        }
    }

    private async Task<byte[]?> ReceiveAsync()
    {
        using var message = new MemoryStream();
        var chunk = new byte[ChunkBytes];
        while (true)
        {
            var received = await socket.ReceiveAsync(chunk.AsMemory(), stop);
            if (received.MessageType == WebSocketMessageType.Close || message.Length + received.Count > SandboxEndpoint.BodyBytesMax)
            {
                return null;
            }

            message.Write(chunk, 0, received.Count);
            if (received.EndOfMessage)
            {
                return message.ToArray();
            }
        }
    }

    private static bool IsGone(Exception e) =>
        e is WebSocketException or IOException or OperationCanceledException or InvalidOperationException;
}
