using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Threading.Channels;
using FiberLink.HubNode.JsonRpc;

namespace FiberLink.HubNode.Transport;

using Answer = NodeAnswer<ReadOnlyMemory<byte>>;

/// <summary>
/// One WebSocket connection with many calls in flight: one loop sends, one receives, answers find their call by id in whatever order
/// they come. When it breaks, every call that had begun to be sent has no answer, and every other was never sent.
/// </summary>
internal sealed class CallConnection : IAsyncDisposable
{
    private readonly NodeSocket _socket;
    private readonly ConcurrentDictionary<long, WaitingCall> _waiting = new();
    private readonly Channel<WaitingCall> _outgoing = Channel.CreateUnbounded<WaitingCall>(new() { SingleReader = true });
    private readonly CancellationTokenSource _ended = new();
    private readonly Lock _ending = new();
    private readonly Task _loops;
    private string? _endedBecause;
    private volatile bool _isRetired;

    private CallConnection(NodeSocket socket, string? token)
    {
        (_socket, Token) = (socket, token);
        _loops = Task.WhenAll(SendAllAsync(), ReceiveAllAsync());
    }

    /// <summary>The token of the upgrade, which holds for every call of this connection.</summary>
    public string? Token { get; }

    public bool IsOpen => !_ended.IsCancellationRequested;

    /// <param name="socket">Connected; from here on it is the connection's, which ends with <see cref="DisposeAsync"/>.</param>
    /// <param name="token">What it was connected with.</param>
    public static CallConnection Start(NodeSocket socket, string? token) => new(socket, token);

    public async Task<Answer> CallAsync(long id, ReadOnlyMemory<byte> text, CancellationToken ct)
    {
        var call = new WaitingCall(text);
        _waiting[id] = call;
        try
        {
            if (!_outgoing.Writer.TryWrite(call))
            {
                return NodeTransports.Failed(NodeFailure.Unreachable, "The connection has ended.");
            }

            return await call.Answer.WaitAsync(ct);
        }
        catch (OperationCanceledException) when (call.TryWithdraw())
        {
            return NodeTransports.Failed(NodeFailure.Unreachable, "The time was over before the call could be sent.");
        }
        finally
        {
            // An answer that comes later belongs to nobody.
            _waiting.TryRemove(id, out _);
            EndIfRetired();
        }
    }

    /// <summary>Ends it as soon as no call waits, and lets go of everything.</summary>
    public async Task RetireAsync()
    {
        _isRetired = true;
        EndIfRetired();
        await _loops;
        Release();
    }

    /// <summary>Ends it now; calls in flight have no answer.</summary>
    public async ValueTask DisposeAsync()
    {
        End("it was closed by us");
        await _loops;
        Release();
    }

    private async Task SendAllAsync()
    {
        try
        {
            await foreach (var call in _outgoing.Reader.ReadAllAsync(_ended.Token))
            {
                if (call.TryBegin())
                {
                    await _socket.SendAsync(call.Text, _ended.Token);
                }
            }
        }
        catch (Exception e) when (IsEnd(e))
        {
            End(e.Message);
        }
    }

    private async Task ReceiveAllAsync()
    {
        try
        {
            while (Take(await _socket.ReceiveAsync(_ended.Token)) is var objection)
            {
                if (objection is not null)
                {
                    End(objection);
                    return;
                }
            }
        }
        catch (Exception e) when (IsEnd(e))
        {
            End(e.Message);
        }
    }

    /// <summary>Hands a message to its call; says what is wrong with the connection if it cannot go on.</summary>
    private string? Take(SocketMessage message)
    {
        switch (message.Kind)
        {
            case SocketMessageKind.Close:
                return "the node closed it";
            case SocketMessageKind.TooLong:
                return $"an answer has more than {NodeTransports.AnswerBytesMax} bytes";
            case SocketMessageKind.Binary:
                return "the node sent what is no text";
            default:
                return Take(message.Text);
        }
    }

    private string? Take(Memory<byte> text)
    {
        var envelope = Envelope.Of(text.Span);
        switch (envelope.Kind)
        {
            case EnvelopeKind.Answer when _waiting.TryRemove(envelope.Id, out var call):
                call.Complete(new Answer.Ok(text.ToArray()));
                return null;
            case EnvelopeKind.Unreadable:
                // It may be the answer to any of them: none may be left to wait for it.
                return "the node sent something that answers no call";
            default:
                NodeCallTelemetry.CountUnexpectedMessage();
                return null;
        }
    }

    private void EndIfRetired()
    {
        if (_isRetired && _waiting.IsEmpty)
        {
            End("it was replaced");
        }
    }

    private void End(string reason)
    {
        lock (_ending)
        {
            if (_endedBecause is not null)
            {
                return;
            }

            _endedBecause = reason;
        }

        // No call can come in after this, so that none is forgotten below.
        _outgoing.Writer.Complete();
        _ended.Cancel();
        foreach (var call in _waiting.Values)
        {
            call.Complete(call.TryWithdraw()
                ? NodeTransports.Failed(NodeFailure.Unreachable, $"The connection ended before the call was sent: {reason}")
                : NodeTransports.Failed(NodeFailure.NoAnswer, $"The connection ended before the answer: {reason}"));
        }
    }

    private void Release()
    {
        _socket.Dispose();
        _ended.Dispose();
    }

    private static bool IsEnd(Exception e) =>
        e is OperationCanceledException or WebSocketException or IOException or ObjectDisposedException or InvalidOperationException;

    private sealed class WaitingCall(ReadOnlyMemory<byte> text)
    {
        private const int Queued = 0;
        private const int Begun = 1;
        private const int Withdrawn = 2;

        private readonly TaskCompletionSource<Answer> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _state = Queued;

        public ReadOnlyMemory<byte> Text => text;

        public Task<Answer> Answer => _answer.Task;

        /// <summary>True once, for the sender: from here on the node may see it.</summary>
        public bool TryBegin() => Interlocked.CompareExchange(ref _state, Begun, Queued) == Queued;

        /// <summary>True if the node will never see it.</summary>
        public bool TryWithdraw() => Interlocked.CompareExchange(ref _state, Withdrawn, Queued) is Queued or Withdrawn;

        public void Complete(Answer answer) => _answer.TrySetResult(answer);
    }
}
