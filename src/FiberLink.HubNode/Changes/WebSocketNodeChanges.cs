using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using FiberLink.HubNode.JsonRpc;
using FiberLink.HubNode.Transport;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace FiberLink.HubNode.Changes;

/// <summary><c>subscribe_store_changes</c> over a WebSocket of its own, on the port that serves the calls.</summary>
/// <param name="http">The caller's, who also disposes it; makes the connections.</param>
/// <param name="options">Checked by the caller.</param>
/// <param name="time">Pauses, deadlines and silence are measured by this clock.</param>
/// <param name="log">Told when the watch ends or is not offered.</param>
/// <exception cref="HubNodeSettingsException">The token's settings are wrong.</exception>
public sealed class WebSocketNodeChanges(
    HttpClient http, HubNodeOptions options, TimeProvider time, ILogger<WebSocketNodeChanges>? log = null) : INodeChanges
{
    /// <summary>How long a node that offers no changes is left alone.</summary>
    public static readonly TimeSpan NotOfferedPause = TimeSpan.FromMinutes(5);

    private const int MessageBytesMax = 256 * 1024;
    private const int DoublingsMax = 7;

    private static readonly TimeSpan PauseMin = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan SteadyAfter = TimeSpan.FromSeconds(30);
    private static readonly byte[] Subscribe =
        """{"jsonrpc":"2.0","id":1,"method":"subscribe_store_changes","params":[]}"""u8.ToArray();

    private readonly BearerToken _token = new(options, time);
    private readonly ILogger _log = log ?? NullLogger<WebSocketNodeChanges>.Instance;

    /// <inheritdoc />
    public async IAsyncEnumerable<NodeChange> WatchAsync([EnumeratorCancellation] CancellationToken ct)
    {
        var buffer = new ChangeBuffer();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var watching = WatchOnAsync(buffer, stop.Token);
        try
        {
            await foreach (var change in buffer.ReadAllAsync(ct))
            {
                yield return change;
            }

            // The connection may have noticed before the reader did.
            ct.ThrowIfCancellationRequested();
        }
        finally
        {
            await stop.CancelAsync();
            await watching;
        }
    }

    /// <summary>Connects again and again until it is stopped. Whatever ends it ends the reader too.</summary>
    private async Task WatchOnAsync(ChangeBuffer buffer, CancellationToken stop)
    {
        Exception? broken = null;
        try
        {
            var failures = 0;
            var isOffered = true;
            while (true)
            {
                var startedAt = time.GetTimestamp();
                var end = await WatchOnceAsync(buffer, stop);
                if (end.IsRefusal)
                {
                    failures = 0;
                    if (isOffered)
                    {
                        NodeLog.ChangesNotOffered(_log, end.Reason, NotOfferedPause);
                        await buffer.MarkAsync(new NodeChange.NotOffered(end.Reason), stop);
                    }

                    isOffered = false;
                    await Task.Delay(NotOfferedPause, time, stop);
                    continue;
                }

                // A node that lets us in only to throw us out is not asked at full speed.
                failures = time.GetElapsedTime(startedAt) >= SteadyAfter ? 1 : failures + 1;
                isOffered = true;
                var pause = Pause(failures);
                NodeLog.WatchEnded(_log, end.Reason, pause);
                if (end.WasConnected)
                {
                    await buffer.MarkAsync(new NodeChange.Disconnected(end.Reason), stop);
                }

                await Task.Delay(pause, time, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The reader has left, or is told by its own token.
        }
        catch (Exception e)
        {
            broken = e;
            throw;
        }
        finally
        {
            buffer.End(broken);
        }
    }

    private async Task<WatchEnd> WatchOnceAsync(ChangeBuffer buffer, CancellationToken stop)
    {
        // One clock for both: until the node has taken the subscription its patience is a call's, and then that for silence.
        using var patience = new CancellationTokenSource(options.CallTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, patience.Token);
        var isConnected = false;
        try
        {
            NodeCallTelemetry.CountConnection("changes");
            switch (await NodeSocket.DialAsync(http, options, _token.Current(), MessageBytesMax, either.Token))
            {
                case Dialled.Connected { Socket: var dialled }:
                    using (var socket = dialled)
                    {
                        await socket.SendAsync(Subscribe, either.Token);
                        while (true)
                        {
                            var message = await socket.ReceiveAsync(either.Token);
                            if (End(message, Take(message)) is { } end)
                            {
                                return end with { WasConnected = isConnected };
                            }

                            if (isConnected)
                            {
                                patience.CancelAfter(options.SilenceMax);
                            }
                        }
                    }

                case Dialled.Failed { HttpStatus: >= 400 and < 500 or 200 or 501 } refused:
                    return new($"HTTP status {refused.HttpStatus}", IsRefusal: true);
                case Dialled.Failed failed:
                    return new(failed.Message);
                default:
                    throw new System.Diagnostics.UnreachableException();
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return new(isConnected ? $"nothing was told for {options.SilenceMax}" : $"no answer within {options.CallTimeout}", isConnected);
        }
        catch (Exception e) when (e is WebSocketException or IOException)
        {
            return new(e.Message, isConnected);
        }

        ChangeMessage? Take(SocketMessage message)
        {
            if (message.Kind is not SocketMessageKind.Text)
            {
                return null;
            }

            var said = ChangeReading.Read(message.Text);

            // A preimage may have been in it.
            CryptographicOperations.ZeroMemory(message.Text.Span);
            switch (said)
            {
                case ChangeMessage.Subscribed when !isConnected:
                    isConnected = true;
                    buffer.Offer(new NodeChange.Connected());
                    break;
                case ChangeMessage.Change { Value: var change }:
                    NodeCallTelemetry.CountChange(change is NodeChange.InvoiceChanged ? "invoice" : "payment");
                    buffer.Offer(change);
                    break;
                case ChangeMessage.Ignored { Kind: var kind }:
                    NodeCallTelemetry.CountChange(kind);
                    break;
                default:
                    break;
            }

            return said;
        }
    }

    private static WatchEnd? End(SocketMessage message, ChangeMessage? said) => (message.Kind, said) switch
    {
        (SocketMessageKind.Close, _) => new("the node closed the connection"),
        (SocketMessageKind.Binary, _) or (_, ChangeMessage.Garbage) => new("the node sent something that is no message"),
        (_, ChangeMessage.Refused refused) => new(refused.Reason, IsRefusal: refused.IsForGood),

        // One change that is too long to be read is one change less, and no reason to lose those that follow.
        _ => null,
    };

    /// <summary>Doubling, and a random part of it less, so that many of us don't come back at one moment.</summary>
    private static TimeSpan Pause(int failures)
    {
        var whole = PauseMin * (1 << Math.Min(failures - 1, DoublingsMax));
        return whole - (whole * (RandomNumberGenerator.GetInt32(50) / 100.0));
    }

    /// <param name="Reason">For people and logs.</param>
    /// <param name="WasConnected">Changes were told.</param>
    /// <param name="IsRefusal">The node doesn't offer it.</param>
    private sealed record WatchEnd(string Reason, bool WasConnected = false, bool IsRefusal = false);
}
