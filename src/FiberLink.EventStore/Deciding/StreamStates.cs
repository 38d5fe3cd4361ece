using System.Collections.Concurrent;

namespace FiberLink.EventStore;

/// <summary>
/// Decides over streams: load the state, decide, append at its version; and again when somebody else was faster. States that were
/// just decided over are kept for a moment, so that many commands for one stream need not wait for each other.
/// </summary>
/// <remarks>
/// A kept state may have events in it that are still being written. The next decision builds on them, and its change says so: both
/// go into one transaction, or the second is refused because the first is missing, and is decided anew.
/// So what is accepted is always right, because the log checks it. What appends nothing (a refusal, a wish that is granted
/// already) is checked by nobody, and is therefore only ever said of a state that was read from the log after the command came.
/// </remarks>
/// <typeparam name="TState">The state that a stream's events add up to; immutable.</typeparam>
public sealed class StreamStates<TState>
{
    private const int AttemptsMax = 16;
    private const int KeptMax = 4_096;

    private readonly IEventStore _store;
    private readonly TState _initial;
    private readonly Func<TState, object, TState> _evolve;
    private readonly TimeProvider _time;
    private readonly Func<StreamId, CancellationToken, Task<StreamState<TState>>> _load;

    // Two halves: when the young one is full it becomes the old one, and what was old is forgotten.
    private ConcurrentDictionary<StreamId, KeptState<TState>> _young = new();
    private ConcurrentDictionary<StreamId, KeptState<TState>> _old = new();

    /// <param name="store">The log.</param>
    /// <param name="initial">The state of a stream without events.</param>
    /// <param name="evolve">The state after an event; pure.</param>
    /// <param name="time">Tells how long a state has been kept.</param>
    /// <param name="load">How a state is read: from a snapshot, say. All events of the stream, folded, when null.</param>
    public StreamStates(
        IEventStore store,
        TState initial,
        Func<TState, object, TState> evolve,
        TimeProvider time,
        Func<StreamId, CancellationToken, Task<StreamState<TState>>>? load = null) =>
        (_store, _initial, _evolve, _time, _load) = (store, initial, evolve, time, load ?? FoldAsync);

    /// <summary>The state as the log has it now.</summary>
    public Task<StreamState<TState>> LoadAsync(StreamId stream, CancellationToken ct) => _load(stream, ct);

    /// <summary>Decides, and appends what was decided.</summary>
    /// <param name="stream">The stream that is decided over.</param>
    /// <param name="decide">
    /// From the present state to the change, or null when there is nothing to write. Pure; may be called several times.
    /// </param>
    /// <param name="isNew">True when the stream's id was made up for this command, so that nothing can be in it.</param>
    /// <param name="ct">Gives up before the commit; what has committed stays.</param>
    /// <returns>What the decision was made on, and what became of it. Never <see cref="AppendResult.VersionMoved"/>.</returns>
    /// <exception cref="StreamIsContestedException">Others wrote to the stream each time.</exception>
    public async Task<Decided<TState>> DecideAsync(
        StreamId stream, Func<StreamState<TState>, Change?> decide, bool isNew, CancellationToken ct)
    {
        var kept = Keep(stream);
        StreamState<TState>? read = isNew ? new(_initial, 0) : null;
        for (var attempt = 1; attempt <= AttemptsMax; attempt++)
        {
            var step = kept.Step(read, decide, change => _store.AppendAsync(change, ct), _evolve, stream, _time);
            if (step is KeptState<TState>.Next.Said said)
            {
                var result = await ResultAsync(said, kept);
                if (result is not AppendResult.VersionMoved)
                {
                    return new(said.State, result);
                }
            }

            // Not before those have committed who are on the way: the state is to have them in it, or not, for good.
            await kept.SettledAsync();
            read = await LoadAsync(stream, ct);
        }

        throw new StreamIsContestedException(stream, AttemptsMax);
    }

    private static async Task<AppendResult?> ResultAsync(KeptState<TState>.Next.Said said, KeptState<TState> kept)
    {
        if (said.Append is not { } append)
        {
            return null;
        }

        try
        {
            var result = await append;
            if (result is not AppendResult.Appended)
            {
                kept.Forget(said.Generation);
            }

            return result;
        }
        catch
        {
            kept.Forget(said.Generation);
            throw;
        }
    }

    private async Task<StreamState<TState>> FoldAsync(StreamId stream, CancellationToken ct)
    {
        var read = await _store.ReadStreamAsync(stream, ct);
        return new(read.Events.Aggregate(_initial, (state, e) => _evolve(state, e.Body)), read.Version);
    }

    private KeptState<TState> Keep(StreamId stream)
    {
        if (_young.TryGetValue(stream, out var kept))
        {
            return kept;
        }

        kept = _young.GetOrAdd(stream, _old.TryGetValue(stream, out var old) ? old : new KeptState<TState>());
        if (_young.Count > KeptMax / 2)
        {
            (_old, _young) = (_young, new());
        }

        return kept;
    }
}

/// <param name="State">What the events add up to.</param>
/// <param name="Version">How many there are.</param>
public readonly record struct StreamState<TState>(TState State, long Version);

/// <param name="State">What the decision was made on: the state before the change.</param>
/// <param name="Result">What became of the change; null when there was nothing to write.</param>
public sealed record Decided<TState>(TState State, AppendResult? Result);

/// <summary>Writers kept overtaking each other on one stream. Retrying later may succeed.</summary>
public sealed class StreamIsContestedException(StreamId stream, int attempts)
    : Exception($"{stream} moved under us {attempts} times.");
