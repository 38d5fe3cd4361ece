namespace FiberLink.EventStore;

/// <summary>Whole streams for many callers. Loads that are wanted while others are under way travel together in one statement.</summary>
/// <remarks>
/// <para>A caller who finds fewer than two statements under way goes at once and alone; so nobody waits for company. Whoever comes
/// later waits, and when a statement ends, those who wait then go together, each seeing all that was committed before it asked.</para>
/// <para>Nothing runs by itself: a statement is run by one of those who want its answers, and whoever ends one passes the turn on to
/// the first who waits. Who gives up leaves at once, except that whoever runs a statement stays until nobody else wants it.</para>
/// </remarks>
internal sealed class StreamLoads(StreamReader reader)
{
    private const int StatementsMax = 2;
    private const int StreamsMax = 64;

    private readonly Lock _gate = new();
    private readonly Queue<Load> _waiting = [];
    private int _underWay;

    public async Task<EventStream> ReadAsync(StreamId stream, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var load = new Load(stream);
        if (TryStart(load))
        {
            return await LeadAsync(stream, [], ct);
        }

        await using var leaving = ct.UnsafeRegister(load.GiveUp, null);
        var answer = await load.Answer;
        return answer.Read ?? await LeadAsync(stream, answer.Companions, ct);
    }

    private bool TryStart(Load load)
    {
        lock (_gate)
        {
            if (_underWay < StatementsMax)
            {
                _underWay++;
                return true;
            }

            _waiting.Enqueue(load);
            return false;
        }
    }

    private async Task<EventStream> LeadAsync(StreamId stream, IReadOnlyList<Load> companions, CancellationToken ct)
    {
        try
        {
            EventStoreTelemetry.CountLoad(companions.Count + 1);
            if (companions.Count == 0)
            {
                return await reader.ReadAsync(stream, ct);
            }

            var own = new Load(stream);
            await using var leaving = ct.UnsafeRegister(own.GiveUp, null);
            await ReadAsync([own, .. companions]);
            return (await own.Answer).Read!;
        }
        finally
        {
            PassOn();
        }
    }

    /// <summary>Answers every load, come what may.</summary>
    private async Task ReadAsync(IReadOnlyList<Load> loads)
    {
        using var stop = new CancellationTokenSource();
        var wanted = loads.ToLookup(l => l.Stream);
        var streams = wanted.Select(w => w.Key).ToArray();
        var reading = reader.ReadAsync(
            streams,
            (at, stream, unread) =>
            {
                foreach (var load in wanted[streams[at]])
                {
                    load.Give(stream!, unread);
                }
            },
            stop.Token);

        // A statement ends early when nobody is left who wants it.
        Task answers = Task.WhenAll(loads.Select(l => l.Answer));
        await Task.WhenAny(reading, answers);
        await stop.CancelAsync();
        await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var load in loads)
        {
            load.Fail(reading.Exception?.InnerException);
        }

        await answers.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>The first who waits takes the turn, with those behind as companions.</summary>
    private void PassOn()
    {
        while (true)
        {
            var next = new List<Load>();
            lock (_gate)
            {
                while (next.Count < StreamsMax && _waiting.TryDequeue(out var load))
                {
                    if (!load.Answer.IsCompleted)
                    {
                        next.Add(load);
                    }
                }

                if (next.Count == 0)
                {
                    _underWay--;
                    return;
                }
            }

            // Whoever gave up in this moment does not take it.
            for (var i = 0; i < next.Count; i++)
            {
                if (next[i].TryLead(next[(i + 1)..]))
                {
                    return;
                }
            }
        }
    }

    /// <summary>One caller's wish, until it has its answer or gave up.</summary>
    private sealed class Load(StreamId stream)
    {
        private readonly TaskCompletionSource<(EventStream? Read, IReadOnlyList<Load> Companions)> _answer =
            new(TaskCreationOptions.RunContinuationsAsynchronously);

        public StreamId Stream { get; } = stream;

        /// <summary>The stream; or none, and then it is this caller's turn to read for its companions too.</summary>
        public Task<(EventStream? Read, IReadOnlyList<Load> Companions)> Answer => _answer.Task;

        public void Give(EventStream read, Exception? unread)
        {
            if (unread is null)
            {
                _answer.TrySetResult((read, []));
            }
            else
            {
                _answer.TrySetException(unread);
            }
        }

        public bool TryLead(IReadOnlyList<Load> companions) => _answer.TrySetResult((null, companions));

        /// <summary>Does nothing when the answer was given.</summary>
        public void Fail(Exception? cause) =>
            _answer.TrySetException(cause ?? new OperationCanceledException($"Reading {Stream} was stopped."));

        public void GiveUp(object? none, CancellationToken ct) => _answer.TrySetCanceled(ct);
    }
}
