using System.Text.Json;
using Polly;
using Polly.Retry;

namespace FiberLink.HubNode.JsonRpc;

/// <summary>
/// The way of every call: a deadline for the whole, then the gate, then the line; and again after an outage, if the method is safe to
/// repeat and there is time.
/// </summary>
internal sealed class NodeCaller(NodeLine line, NodeGate gate, HubNodeOptions options, TimeProvider time)
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan RetryPauseMax = TimeSpan.FromSeconds(1);

    private readonly ResiliencePipeline _repeating = Repeating(options, time);

    /// <summary>Makes one call.</summary>
    /// <param name="method">What is called.</param>
    /// <param name="parameters">Writes the members of the parameters' only object; null for none.</param>
    /// <param name="read">From the result to our words; a <see cref="FormatException"/> makes it no answer.</param>
    /// <param name="ct">The caller's.</param>
    /// <exception cref="OperationCanceledException">By the caller's wish alone.</exception>
    public Task<Attempt<T>> CallAsync<T>(
        NodeMethod method, Action<Utf8JsonWriter>? parameters, Func<JsonElement, T> read, CancellationToken ct) =>
        RunAsync(
            method,
            async (either, callers) =>
            {
                if (await gate.ObjectionAsync(either, callers) is { } objection)
                {
                    return new Attempt<T>(new NodeAnswer<T>.Failed(objection.Failure, objection.Detail), Reach.NotTried);
                }

                var attempt = await line.SendAsync(method, parameters, read, either, callers);
                gate.Note(attempt.Reach);
                return attempt;
            },
            ct);

    /// <summary>Asks the node who it is. It passes by the gate: that is what finds out that the node is back.</summary>
    /// <param name="ct">The caller's.</param>
    public Task<Attempt<NodeInfo>> AskAsync(CancellationToken ct) => RunAsync(NodeMethod.NodeInfo, gate.AskAsync, ct);

    private async Task<Attempt<T>> RunAsync<T>(
        NodeMethod method, Func<CancellationToken, CancellationToken, Task<Attempt<T>>> attemptAsync, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        using var activity = NodeCallTelemetry.Start(method.Name);
        var startedAt = time.GetTimestamp();
        using var deadline = new CancellationTokenSource(options.CallTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, deadline.Token, line.Stopping);
        try
        {
            var attempt = method.IsRepeatable && options.RetriesMax > 0
                ? await RepeatAsync(method, token => attemptAsync(token, ct), either.Token)
                : await attemptAsync(either.Token, ct);
            if (attempt.Failed is not null)
            {
                ct.ThrowIfCancellationRequested();
            }

            NodeCallTelemetry.Stop(activity, method.Name, attempt.Failed?.Failure, time.GetElapsedTime(startedAt));
            return attempt;
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            NodeCallTelemetry.StopCancelled(activity, method.Name, time.GetElapsedTime(startedAt));

            // The token thrown with is the linked one; callers compare with their own.
            throw new OperationCanceledException(ct);
        }
    }

    /// <summary>
    /// After an attempt that may have taken effect, a later one that was never sent does not make that undone: the whole remains
    /// without an answer.
    /// </summary>
    private async Task<Attempt<T>> RepeatAsync<T>(
        NodeMethod method, Func<CancellationToken, Task<Attempt<T>>> attemptAsync, CancellationToken either)
    {
        Attempt<T>? last = null;
        var isUnsure = false;
        try
        {
            await _repeating.ExecuteAsync<IAttempt>(
                async token =>
                {
                    if (last is not null)
                    {
                        isUnsure |= last.Failed is { Failure: NodeFailure.NoAnswer };
                        NodeCallTelemetry.CountRetry(method.Name);
                    }

                    return last = await attemptAsync(token);
                },
                either);
        }
        catch (OperationCanceledException) when (last is { Reach: Reach.Outage })
        {
            // The time ended while waiting to repeat it; what the last attempt came to holds.
        }

        return (isUnsure, last!.Failed) switch
        {
            (false, _) => last,
            (true, { Failure: NodeFailure.Unreachable or NodeFailure.CircuitOpen } failed) =>
                last with { Answer = new NodeAnswer<T>.Failed(NodeFailure.NoAnswer, $"An earlier attempt had no answer. {failed.Detail}") },
            _ => last with { FollowsUnsure = true },
        };
    }

    private static ResiliencePipeline Repeating(HubNodeOptions options, TimeProvider time) =>
        options.RetriesMax == 0
            ? ResiliencePipeline.Empty
            : new ResiliencePipelineBuilder { TimeProvider = time }
                .AddRetry(new RetryStrategyOptions
                {
                    MaxRetryAttempts = options.RetriesMax,
                    BackoffType = DelayBackoffType.Exponential,
                    UseJitter = true,
                    Delay = RetryPause,
                    MaxDelay = RetryPauseMax,
                    ShouldHandle = args => ValueTask.FromResult(args.Outcome.Result is IAttempt { Reach: Reach.Outage }),
                })
                .Build();
}
