namespace FiberLink.EventStore;

/// <summary>The state of one stream, with what is on its way to the log.</summary>
internal sealed class KeptState<TState>
{
    // Long enough for a stream that many commands want; short enough that another node has seldom written meanwhile.
    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private StreamState<TState>? _state;
    private Task<AppendResult> _last = Task.FromResult<AppendResult>(new AppendResult.Appended([]));
    private Guid _lastId;
    private int _generation;
    private long _since;

    /// <summary>Decides, and starts to append what was decided, before anybody else decides over this stream.</summary>
    /// <param name="read">The state as it was read from the log for this command; null when it wasn't.</param>
    /// <param name="decide">From a state to a change.</param>
    /// <param name="append">Starts to append; returns when the change has its place in the queue.</param>
    /// <param name="evolve">The state after an event.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="time">Tells how old the kept state is.</param>
    public Next Step(
        StreamState<TState>? read,
        Func<StreamState<TState>, Change?> decide,
        Func<Change, Task<AppendResult>> append,
        Func<TState, object, TState> evolve,
        StreamId stream,
        TimeProvider time)
    {
        lock (_gate)
        {
            if (_last.IsCompleted && (time.GetElapsedTime(_since) > KeptFor || !HasArrived(_last)))
            {
                _state = null;
            }

            var change = read is { } certain ? decide(certain) : null;
            if (read is not null && EventsOf(change, stream) is null)
            {
                return new Next.Said(read.Value.State, change is null ? null : append(change), _generation);
            }

            var isAhead = _state is { } known && (read is null || known.Version > read.Value.Version);
            if ((isAhead ? _state : read) is not { } state)
            {
                return Next.MustRead;
            }

            change = isAhead ? decide(state) : change;
            if (EventsOf(change, stream) is not { } events)
            {
                // Of a state that nobody has confirmed nothing is said that nobody will confirm.
                return Next.MustRead;
            }

            var written = append(isAhead && !HasArrived(_last) ? change! with { BuiltOn = _lastId } : change!);
            (_last, _lastId) = (written, change!.Id);
            _generation = isAhead ? _generation : _generation + 1;
            _state = _lastId == Guid.Empty
                ? null // Nothing could be said to be built on it.
                : new(events.Aggregate(state.State, (s, e) => evolve(s, e.Body)), state.Version + events.Count);
            _since = time.GetTimestamp();
            return new Next.Said(state.State, written, _generation);
        }
    }

    /// <summary>Something on the way did not arrive: what was built on it is void.</summary>
    /// <param name="generation">Of which row of decisions it was.</param>
    public void Forget(int generation)
    {
        lock (_gate)
        {
            if (_generation == generation)
            {
                _state = null;
            }
        }
    }

    /// <summary>Comes back when what is on the way now has arrived, or has not.</summary>
    public async Task SettledAsync()
    {
        Task last;
        lock (_gate)
        {
            last = _last;
        }

        await last.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private static bool HasArrived(Task<AppendResult> append) =>
        append is { IsCompletedSuccessfully: true, Result: AppendResult.Appended };

    private static IReadOnlyList<NewEvent>? EventsOf(Change? change, StreamId stream) =>
        change?.Appends.FirstOrDefault(a => a.Stream == stream)?.Events;

    /// <summary>What comes next.</summary>
    public abstract record Next
    {
        private Next()
        {
        }

        public static Next MustRead { get; } = new Read();

        /// <summary>The state must be read from the log first.</summary>
        public sealed record Read : Next;

        /// <param name="State">What was decided on.</param>
        /// <param name="Append">What became of it; null when nothing is to be written.</param>
        /// <param name="Generation">Of which row of decisions it is.</param>
        public sealed record Said(TState State, Task<AppendResult>? Append, int Generation) : Next;
    }
}
