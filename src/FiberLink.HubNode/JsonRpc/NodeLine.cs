using System.Diagnostics;
using System.Text.Json;
using FiberLink.HubNode.Transport;

namespace FiberLink.HubNode.JsonRpc;

/// <summary>One request on the wire, when its turn comes.</summary>
internal sealed class NodeLine(HttpClient http, HubNodeOptions options, TimeProvider time) : IAsyncDisposable
{
    private readonly INodeTransport _transport = NodeTransports.For(http, options, new BearerToken(options, time), time);
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _turns = new(options.CallsInFlightMax, options.CallsInFlightMax);
    private long _lastId;

    /// <summary>Ends every call: whoever waits has no answer, or has sent nothing.</summary>
    public CancellationToken Stopping => _stop.Token;

    /// <param name="method">What is called.</param>
    /// <param name="parameters">Writes the members of the parameters' only object; null for none.</param>
    /// <param name="read">From the result to our words; a <see cref="FormatException"/> makes it no answer.</param>
    /// <param name="either">Ends with the caller's patience, with the call's time, or with <see cref="Stopping"/>.</param>
    /// <param name="callers">The caller's patience alone.</param>
    /// <exception cref="OperationCanceledException">The caller's patience has ended.</exception>
    public async Task<Attempt<T>> SendAsync<T>(
        NodeMethod method,
        Action<Utf8JsonWriter>? parameters,
        Func<JsonElement, T> read,
        CancellationToken either,
        CancellationToken callers)
    {
        try
        {
            await _turns.WaitAsync(either);
        }
        catch (OperationCanceledException) when (!callers.IsCancellationRequested)
        {
            return NoTurn<T>();
        }

        try
        {
            // The turn may have come at the very end of the time; sending now would only make the outcome unknown.
            return either.IsCancellationRequested && !callers.IsCancellationRequested
                ? NoTurn<T>()
                : await ExchangeAsync(new(Interlocked.Increment(ref _lastId), method, parameters), read, either, callers);
        }
        finally
        {
            _turns.Release();
        }
    }

    /// <summary>Comes back when no call is in flight any more.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _transport.DisposeAsync();
        for (var turn = 0; turn < options.CallsInFlightMax; turn++)
        {
            await _turns.WaitAsync();
        }

        _stop.Dispose();
        _turns.Dispose();
    }

    private async Task<Attempt<T>> ExchangeAsync<T>(
        RpcCall call, Func<JsonElement, T> read, CancellationToken either, CancellationToken callers)
    {
        var startedAt = time.GetTimestamp();
        var error = "cancelled";
        NodeCallTelemetry.CountInFlight(1, call.Method.Name);
        try
        {
            var attempt = await _transport.SendAsync(call.Id, call.ToBytes(), either) switch
            {
                NodeAnswer<ReadOnlyMemory<byte>>.Ok { Value: var bytes } => new Attempt<T>(call.Read(bytes, read), Reach.Answered),
                NodeAnswer<ReadOnlyMemory<byte>>.Failed failed =>
                    new Attempt<T>(Failed<T>(failed.Failure, failed.Detail), ReachOf(failed.Failure)),
                _ => throw new UnreachableException(),
            };
            error = attempt.Failed is { } refused ? NodeCallTelemetry.Outcome(refused.Failure) : null;
            return attempt;
        }
        catch (OperationCanceledException) when (!callers.IsCancellationRequested)
        {
            error = NodeCallTelemetry.Outcome(NodeFailure.NoAnswer);
            return new(Failed<T>(NodeFailure.NoAnswer, $"No answer within {options.CallTimeout}."), Reach.Outage);
        }
        finally
        {
            NodeCallTelemetry.CountInFlight(-1, call.Method.Name);
            NodeCallTelemetry.RecordAttempt(call.Method.Name, options.Endpoint, error, time.GetElapsedTime(startedAt));
        }
    }

    private Attempt<T> NoTurn<T>() =>
        new(Failed<T>(NodeFailure.Unreachable, $"No turn within {options.CallTimeout}: too many calls in flight."), Reach.NotTried);

    private static Reach ReachOf(NodeFailure failure) =>
        failure is NodeFailure.Unreachable or NodeFailure.NoAnswer ? Reach.Outage : Reach.Answered;

    private static NodeAnswer<T>.Failed Failed<T>(NodeFailure failure, string detail) => new(failure, detail);
}
