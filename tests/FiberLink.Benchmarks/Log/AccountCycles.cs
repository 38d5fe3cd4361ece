using FiberLink.EventStore;

namespace FiberLink.Benchmarks.Log;

/// <summary>Load an account, decide, append at the version that was decided on; and again when somebody else was faster.</summary>
internal interface IAccountCycle
{
    /// <summary>How it goes about it, for the table.</summary>
    string Name { get; }

    /// <summary>How often somebody else was faster.</summary>
    int Conflicts { get; }

    /// <summary>Takes so much out of the account if there is as much in it, else puts it in.</summary>
    /// <param name="stream">The stream that is decided over.</param>
    /// <param name="credited">The account whose balance is kept inline.</param>
    /// <param name="units">How much.</param>
    /// <param name="ct">Gives up.</param>
    Task MoveAsync(StreamId stream, string credited, long units, CancellationToken ct);
}

/// <summary>The decision that all cycles make.</summary>
internal static class AccountDecision
{
    public static Change Decide(StreamId stream, AccountState state, long version, string credited, long units) =>
        Accounts.Change(
            stream,
            ExpectedVersion.Exactly(version),
            state.Units >= units ? new Withdrawn(credited, units) : new Deposited(credited, units));
}

/// <summary>Reads the stream from the log each time.</summary>
internal sealed class ReadingCycle(IEventStore store) : IAccountCycle
{
    private const int AttemptsMax = 1_000;

    private int _conflicts;

    public string Name => "read each time";

    public int Conflicts => _conflicts;

    public async Task MoveAsync(StreamId stream, string credited, long units, CancellationToken ct)
    {
        for (var attempt = 0; attempt < AttemptsMax; attempt++)
        {
            var read = await store.ReadStreamAsync(stream, ct);
            var state = read.Events.Aggregate(AccountState.Empty, (s, e) => AccountState.Evolve(s, e.Body));
            var result = await store.AppendAsync(AccountDecision.Decide(stream, state, read.Version, credited, units), ct);
            if (result is AppendResult.Appended)
            {
                return;
            }

            if (result is not AppendResult.VersionMoved)
            {
                throw new InvalidOperationException($"An append ended in {result}.");
            }

            Interlocked.Increment(ref _conflicts);
        }

        throw new StreamIsContestedException(stream, AttemptsMax);
    }
}

/// <summary>As the service does it: states are kept for a moment, and a decision may build on one that is on its way.</summary>
internal sealed class KeptCycle(IEventStore store) : IAccountCycle
{
    private readonly StreamStates<AccountState> _states = new(store, AccountState.Empty, AccountState.Evolve, TimeProvider.System);

    private int _conflicts;

    public string Name => "as the service does it";

    public int Conflicts => _conflicts;

    public async Task MoveAsync(StreamId stream, string credited, long units, CancellationToken ct)
    {
        var decisions = 0;
        var decided = await _states.DecideAsync(
            stream,
            past =>
            {
                decisions++;
                return AccountDecision.Decide(stream, past.State, past.Version, credited, units);
            },
            isNew: false,
            ct);
        if (decided.Result is not AppendResult.Appended)
        {
            throw new InvalidOperationException($"An append ended in {decided.Result}.");
        }

        Interlocked.Add(ref _conflicts, decisions - 1);
    }
}
