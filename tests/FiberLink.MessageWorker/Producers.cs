using FiberLink.EventStore;
using Npgsql;

namespace FiberLink.MessageWorker;

/// <summary>Several callers who commit letters with an event. What has committed is for the log to say.</summary>
/// <param name="store">Where.</param>
/// <param name="committed">Called after commits.</param>
/// <param name="name">Of the streams.</param>
internal sealed class Producers(IEventStore store, Action committed, string name)
{
    /// <summary>Commits until it is told to stop.</summary>
    /// <param name="seed">Of what is asked for.</param>
    /// <param name="count">How many callers.</param>
    /// <param name="stop">Ends it after the changes that have begun.</param>
    public Task RunAsync(int seed, int count, CancellationToken stop) =>
        Task.WhenAll(Enumerable.Range(0, count).Select(async caller =>
        {
#pragma warning disable CA5394 // Chance by a seed, so that a run can be repeated.
            var letters = new RandomLetters(new Random((seed * 31) + caller));
#pragma warning restore CA5394
            while (!stop.IsCancellationRequested)
            {
                try
                {
                    await store.AppendAsync(Letters.Asking(letters.Some(), letters.Tenant(), $"asked-{name}"), CancellationToken.None);
                    committed();
                }
                catch (NpgsqlException)
                {
                    // The database is away. Perhaps it has committed: the log knows.
                }

                await Task.Delay(letters.Pause(), TimeProvider.System, CancellationToken.None);
            }
        }));
}
