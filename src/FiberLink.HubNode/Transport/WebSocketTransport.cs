using FiberLink.HubNode.JsonRpc;

namespace FiberLink.HubNode.Transport;

using Answer = NodeAnswer<ReadOnlyMemory<byte>>;

/// <summary>
/// All calls over one WebSocket connection. It is made by the first call and, after it has broken, by the next one; callers who come
/// meanwhile share the attempt. A changed token gets a connection of its own, and the old one ends with its last answer.
/// </summary>
internal sealed class WebSocketTransport(HttpMessageInvoker http, HubNodeOptions options, BearerToken token, TimeProvider time)
    : INodeTransport
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Retiring> _retiring = [];
    private Task<Connecting>? _current;

    public async Task<Answer> SendAsync(long id, ReadOnlyMemory<byte> call, CancellationToken ct)
    {
        Connecting connecting;
        try
        {
            connecting = await ConnectionAsync().WaitAsync(ct);
        }
        catch (OperationCanceledException)
        {
            return NodeTransports.Failed(NodeFailure.Unreachable, "No connection came about in time.");
        }

        return connecting.Connection is { } connection ? await connection.CallAsync(id, call, ct) : connecting.Failure!;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Task<Connecting>? current;
        Retiring[] retiring;
        lock (_lock)
        {
            (current, retiring) = (_current, [.. _retiring]);
            _current = null;
            _retiring.Clear();
        }

        foreach (var (connection, end) in retiring)
        {
            await connection.DisposeAsync();
            await end;
        }

        if (current is not null && (await current).Connection is { } last)
        {
            await last.DisposeAsync();
        }

        _stop.Dispose();
    }

    private Task<Connecting> ConnectionAsync()
    {
        lock (_lock)
        {
            if (_stop.IsCancellationRequested)
            {
                return Task.FromResult(new Connecting(null, NodeTransports.Failed(NodeFailure.Unreachable, "The client was disposed.")));
            }

            if (_current is { IsCompleted: false })
            {
                return _current;
            }

            var now = token.Current();
            var last = _current is { IsCompletedSuccessfully: true } done ? done.Result.Connection : null;
            if (last is not { IsOpen: true } || last.Token != now)
            {
                _retiring.RemoveAll(r => r.End.IsCompleted);
                if (last is not null)
                {
                    _retiring.Add(new(last, last.RetireAsync()));
                }

                NodeCallTelemetry.CountConnection("calls");
                _current = DialAsync(now);
            }

            return _current!;
        }
    }

    private async Task<Connecting> DialAsync(string? bearer)
    {
        using var deadline = new CancellationTokenSource(options.CallTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, _stop.Token);
        try
        {
            var dialled = await NodeSocket.DialAsync(http, options, bearer, NodeTransports.AnswerBytesMax, either.Token);
            return dialled switch
            {
#pragma warning disable CA2000 // The next connection or the transport's end disposes it.
                Dialled.Connected { Socket: var socket } => new(CallConnection.Start(socket, bearer), null),
#pragma warning restore CA2000
                Dialled.Failed { HttpStatus: 401 or 403 } failed =>
                    new(null, NodeTransports.Failed(NodeFailure.Unauthorized, $"HTTP status {failed.HttpStatus}.")),
                Dialled.Failed failed => new(null, NodeTransports.Failed(NodeFailure.Unreachable, failed.Message)),
                _ => throw new System.Diagnostics.UnreachableException(),
            };
        }
        catch (OperationCanceledException)
        {
            return new(null, NodeTransports.Failed(NodeFailure.Unreachable, $"No connection within {options.CallTimeout}."));
        }
    }

    /// <summary>One of the two is there.</summary>
    private sealed record Connecting(CallConnection? Connection, Answer.Failed? Failure);

    private sealed record Retiring(CallConnection Connection, Task End);
}
